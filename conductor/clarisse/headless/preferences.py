"""Preferences: those of the project from its last block, those of the user from nowhere."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless.attributes import value_tokens
from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.project_file import Entry, ProjectFile


class Preferences:
    """The preferences that an open project carries."""

    def __init__(self, file: ProjectFile) -> None:
        self._file = file

    def read(self, category: str, key: str) -> str | None:
        """First token of an entry, None when the project says nothing."""
        entry = self._entry(category, key)
        tokens = value_tokens(entry) if entry is not None else None
        return tokens[0].text if tokens else None

    def _entry(self, category: str, key: str) -> Entry | None:
        entry = self._file.preferences
        for name in ("categories", category, key):
            entry = entry.find(name) if entry is not None else None
        return entry


@documented
class AppPreferences(HostObject):
    """Reads preferences; user preferences are empty, so everything there is unset."""

    MODE_APPLICATION = 0

    def __init__(self, host: Any, mode: int | None = None) -> None:
        self._host = host
        self._mode = mode

    def _read(self, category: str, key: str) -> str:
        if self._mode == self.MODE_APPLICATION:
            return ""
        return self._host.preferences.read(category, key) or ""

    def item_exists(self, category: str, key: str) -> bool:
        """True when the preference is set."""
        return bool(self._read(category, key))

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
