"""The text of a Clarisse project, read and edited without losing a byte.

::

    project = parse(text)
    image = project.item("project://scene/image")
    last = image.attribute("last_frame").tokens[0]
    text = project.edited([Edit(last.start, last.end, "100")])

The same grammar carries ``shelf.cfg``, ``clarisse.cfg`` and the clipboard, so a missing header is
no error. Read the file with ``newline=""``: line ends are kept as they are.

What things cost:

* ``parse`` is one pass over the text. It keeps the text and four numbers for each block (a line
  with braces), nothing for a line: about 1.2 times the size of a scene file in all.
* :class:`Entry` and :class:`Item` are views made on demand, good for as long as you hold them;
  equal views compare equal. ``children`` walks lines and jumps over nested blocks; ``find`` and
  ``attribute`` look through the children, so they cost what the block is long.
* The items are numbered at the first call that needs them (one look at each block); ``item``
  builds an index of names at its first call, then costs the number of components of the path.
* ``Item.path`` costs the depth. ``Entry.line`` counts lines in at most 64 kB.

``parse`` checks the quotes of every line and the balance of all braces, and raises
:class:`~conductor.lib.errors.ProjectFileError`; nothing else here raises on odd content: words
that mean nothing to Clarisse are entries like any other.
"""

from __future__ import annotations

import re
from array import array
from typing import Iterable, Iterator, NamedTuple

from conductor.clarisse.project_lexer import Token, next_line, quote, token_at, tokens_from
from conductor.clarisse.project_structure import NO_BLOCK, NO_ITEM, Blocks, ItemTable, scan

__all__ = ["Edit", "Entry", "Header", "Item", "ProjectFile", "Token", "parse", "quote"]

SCHEME = "project://"
CONTEXT = "Context"

_LINE_COUNT_STEP = 1 << 16
_INDEXED = re.compile(r"(.+)\[([0-9]{0,9})\]\Z", re.DOTALL)
_INDENT = re.compile(r"[ \t\r]*")
# The start of a line that holds an entry: neither empty nor a comment.
_ENTRY = re.compile(r"[ \t\r]*(?=[^ \t\r\n/]|/(?!/))")


class Header(NamedTuple):
    """The three version numbers at the top, as text; empty where the line is missing.

    Attributes:
        serial: version of the grammar, ``1.2``.
        clarisse: main version of the program that wrote the file, ``5``.
        project: version of the content, ``0.98``.
    """

    serial: str
    clarisse: str
    project: str


class Edit(NamedTuple):
    """Replace the span ``start`` to ``end`` (characters, end excluded) by a text."""

    start: int
    end: int
    text: str


class Entry:
    """One entry of a project: a line, or a block with all it holds.

    Attributes:
        start: where its first line starts, indentation included.
    """

    __slots__ = ("_block", "_parent", "_project", "start")

    def __init__(self, project: ProjectFile, start: int, block: int, parent: int) -> None:
        self._project = project
        self._block = block
        self._parent = parent
        self.start = start

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entry):
            return NotImplemented
        return self.start == other.start and self._project is other._project

    def __hash__(self) -> int:
        return hash((id(self._project), self.start))

    def __repr__(self) -> str:
        return "<Entry %r line %d>" % (self.key, self.line)

    @property
    def end(self) -> int:
        """Behind the newline of its last line."""
        is_line = self._block == NO_BLOCK
        last = self.start if is_line else self._project.blocks.closes[self._block]
        return next_line(self._project.text, last)

    def _key_token(self) -> Token:
        token = token_at(self._project.text, self.start)
        assert token is not None  # no entry is made of a line without a token
        return token

    @property
    def key_text(self) -> str:
        """The first word as written: ``name``, ``#version``, ``expression[]``, ``double[3]``."""
        return self._key_token().text

    @property
    def key(self) -> str:
        """The first word without its index: ``expression``."""
        match = _INDEXED.match(self.key_text)
        return match.group(1) if match else self.key_text

    @property
    def index(self) -> int | None:
        """The index behind the key, 0 for ``[]``, None where there is none."""
        match = _INDEXED.match(self.key_text)
        return int(match.group(2) or 0) if match else None

    @property
    def tokens(self) -> tuple[Token, ...]:
        """The values behind the key; a block's are those before its brace."""
        return tuple(tokens_from(self._project.text, self._key_token().end))

    @property
    def is_block(self) -> bool:
        """True when the entry has braces."""
        return self._block != NO_BLOCK

    @property
    def children(self) -> Iterator[Entry]:
        """The entries directly inside, in order; none for a line."""
        if self._block == NO_BLOCK:
            return iter(())
        return self._project.entries_of(self._block)

    def find(self, key: str, index: int | None = None) -> Entry | None:
        """The first child of that key and index; with None any index will do."""
        for child in self.find_all(key):
            if index is None or child.index == index:
                return child
        return None

    def find_all(self, key: str) -> Iterator[Entry]:
        """The children of that key, in order."""
        if self._block == NO_BLOCK:
            return iter(())
        return self._project.entries_of(self._block, key)

    @property
    def parent(self) -> Entry | None:
        """The block around, None at the top."""
        return None if self._parent == NO_BLOCK else self._project.block_entry(self._parent)

    @property
    def line(self) -> int:
        """Line of the file, from 1."""
        return self._project.line_at(self.start)

    @property
    def indent(self) -> int:
        """Number of blanks before the key."""
        match = _INDENT.match(self._project.text, self.start)
        return match.end() - self.start if match else 0

    @property
    def body_end(self) -> int:
        """Where the line of the closing brace starts: the place for a new last child.

        For a line this is its end.
        """
        return self.end if self._block == NO_BLOCK else self._project.blocks.closes[self._block]


