"""Titles, commands and other texts of jobs that the vendor's plugins wrote, in today's words.

Three notations were in use: ``$CT_`` variables in expressions (May 2019), tokens such as
``<ct_job>`` (late 2019) and the same without the prefix (cioclarisse 0.3.2). The first is ours too,
but for a few names; tokens become variables::

    shot <ct_sequence>  ->  "shot "+$CT_SEQUENCE

A command is first made flat, a text with tokens whatever notation it had, and taken apart. What the
vendor's own templates say is said by our default template; what an artist added stays.

Names of tokens: seen in cioclarisse 0.3.2 and in its two ancestors of 2019.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Iterator, List, Mapping, Tuple

from conductor.clarisse import expressions
from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE
from conductor.clarisse.expression_parser import words
from conductor.lib.errors import ExpressionError
from conductor.lib.variables import BY_NAME

TOKEN = re.compile(r"<(?:ct_)?([a-z_]+)>")

# Tokens whose variable is not called CT_ and the same in capitals.
_OTHER_NAMES: Mapping[str, str] = {
    "temp_dir": "CT_SCRIPT_DIR", "tempdir": "CT_SCRIPT_DIR", "renderpackage": "CT_RENDER_PACKAGE",
    "sequencelength": "CT_SEQLENGTH", "instance_type": "CT_INSTANCE", "chunk": "CT_CHUNKS",
    "tile_number": "CT_TILE",
}
_VARIABLE = re.compile(r"\$CT_([A-Z_]+)")
_APPROXIMATE: Mapping[str, str] = {
    "instance_type": (
        "<instance_type> was the name of the machine; $CT_INSTANCE is its description"),
}
# Joining and assigning: with these alone an expression says the same thing in every task.
_FLAT_SIGNS = frozenset({"+", "+=", "=", ";", "(", ")"})

_WRAPPER = re.compile(r"<temp_dir>/(?:ct_cnode|ciocnode)")
_THEIR_LICENCES = re.compile(r"\s*-license_server\s+conductor_ilise:\S+")
_THEIR_SCRIPT = re.compile(r"\s*-script\s+<temp_dir>/(?:ct_prep|cioprep)\.py")
# What our default template and ct_cnode say themselves; without the first two it is no such call.
_NEEDED = ("-image <sources>", "-image_frames_list <chunks>")
_SAID = (*_NEEDED, "-directories <directories>", "-tile_rendering <tiles> <tile_number>",
         "-log_level Debug5")
_Option = Tuple[str, List[str]]


@dataclass(frozen=True)
class Translated:
    """A text in today's words.

    Attributes:
        notes: what could not be said exactly, one sentence each.
    """

    text: str
    notes: tuple[str, ...] = field(default=())


def variable_of(token: str) -> str:
    """The variable for a token's bare name (``chunks``), without ``$``; empty for a stranger's."""
    name = _OTHER_NAMES.get(token, "CT_" + token.upper())
    return name if name in BY_NAME else ""


def has_tokens(text: str) -> bool:
    """True when a text uses a token of the vendor's."""
    return any(variable_of(name) for name in TOKEN.findall(text))


# ---------------------------------------------------------------- titles


def as_expression(text: str) -> Translated:
    """A title: a text with tokens as an expression; an expression with its variables renamed."""
    if expressions.is_expression(text):
        renamed = _VARIABLE.sub(_renamed, TOKEN.sub(_embedded, text))
        return Translated(renamed, tuple(_notes(text)))
    if not has_tokens(text):
        return Translated(_VARIABLE.sub(_renamed, text), tuple(_notes(text)))
    return Translated("+".join(_pieces(text)), tuple(_notes(text)))


def as_plain_text(text: str) -> Translated:
    """A value of the metadata: its tokens as variables in plain text."""
    return Translated(TOKEN.sub(_embedded, text), tuple(_notes(text)))


def _pieces(text: str) -> Iterator[str]:
    """Literals and variables, in order; a stranger's token is part of a literal."""
    literal, end = "", 0
    for match in TOKEN.finditer(text):
        name = variable_of(match.group(1))
        if name:
            literal += text[end:match.start()]
            if literal:
                yield quoted(literal)
            yield "$" + name
            literal, end = "", match.end()
    literal += text[end:]
    if literal:
        yield quoted(literal)


def quoted(text: str) -> str:
    """A literal of an expression, in the quotes that need no escape where there are such."""
    text = text.replace("\\", "\\\\")
    if '"' not in text or "'" in text:
        return '"%s"' % text.replace('"', '\\"')
    return "'%s'" % text


def _embedded(match: re.Match[str]) -> str:
    """A token as a variable inside a text; a colon ends the name where letters follow."""
    name = variable_of(match.group(1))
    if not name:
        return match.group()
    following = match.string[match.end():match.end() + 1]
    return "$%s%s" % (name, ":" if re.match(r"[A-Za-z0-9_:]", following) else "")


def _renamed(match: re.Match[str]) -> str:
    return "$" + (variable_of(match.group(1).lower()) or match.group()[1:])


def _notes(text: str) -> Iterator[str]:
    for name in dict.fromkeys(TOKEN.findall(text)):
        if name in _APPROXIMATE:
            yield _APPROXIMATE[name]
        elif not variable_of(name):
            yield "there is no variable for <%s>: it stays as text" % name


# ---------------------------------------------------------------- commands


def as_template(text: str) -> Translated:
    """A task template: ours, with what the artist had added to the vendor's.

    A command that is no call of the vendor's wrapper keeps its form, with our variables and script.
    """
    flat = _flat(text)
    if flat is None:
        told = as_expression(text)
        return Translated(told.text.replace("ciocnode", "ct_cnode"), told.notes)
    flat = _THEIR_SCRIPT.sub("", _THEIR_LICENCES.sub("", flat)).strip()
    added = _added(flat)
    if added is not None:
        said = "+".join(_pieces(" " + added)) if added else ""
        return Translated("+".join(filter(None, (DEFAULT_TASK_TEMPLATE, said))),
                          tuple(_notes(added)))
    return as_expression(_WRAPPER.sub("<temp_dir>/ct_cnode", flat))


def _flat(text: str) -> str | None:
    """The command as a text with tokens without prefix; None where the expression decides."""
    if expressions.is_expression(text):
        try:
            signs = {word.text for word in words(text) if word.kind == "sign"}
            if not signs <= _FLAT_SIGNS:
                return None
            text = expressions.as_text(expressions.parse(text).evaluate(_token))
        except ExpressionError:
            return None
    text = _VARIABLE.sub(lambda match: "<%s>" % match.group(1).lower(), text)
    text = TOKEN.sub(lambda match: "<%s>" % match.group(1), text)
    return text.replace("<tempdir>", "<temp_dir>").replace("<renderpackage>", "<render_package>")


def _token(name: str) -> str:
    return "<%s>" % name[3:].lower() if name.startswith("CT_") else "$" + name


def _added(flat: str) -> str | None:
    """The options that an artist added to the vendor's call; None for another command."""
    parts = flat.split()
    if len(parts) < 2 or not _WRAPPER.match(parts[0]) or parts[1] != "<render_package>":
        return None
    options = [" ".join([flag, *values]) for flag, values in _options(parts[2:])]
    if not set(_NEEDED) <= set(options):
        return None
    return " ".join(option for option in options if option not in _SAID)


def _options(parts: list[str]) -> list[_Option]:
    found: list[_Option] = []
    for part in parts:
        if re.match(r"-[A-Za-z]", part) or not found:
            found.append((part, []))
        else:
            found[-1][1].append(part)
    return found
