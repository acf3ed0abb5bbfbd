"""Attribute types, and values as the text of a ``.project`` file writes them.

The type words and number formats were seen in real project files; the numbers behind the types
were seen in vendor scripts, those behind containers and hints are ours (never public: compare the
constants).
"""

from __future__ import annotations

from typing import Any, Iterable, Union

from conductor.clarisse import project_file

Value = Union[bool, int, float, str]

BOOL, LONG, DOUBLE, STRING, FILE, REFERENCE, OBJECT, CURVE, ACTION = range(9)
TYPE_NAMES = (
    "BOOL", "LONG", "DOUBLE", "STRING", "FILE", "REFERENCE", "OBJECT", "CURVE", "ACTION",
)
SINGLE, ARRAY, LIST = range(3)
TEXTUAL = (STRING, FILE, REFERENCE, OBJECT)
NUMERIC = (BOOL, LONG, DOUBLE)

_HINTS_BY_TYPE: dict[int, str] = {
    STRING: "FILENAME_OPEN FILENAME_SAVE FOLDER ENUM TAG MULTILINE SCRIPT",
    REFERENCE: "PARENT_REFERENCE",
    DOUBLE: "PERCENTAGE DISTANCE ANGLE SCALE AREA FREQUENCY MEMSIZE SECOND TIME WATT SUBFRAME "
            "SUBPIXEL SUBSAMPLE COLOR L LA RGB RGBA",
    LONG: "FRAME PIXEL SAMPLE SAMPLE_PER_PIXEL",
    CURVE: "GRADIENT",
}
HINT_TYPES = {
    hint: type_ for type_, hints in _HINTS_BY_TYPE.items() for hint in hints.split()
}
HINT_NAMES: tuple[str, ...] = ("DEFAULT", *HINT_TYPES)
PATH_HINTS = frozenset({"FILENAME_OPEN", "FILENAME_SAVE", "FOLDER"})

_PATH_NAMES = {"filename", "filenames", "file", "path"}
_FOLDER_NAMES = {"folder", "directory"}


def type_of_word(word: str) -> tuple[int, str, int]:
    """Type, hint name and container of a type word such as ``double[3]`` or ``filename_open``.

    An unknown word counts as a string.
    """
    base, bracket, length = word.partition("[")
    container = SINGLE if not bracket else LIST if length == "]" else ARRAY
    upper = base.upper()
    if upper in TYPE_NAMES:
        return TYPE_NAMES.index(upper), "DEFAULT", container
    return HINT_TYPES.get(upper, STRING), upper if upper in HINT_TYPES else "DEFAULT", container


def zero(type_: int) -> Value:
    """The value of a fresh attribute of this type."""
    return {BOOL: False, LONG: 0, DOUBLE: 0.0}.get(type_, "")


def read(type_: int, text: str) -> Value:
    """The value of one token; a number that cannot be read is zero, as old files may hold words."""
    if type_ not in NUMERIC:
        return text
    if text in ("yes", "no"):
        return _narrow(type_, text == "yes")
    try:
        return _narrow(type_, float(text) if type_ == DOUBLE else int(float(text)))
    except ValueError:
        return zero(type_)


def _narrow(type_: int, value: float) -> Value:
    return bool(value) if type_ == BOOL else int(value) if type_ == LONG else float(value)


def write(type_: int, value: Value) -> str:
    """One value as a token of the file."""
    if type_ == BOOL:
        return "yes" if value else "no"
    if type_ == LONG:
        return "%d" % int(value)
    if type_ == DOUBLE:
        return "0.0" if not float(value) else "%.15g" % float(value)
    return project_file.quote(str(value))


def as_text(type_: int, value: Value) -> str:
    """A number as ``get_string`` shows it; texts are unchanged."""
    if type_ == BOOL:
        return "1" if value else "0"
    return "%.15g" % float(value) if type_ == DOUBLE else str(value)


def guess_type(name: str, tokens: Iterable[Any]) -> tuple[int, str, int]:
    """Type, hint and container of an attribute that no class table knows, from its tokens.

    Strings whose name looks like a path count as paths, so that a scan errs on the safe side.
    """
    found = list(tokens)
    container = LIST if len(found) > 1 else SINGLE
    if not found or any(token.quoted for token in found):
        return STRING, path_hint(name), container
    if found[0].text == "<empty>":
        return STRING, path_hint(name), LIST
    if all(token.text in ("yes", "no") for token in found):
        return BOOL, "DEFAULT", container
    if all(_is_number(token.text) for token in found):
        whole = all(_is_whole(token.text) for token in found)
        return (LONG if whole else DOUBLE), "DEFAULT", ARRAY if len(found) > 1 else SINGLE
    return STRING, "DEFAULT", container


def path_hint(name: str) -> str:
    if name == "save_as":
        return "FILENAME_SAVE"
    if name in _FOLDER_NAMES:
        return "FOLDER"
    is_path = name in _PATH_NAMES or name.endswith("_filename")
    return "FILENAME_OPEN" if is_path else "DEFAULT"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _is_whole(text: str) -> bool:
    return text.lstrip("-").isdigit()