class Item:
    """A context or an object of the project; objects embedded in objects too."""

    __slots__ = ("_number", "_project", "entry")

    def __init__(self, project: ProjectFile, number: int) -> None:
        self._project = project
        self._number = number
        self.entry = project.block_entry(project.item_table.numbers[number])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Item) and self.entry == other.entry

    def __hash__(self) -> int:
        return hash(self.entry)

    def __repr__(self) -> str:
        return "<Item %s %s>" % (self.class_name, self.path)

    @property
    def is_context(self) -> bool:
        """True for a folder of items."""
        return self.entry.key == CONTEXT

    @property
    def is_embedded(self) -> bool:
        """True for an object that lives inside another object."""
        parent = self.parent
        return parent is not None and not parent.is_context

    @property
    def class_name(self) -> str:
        """Name of the class; ``Context`` for contexts."""
        return self.entry.key

    @property
    def name(self) -> str:
        """Leaf name."""
        return self._project.item_table.name(self._number)

    @property
    def parent(self) -> Item | None:
        """The context or object around, None at the root."""
        number = self._project.item_table.parents[self._number]
        return None if number == NO_ITEM else Item(self._project, number)

    @property
    def path(self) -> str:
        """``project://scene/image``, ``project://scene/image.background`` for an embedded one."""
        parts: list[str] = []
        item: Item | None = self
        while item is not None:
            parent = item.parent
            parts.append(item.name)
            if parent is not None:
                parts.append("/" if parent.is_context else ".")
            item = parent
        return SCHEME + "".join(reversed(parts))

    @property
    def children(self) -> Iterator[Item]:
        """The items directly inside, in the order of the file."""
        project = self._project
        return (Item(project, number) for number in project.item_table.children(self._number))

    def attribute(self, name: str) -> Entry | None:
        """The line or block of an attribute, a custom one too; None when the file omits it."""
        found = self.entry.find(name)
        if found is not None:
            return found
        for _, custom_name, entry in self.custom_attributes:
            if custom_name == name:
                return entry
        return None

    def values(self, name: str) -> tuple[Token, ...] | None:
        """The values of an attribute, whether a line or a block with a ``value`` line.

        None when the file omits them. An empty list is the one bare word ``<empty>``; a yes/no
        keyword may stand alone and has no values then.
        """
        entry = self.attribute(name)
        if entry is not None and entry.is_block:
            entry = entry.find("value")
        return None if entry is None else entry.tokens

    @property
    def custom_attributes(self) -> Iterator[tuple[str, str, Entry]]:
        """Type word (``double[3]``), name and entry of each attribute made on this item."""
        groups = list(self.entry.find_all("custom_attributes"))
        while groups:
            for entry in groups.pop(0).children:
                if entry.key == "attribute_group":
                    groups.append(entry)
                elif entry.tokens:
                    yield entry.key_text, entry.tokens[0].text, entry


