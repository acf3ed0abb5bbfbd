"""Tells texts that look like passwords, keys and tokens. What is found is never repeated."""

from __future__ import annotations

import re
from typing import Iterator, Mapping

# A name says so by its words: API_TOKEN, dbPassword; but not MONKEY, TOKENIZER or KEYFRAMES.
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_TELLING = {"password", "passwd", "passphrase", "secret", "token", "credential", "credentials",
            "apikey", "pwd"}
_BEFORE_KEY = {"api", "access", "private", "secret", "auth", "signing", "encryption"}
# These end with a telling word and hold a place or a switch.
_HARMLESS = {"path", "file", "folder", "dir", "name", "url", "id", "count", "limit"}
_WORKING_FOLDERS = {"PWD", "OLDPWD"}

_VALUES = (
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY"),
    re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    re.compile(r"\beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*"),
    re.compile(r"\b(?:ghp|gho|ghs|github_pat|glpat|xox[abprs])[_-][\w-]{16,}"),
    re.compile(r"://[^/\s:@]+:[^/\s@]+@"),
    re.compile(r"\bBearer +[\w.~+/-]{8,}", re.IGNORECASE),
)
_OPTION = re.compile(r"""(?:^|[\s"'])(?:-{1,2}|(?=\w+=))([A-Za-z][\w-]*)(?:=|[ ]+(?!-))(\S+)""")


def is_secret(name: str, value: str) -> bool:
    """True when a named value seems to be a secret, by its name or by itself."""
    return bool(value.strip()) and (_names_secret(name) or holds_secret(value))


def holds_secret(text: str) -> bool:
    """True when a part of a text has the form of a key or token."""
    return any(pattern.search(text) for pattern in _VALUES)


def may_be_quoted(text: str) -> bool:
    """False for a text that speaks of a secret anywhere; a message then must not repeat it."""
    return not holds_secret(text) and not _TELLING & {
        word.lower() for word in _WORD.findall(text)}


def secret_names(values: Mapping[str, str]) -> list[str]:
    """Names of the values that seem to be secret."""
    return [name for name, value in values.items() if is_secret(name, value)]


def command_options(command: str) -> Iterator[str]:
    """Options and assignments of a command whose value seems to be a secret: ``--password x``."""
    for found in _OPTION.finditer(command):
        # A variable is not the secret itself: the shell of the node fills it in.
        if _names_secret(found.group(1)) and not found.group(2).lstrip("\"'").startswith("$"):
            yield found.group(1)


def _names_secret(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or name in _WORKING_FOLDERS or words[-1] in _HARMLESS:
        return False
    pairs = zip(words, words[1:])
    return bool(_TELLING & set(words)) or any(
        one in _BEFORE_KEY and two == "key" for one, two in pairs)
