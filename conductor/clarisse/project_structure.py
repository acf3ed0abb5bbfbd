"""The structure of a ``.project`` file as columns: its blocks, and the items among them.

Nothing here holds a line or a token; see :mod:`conductor.clarisse.project_file` for the views.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from typing import Iterator

from conductor.clarisse.project_lexer import BLANKS, STRING, error_at, token_at
from conductor.lib.errors import ProjectFileError

NO_BLOCK = -1
NO_ITEM = -1

# The first line of an item: a context, or any other block that begins with its name. The match
# ends before the name.
_ITEM = re.compile(
    r"[ \t\r]*(?:(Context)(?![^ \t\r{\"])|(?!#)[^\n]*\n(?:[ \t\r]*(?://[^\n]*)?\n)*"
    r"[ \t\r]*name(?=[ \t\r]+[^ \t\r\n{]|\"))"
)
_EMBEDDED = re.compile(r"[ \t\r]*embedded_objects[ \t\r{]")

# No part of a string, a comment, a brace or a line end; slashes are looked at one by one.
_PLAIN = r'[^"{}/\n]*'
_BARE_SLASH = r'(?:/(?!/)|(?<=[^ \t\r\n"])/)'
_CONTENT = _PLAIN + "(?:(?:" + STRING + "|" + _BARE_SLASH + ")" + _PLAIN + ")*"
_LINE_END = r"(?://[^\n]*)?(?:\n|\Z)"

# One match takes a run of simple lines (no escape, slash or comment outside plain strings) and then
# one of: a closing line, an opening line, any other line, or the place (group 4) where no line can
# go on. The last alternative always matches and no two ways lead through a line, so nothing is
# tried twice but the one line that ends the run; the limit bounds what the matcher remembers.
_SCAN = re.compile(
    r'(?:[^"{}/\n]*(?:"[^"\\\n]*"[^"{}/\n]*)*\n){0,200}'
    + "(" + BLANKS + ")"
    + "(?:(})" + BLANKS + _LINE_END
    + "|" + _CONTENT + r"(?:(\{)" + BLANKS + _LINE_END + "|" + _LINE_END + "|()))"
)
_CLOSING, _OPENING, _OFFENCE = 2, 3, 4


class Blocks:
    """All blocks of a text as columns, one number each per block, in the order of their opening.

    Attributes:
        starts: where the opening line starts.
        closes: where the closing line starts.
        parents: number of the block around, NO_BLOCK at the top.
        afters: number of the first block that opens after this one closed.
    """

    def __init__(self) -> None:
        self.starts = array("q")
        self.closes = array("q")
        self.parents = array("q")
        self.afters = array("q")

    def __len__(self) -> int:
        return len(self.starts)

    def open(self, start: int, parent: int) -> int:
        """Add a block that is not closed yet; returns its number."""
        self.starts.append(start)
        self.closes.append(-1)
        self.parents.append(parent)
        self.afters.append(-1)
        return len(self.starts) - 1

    def close(self, number: int, position: int) -> int:
        """Close a block; returns the number of the block around it."""
        self.closes[number] = position
        self.afters[number] = len(self.starts)
        return self.parents[number]


def scan(text: str, start: int) -> Blocks:
    """Find every block and check quotes and braces of every line, in one pass.

    Raises:
        ProjectFileError: at the first line that is not of the grammar.
    """
    blocks, current = Blocks(), NO_BLOCK
    for match in _SCAN.finditer(text, start):
        kind = match.lastindex
        if kind == _OPENING:
            if match.end(1) == match.start(_OPENING):
                raise error_at(text, match.start(_OPENING), "a block without a name")
            current = blocks.open(match.start(1), current)
        elif kind == _CLOSING:
            if current == NO_BLOCK:
                raise error_at(text, match.start(_CLOSING), "this brace closes nothing")
            current = blocks.close(current, match.start(1))
        elif kind == _OFFENCE:
            raise _offence(text, match.start(_OFFENCE))
    if current != NO_BLOCK:
        opened = blocks.starts[current]
        raise error_at(text, _first_of(text, opened), "this block is never closed")
    return blocks


def _first_of(text: str, start: int) -> int:
    token = token_at(text, start)
    return token.start if token else start


def _offence(text: str, position: int) -> ProjectFileError:
    if text[position] == '"':
        message = "this string does not end on its line"
    elif text[position] == "{":
        message = "an opening brace must be the last on its line"
    else:
        message = "a closing brace must stand alone on its line"
    return error_at(text, position, message)


class ItemTable:
    """All items as columns: the block and the parent item of each, in the order of the file.

    Attributes:
        numbers: block of each item.
        parents: item around each item, NO_ITEM at the root.
        is_context: 1 for a context, 0 for an object.
    """

    def __init__(self, text: str, blocks: Blocks) -> None:
        self._text = text
        self._blocks = blocks
        self.numbers = array("q")
        self.parents = array("q")
        self.is_context = bytearray()
        self._index: dict[str, int] | None = None
        self._fill()

    def _fill(self) -> None:
        starts, afters, block = self._blocks.starts, self._blocks.afters, 0
        # Each open scope: where it ends, its item, whether blocks in it may be items. No
        # recursion: contexts are nested as deep as the file pleases.
        scopes = [(len(afters), NO_ITEM, True)]
        while block < len(afters):
            while block >= scopes[-1][0]:
                scopes.pop()
            _, parent, holds_items = scopes[-1]
            if holds_items:
                inner = self._take(block, parent)
            else:
                is_holder = _EMBEDDED.match(self._text, starts[block])
                inner = (afters[block], parent, True) if is_holder else None
            if inner:
                scopes.append(inner)
            block = block + 1 if inner else afters[block]

    def _take(self, block: int, parent: int) -> tuple[int, int, bool] | None:
        """Number the item of a block, if it is one; returns the scope it opens."""
        match = _ITEM.match(self._text, self._blocks.starts[block])
        if match is None:
            return None
        self.numbers.append(block)
        self.parents.append(parent)
        self.is_context.append(match.lastindex == 1)
        return self._blocks.afters[block], len(self.numbers) - 1, bool(self.is_context[-1])

    def __len__(self) -> int:
        return len(self.numbers)

    def name(self, item: int) -> str:
        """Name of an item: behind ``Context`` or ``name``; empty where that is missing."""
        match = _ITEM.match(self._text, self._blocks.starts[self.numbers[item]])
        token = token_at(self._text, match.end()) if match else None
        return token.text if token else ""

    def children(self, item: int) -> Iterator[int]:
        """The items directly inside an item, or those at the root."""
        end = len(self) if item == NO_ITEM else self._behind(item)
        item += 1
        while item < end:
            yield item
            item = self._behind(item)

    def _behind(self, item: int) -> int:
        after = self._blocks.afters[self.numbers[item]]
        return bisect_left(self.numbers, after, item)

    @property
    def index(self) -> dict[str, int]:
        """Items by number of the parent, ``/`` or ``.`` for embedded ones, and name.

        Made at the first call. Whole paths as keys would grow with the square of the depth.
        """
        if self._index is None:
            self._index = {}
            for item, parent in enumerate(self.parents):
                self._index.setdefault(self._key(parent, self.name(item)), item)
        return self._index

    def _key(self, parent: int, name: str) -> str:
        is_embedded = parent != NO_ITEM and not self.is_context[parent]
        return "%d%s%s" % (parent, "." if is_embedded else "/", name)

    def find(self, path: str) -> int | None:
        """The item of a path below the root (``scene/image.background``), None when missing."""
        *contexts, names = path.split("/")
        item: int | None = NO_ITEM
        for name in contexts:
            item = None if item is None else self.index.get("%d/%s" % (item, name))
        if not names or names.endswith("."):
            return None
        separator = "/"
        while names and item is not None:
            name = self._longest_name("%d%s" % (item, separator), names)
            item = self.index.get("%d%s%s" % (item, separator, name))
            names, separator = names[len(name) + 1:], "."
        return item

    def _longest_name(self, place: str, names: str) -> str:
        """The item that ``object.inner.innermost`` begins with: names may hold dots themselves."""
        name = names
        while "." in name and place + name not in self.index:
            name = name.rpartition(".")[0]
        return name