class ProjectFile:
    """A parsed project. Immutable; :meth:`edited` gives the text of a changed one.

    Attributes:
        text: the whole text, as given.
        blocks: the spans of all blocks.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._first = 1 if text.startswith("\ufeff") else 0
        self.blocks: Blocks = scan(text, self._first)
        self._items: ItemTable | None = None
        self._lines_before: array[int] | None = None

    def to_text(self) -> str:
        """The text, byte for byte as it was parsed."""
        return self.text

    @property
    def header(self) -> Header:
        """The version lines at the top."""
        found = {"Serial": "", "Clarisse": "", "Clarisse_Project": ""}
        for entry in self.entries:
            word = entry.key
            if entry.is_block:
                break
            if word.startswith("#Isotropix_") and word.endswith("_Version") and entry.tokens:
                found[word[len("#Isotropix_"):-len("_Version")]] = entry.tokens[0].text
        return Header(found["Serial"], found["Clarisse"], found["Clarisse_Project"])

    @property
    def entries(self) -> Iterator[Entry]:
        """The entries at the top, in order."""
        return self.entries_of(NO_BLOCK)

    @property
    def preferences(self) -> Entry | None:
        """The block ``#preferences``, None where there is none."""
        for entry in self.entries_of(NO_BLOCK, "#preferences"):
            if entry.is_block:
                return entry
        return None

    def items(self) -> Iterator[Item]:
        """All contexts and objects, embedded ones too, each before what it holds, in file order.

        What looks like an object inside ``#preferences`` or ``#resources`` is none.
        """
        return (Item(self, number) for number in range(len(self.item_table)))

    def item(self, path: str) -> Item | None:
        """The item of that path (``project://scene/image.background``), None when missing.

        Of siblings with the same name, which Clarisse never writes, the first one counts.
        """
        if not path.startswith(SCHEME):
            return None
        number = self.item_table.find(path[len(SCHEME):])
        return None if number is None else Item(self, number)

    def edited(self, edits: Iterable[Edit]) -> str:
        """The text with all edits made; the rest stays byte for byte.

        Several insertions at one place keep their order.

        Raises:
            ValueError: an edit outside the text, or two that overlap.
        """
        parts, done = [], 0
        for edit in sorted(edits, key=lambda edit: edit[:2]):
            if not 0 <= edit.start <= edit.end <= len(self.text):
                raise ValueError("edit %d-%d is outside the text" % edit[:2])
            if edit.start < done:
                raise ValueError("edit %d-%d overlaps the one before it" % edit[:2])
            parts += [self.text[done:edit.start], edit.text]
            done = edit.end
        return "".join(parts) + self.text[done:]

    # -- what the views are made of

    @property
    def item_table(self) -> ItemTable:
        """The columns of items, made at the first call."""
        if self._items is None:
            self._items = ItemTable(self.text, self.blocks)
        return self._items

    def block_entry(self, block: int) -> Entry:
        """The entry of a block."""
        return Entry(self, self.blocks.starts[block], block, self.blocks.parents[block])

    def entries_of(self, block: int, key: str | None = None) -> Iterator[Entry]:
        """The entries directly inside a block, or those at the top; jumps over inner blocks.

        With a key only its entries.
        """
        blocks, text = self.blocks, self.text
        position = self._first if block == NO_BLOCK else next_line(text, blocks.starts[block])
        end = len(text) if block == NO_BLOCK else blocks.closes[block]
        # Only these are worth a view: the key may be written in quotes.
        sought = "" if key is None else (key, '"')
        number = block + 1
        while position < end:
            start, found = position, NO_BLOCK
            if number < len(blocks) and position == blocks.starts[number]:
                found, position = number, blocks.closes[number]
                number = blocks.afters[number]
            position = next_line(text, position)
            match = _ENTRY.match(text, start)
            if match and text.startswith(sought, match.end()):
                entry = Entry(self, start, found, block)
                if key is None or entry.key == key:
                    yield entry

    def line_at(self, position: int) -> int:
        """Line of a character, from 1."""
        step = _LINE_COUNT_STEP
        if self._lines_before is None:
            self._lines_before = array("q", [0])
            for start in range(0, len(self.text), step):
                count = self.text.count("\n", start, start + step)
                self._lines_before.append(self._lines_before[-1] + count)
        chunk = position // step
        return self._lines_before[chunk] + self.text.count("\n", chunk * step, position) + 1


def parse(text: str) -> ProjectFile:
    """Read the text of a project.

    Raises:
        ProjectFileError: with line and column, when quotes or braces do not match.
    """
    return ProjectFile(text)
