"""Preferences: those of the project from its last block, those of the user from nowhere."""

from __future__ import annotations

from typing import Any, Iterator, Sequence

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import value_tokens
from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.values import Value
from conductor.clarisse.project_file import Edit, Entry, ProjectFile, quote

INDENT = 4
CATEGORIES = "categories"


class Preferences:
    """The preferences that an open project carries, with what scripts changed in them.

    Attributes:
        changes: by category and key, a type with a value of it.
    """

    def __init__(self, file: ProjectFile) -> None:
        self._file = file
        self.changes: dict[tuple[str, str], tuple[int, Value]] = {}

    def read(self, category: str, key: str) -> str | None:
        """First token of an entry, None when the project says nothing."""
        type_, value = self.changes.get((category, key), (values.STRING, None))
        if value is not None:
            return str(value) if type_ == values.STRING else values.write(type_, value)
        tokens = _tokens(self._found(category, key))
        return tokens[0].text if tokens else None

    def write(self, category: str, key: str, type_: int, value: Value) -> None:
        """Change an entry, or add it; saved with the project."""
        self.changes[category, key] = type_, value

    def _found(self, *names: str) -> Entry | None:
        entry = self._file.preferences
        for name in (CATEGORIES, *names):
            entry = entry.find(name) if entry is not None else None
        return entry

    def edits(self) -> Iterator[Edit]:
        """What changed, as edits of the project's text."""
        new: dict[str, list[str]] = {}
        for (category, key), change in self.changes.items():
            token = values.write(*change)
            tokens = _tokens(self._found(category, key))
            if tokens:
                yield Edit(tokens[0].start, tokens[-1].end, token)
            else:
                new.setdefault(category, []).append("%s %s" % (_name(key), token))
        missing: list[str] = []
        for category, lines in new.items():
            block = self._found(category)
            if block is not None:
                yield _insertion(block, lines)
            else:
                missing += _block(category, lines)
        if missing:
            yield self._top(missing)

    def _top(self, lines: list[str]) -> Edit:
        """Whole categories go into the block of categories, which may be missing itself."""
        block = self._found()
        if block is not None:
            return _insertion(block, lines)
        outer, lines = self._file.preferences, _block(CATEGORIES, lines)
        if outer is not None:
            return _insertion(outer, lines)
        end, text = len(self._file.text), _block("#preferences", lines)
        return Edit(end, end, "".join(line + "\n" for line in text))


def _tokens(entry: Entry | None) -> Sequence[Any]:
    return (value_tokens(entry) if entry is not None else None) or ()


def _name(key: str) -> str:
    return key if key.isidentifier() else quote(key)


def _block(name: str, lines: list[str]) -> list[str]:
    return [name + " {", *(" " * INDENT + line for line in lines), "}"]


def _insertion(block: Entry, lines: list[str]) -> Edit:
    blanks = " " * (block.indent + INDENT)
    return Edit(block.body_end, block.body_end, "".join(blanks + line + "\n" for line in lines))


@documented
class AppPreferences(HostObject):
    """Reads and sets preferences. Those of the user are empty at the start, and saved nowhere."""

    MODE_APPLICATION = 0

    def __init__(self, host: Any, mode: int | None = None) -> None:
        self._host = host
        self._is_user = mode == self.MODE_APPLICATION
        self._held: Preferences = host.user_preferences if self._is_user else host.preferences

    def _read(self, category: str, key: str) -> str:
        return self._held.read(category, key) or ""

    def _write(self, category: str, key: str, type_: int, value: Value) -> None:
        self._held.write(category, key, type_, value)
        self._host.is_modified = self._host.is_modified or not self._is_user

    def item_exists(self, category: str, key: str) -> bool:
        """True when the preference is set."""
        return self._held.read(category, key) is not None

    def get_string_value(self, category: str, key: str) -> str:
        """A text, empty when unset."""
        return self._read(category, key)

    def get_bool_value(self, category: str, key: str) -> bool:
        """A switch, off when unset."""
        return self._read(category, key) in ("yes", "1")

    def get_long_value(self, category: str, key: str) -> int:
        """A whole number, 0 when unset."""
        return int(float(self._read(category, key) or 0))

    def get_double_value(self, category: str, key: str) -> float:
        """A number, 0 when unset."""
        return float(self._read(category, key) or 0)

    def set_string_value(self, category: str, key: str, value: str) -> None:
        """Set a text."""
        self._write(category, key, values.STRING, value)

    def set_bool_value(self, category: str, key: str, value: bool) -> None:
        """Set a switch."""
        self._write(category, key, values.BOOL, value)

    def set_long_value(self, category: str, key: str, value: int) -> None:
        """Set a whole number."""
        self._write(category, key, values.LONG, value)

    def set_double_value(self, category: str, key: str, value: float) -> None:
        """Set a number."""
        self._write(category, key, values.DOUBLE, value)

    def _add(self, category: str, key: str, type_: int, value: Value) -> None:
        if not self.item_exists(category, key):
            self._write(category, key, type_, value)

    def add_string(self, category: str, key: str, value: str) -> None:
        """Add a text unless the preference is there."""
        self._add(category, key, values.STRING, value)

    def add_long(self, category: str, key: str, value: int) -> None:
        """Add a whole number unless the preference is there."""
        self._add(category, key, values.LONG, value)

    def add_bool(self, category: str, key: str, value: bool) -> None:
        """Add a switch unless the preference is there."""
        self._add(category, key, values.BOOL, value)
