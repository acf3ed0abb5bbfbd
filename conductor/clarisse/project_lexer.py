r"""The characters of a ``.project`` file: lines, tokens, quoting.

The grammar, as seen in project files of Clarisse 3 to 5: one entry per line; an opening brace ends
its line, a closing brace stands alone; a string never spans lines and escapes with a backslash.
``//`` where a token could start begins a comment up to the end of the line. Lines end in ``\n`` or
``\r\n``.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from conductor.lib.errors import ProjectFileError

BLANKS = r"[ \t\r]*"
STRING = r'"[^"\\\n]*(?:\\[^\n][^"\\\n]*)*"'

_TOKEN = re.compile(BLANKS + "(?:(" + STRING + r')|((?!//)[^ \t\r\n"{}]+))')
_ESCAPE = re.compile(r"\\(.)")
_UNSAFE = re.compile(r"[\\\"'\n]")


class Token(NamedTuple):
    """One value of a line.

    Attributes:
        text: decoded: without quotes and escapes.
        quoted: True for a string, False for a bare word such as ``yes``, ``0.5``, ``<empty>``.
        start, end: span of the raw token in the file, quotes included.
    """

    text: str
    quoted: bool
    start: int
    end: int


def quote(text: str) -> str:
    """A string token of that text, with quotes and escapes."""
    return '"%s"' % _UNSAFE.sub(_escaped, text)


def _escaped(match: re.Match[str]) -> str:
    return "\\n" if match.group() == "\n" else "\\" + match.group()


def _unescaped(match: re.Match[str]) -> str:
    return "\n" if match.group(1) == "n" else match.group(1)


def token_at(text: str, position: int) -> Token | None:
    """The next token of the line, None before its brace, comment or end."""
    match = _TOKEN.match(text, position)
    if match is None:
        return None
    if match.lastindex == 2:
        return Token(match.group(2), False, match.start(2), match.end())
    raw = match.group(1)[1:-1]
    decoded = _ESCAPE.sub(_unescaped, raw) if "\\" in raw else raw
    return Token(decoded, True, match.start(1), match.end())


def tokens_from(text: str, position: int) -> Iterator[Token]:
    """The tokens of the line from a position on; brace and comment are left out."""
    token = token_at(text, position)
    while token is not None:
        yield token
        token = token_at(text, token.end)


def next_line(text: str, position: int) -> int:
    """Where the line after this one starts; the length of the text after the last."""
    return text.find("\n", position) + 1 or len(text)


def error_at(text: str, position: int, message: str) -> ProjectFileError:
    """The error with its line and column, and what stands there."""
    line_start = text.rfind("\n", 0, position) + 1
    shown = text[position:next_line(text, position)].rstrip()
    if len(shown) > 40:
        shown = shown[:40] + "..."
    line = text.count("\n", 0, position) + 1
    return ProjectFileError("%s: %s" % (message, shown), line, position - line_start + 1)
