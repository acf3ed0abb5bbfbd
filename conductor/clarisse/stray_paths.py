"""The safety net: texts of a project that look like paths and that no rule knows.

Every quoted text of the file is looked at once. What is left when the known ones are taken out is
told as a warning, so that an attribute that nobody has heard of cannot lose a file in silence.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import AbstractSet, Iterator, NamedTuple

from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.classes import DERIVED_PATHS, attribute_info
from conductor.clarisse.project_file import Entry, Item, ProjectFile, parse
from conductor.clarisse.project_lexer import token_at

# Unrolled, so that no text makes it slow; a quote that is never closed matches nothing.
_QUOTED = re.compile(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*)"')
_ROOTED = re.compile(r"""["']?(?:/|[A-Za-z]:[/\\]|\\\\|~[/\\]|\$[A-Za-z_]\w*[^/\\]{0,9}[/\\])""")
_FILE = re.compile(
    r"[/\\][^/\\]*\.(?:abc|ass|bgeo|bmp|build|cdl|cc|ccc|cin|csp|cube|dpx|exr|f3d|fbx|fur|hdr|ies"
    r"|jpe?g|lwo|mdd|mov|mp4|obj|ocio|osl|oso|pc2|png|project|psd|ptex|ptx|rib|spi[13]d|tex|tga"
    r"|tiff?|tx|usd[acz]?|vdb|3dl)[\"']?\Z", re.IGNORECASE)
_SCHEMES = ("project://", "build://", "default:/", "widgets:/", "tools:/")
_BLOCKS_BEHIND = re.compile(r"^#(?:preferences|resources) ?\{", re.MULTILINE)

# Entries that are no attributes, and what editors keep for themselves. The texts that use a
# variable are looked at, so what it holds need not be.
_DECORATIONS = frozenset({
    "name", "comment", "positions", "colortag", "source", "user_data", "ui_settings", "doc",
    "resource", "preset", "inclusion_rule", "exclusion_rule", "variables", "#preferences",
    "#resources",
})
_NO_FILES = frozenset({"reference", "object", "action", "curve"})
_NO_FILE_HINTS = frozenset({"script", "multiline", "enum", "tag"})


class Stray(NamedTuple):
    """A text that looks like a path and was neither scanned nor skipped.

    Attributes:
        item: its full name; empty for a text outside of all items, such as a directive's.
        attribute: the attribute, or the word that the entry begins with.
        line: of the file, from 1.
    """

    item: str
    attribute: str
    text: str
    line: int


def looks_like_path(text: str) -> bool:
    """True for a text that may name a file: absolute, behind a variable, or with the ending of a
    known kind of file."""
    if "\n" in text or text.startswith(_SCHEMES) or ("/" not in text and "\\" not in text):
        return False
    return _ROOTED.match(text) is not None or _FILE.search(text) is not None


def strays(
    text: str, scanned: AbstractSet[str], known: AbstractSet[tuple[str, str]],
) -> Iterator[Stray]:
    """The strays of a project's text.

    Args:
        scanned: texts whose files are uploaded wherever they stand.
        known: item and attribute of each path that was scanned or skipped.

    Raises:
        ProjectFileError: there are texts to place, and the file is no project.
    """
    behind = _BLOCKS_BEHIND.search(text)
    candidates = [
        (match.start(), plain) for match in _QUOTED.finditer(
            text, 0, behind.start() if behind else len(text))
        for plain in (_unescaped(match.group(1)),)
        if plain not in scanned and looks_like_path(plain)]
    if not candidates:
        return
    places = _Places(parse(text))
    for position, plain in candidates:
        place = places.at(position)
        if place is None or _is_skipped(place):
            continue
        item = "" if place.item is None else place.item.path
        if (item, place.attribute) not in known:
            yield Stray(item, place.attribute, plain, place.line)


def _unescaped(raw: str) -> str:
    if "\\" not in raw:
        return raw
    return re.sub(r"\\(.)", lambda match: "\n" if match.group(1) == "n" else match.group(1), raw)


class _Place(NamedTuple):
    """Where a text stands.

    Attributes:
        item: None outside of all items.
        keys: first words of the entries around it, from the item's own entry inwards.
        is_unused: True for the expression of a number, and for a value behind an expression.
    """

    item: Item | None
    attribute: str
    keys: tuple[str, ...]
    is_unused: bool
    line: int


class _Places:
    """Finds the item and the attribute of any place of a file."""

    def __init__(self, file: ProjectFile) -> None:
        self._file = file
        self._items = {number: place for place, number in enumerate(file.item_table.numbers)}

    def at(self, position: int) -> _Place | None:
        """The place of a text; None in comments, and for the name of a block."""
        file, start = self._file, self._file.text.rfind("\n", 0, position) + 1
        blocks = file.blocks
        block = bisect_right(blocks.starts, start) - 1
        is_opening = block >= 0 and blocks.starts[block] == start
        if is_opening or token_at(file.text, start) is None:
            return None
        around: list[int] = []
        while block >= 0:
            if blocks.closes[block] >= start:
                if block in self._items:
                    break
                around.append(block)
            block = blocks.parents[block]
        return self._place(start, around, block)

    def _place(self, start: int, around: list[int], item_block: int) -> _Place:
        file = self._file
        line = Entry(file, start, -1, around[0] if around else item_block)
        entries = [file.block_entry(block) for block in reversed(around)] + [line]
        keys = tuple(entry.key for entry in entries)
        item = Item(file, self._items[item_block]) if item_block >= 0 else None
        return _Place(
            item, _attribute(entries, keys), keys, _is_unused(entries), file.line_at(start))


def _attribute(entries: list[Entry], keys: tuple[str, ...]) -> str:
    if keys[0] != "custom_attributes":
        return keys[0]
    for entry in entries[1:]:
        if entry.key != "attribute_group" and entry.tokens:
            return entry.tokens[0].text
    return keys[0]


def _is_unused(entries: list[Entry]) -> bool:
    *around, line = entries
    if line.key == "value":
        return bool(around) and around[-1].find("expression") is not None
    return line.key == "expression" and _holds_numbers(around)


def _holds_numbers(around: list[Entry]) -> bool:
    value = around[-1].find("value") if around else None
    return value is not None and not any(token.quoted for token in value.tokens)


def _is_skipped(place: _Place) -> bool:
    """True by a rule: our own items, items that take no part, what is no file by its type."""
    if place.is_unused or place.attribute in DERIVED_PATHS or place.keys[-1] == "texture":
        return True
    if not _DECORATIONS.isdisjoint(place.keys):
        return True
    item = place.item
    if item is None:
        return False
    disabled = item.entry.find("disabled")
    if item.class_name == CLASS_NAME or disabled is not None and (
        not disabled.tokens or disabled.tokens[0].text in ("yes", "1")
    ):
        return True
    return _type_skips(item.class_name, place)


def _type_skips(class_name: str, place: _Place) -> bool:
    if place.keys[0] == "custom_attributes":
        word = next((key for key in place.keys[1:] if key != "attribute_group"), "")
        return word.partition("[")[0] in _NO_FILES | _NO_FILE_HINTS
    info = attribute_info(class_name, place.attribute)
    return info is not None and (info.type in _NO_FILES or info.hint in _NO_FILE_HINTS)
