"""Rows of a name and a value, kept as one JSON text: what environment and metadata share.

What is not edited stays as it was stored. A text that cannot be read is shown and never replaced
unless the artist says so.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Sequence

from conductor.lib.errors import ArgumentError
from conductor.lib.secret_texts import is_secret, may_be_quoted

HIDDEN = "[hidden]"
STAYS = (
    "It stays as it is. Correct it in the attribute editor, or press Start Anew to give it up:")
_LONGEST = 200


@dataclass(frozen=True)
class Row:
    """One row.

    Attributes:
        policy: how a variable joins what is there; empty where there is no such choice.
        raw: the entry as stored; None for an edited row.
        complaint: why a stored entry cannot be used; it can only be kept or removed.
    """

    name: str
    value: str = ""
    policy: str = ""
    raw: Any = None
    complaint: str = ""


class Rows:
    """The rows of one window. A subclass says what an entry looks like and which are refused.

    Attributes:
        policies: what each row has one of; empty where there is no such choice.
        title: of the window.
        counted: how a number of rows is said.
        problem: why the stored text cannot be read, empty when it can. Until
            :meth:`start_anew` nothing can be added then, and the text stays.
        rows: in their order.
    """

    policies: Sequence[str] = ()
    title = ""
    counted = "%d"

    def __init__(self, stored: str) -> None:
        self.stored = stored
        self.problem = ""
        self.rows: list[Row] = []
        self._is_changed = False
        try:
            self.rows = self._read(stored) if stored.strip() else []
        except (ValueError, RecursionError) as error:
            self.problem = "The stored text cannot be read (%s)." % error

    # -- said by a subclass

    def _read(self, text: str) -> list[Row]:
        """The rows of a text; raises ValueError where it holds something else."""
        raise NotImplementedError

    def _written(self) -> Any:
        """What is stored, as plain values; raises ArgumentError where that is impossible."""
        raise NotImplementedError

    def _refuse(self, row: Row, others: Sequence[Row]) -> None:
        """Raises ArgumentError for a row that cannot stand beside the others."""
        raise NotImplementedError

    def notes(self) -> list[str]:
        """What is worth knowing about the rows as they are, the worst first."""
        raise NotImplementedError

    # -- changed by the artist

    @property
    def is_changed(self) -> bool:
        """True when there is something to store."""
        return self._is_changed

    def start_anew(self) -> str:
        """Give up a text that cannot be read; says so."""
        if not self.problem:
            return "The text can be read: there is nothing to give up."
        self.problem, self.rows, self._is_changed = "", [], True
        return "The stored text is given up when you press OK."

    def add(self, name: str, value: str, policy: str = "") -> str:
        """Append a row and say so; raises ArgumentError with the reason when it is refused."""
        return "Added %s." % self._take(len(self.rows), Row(name.strip(), value, policy))

    def change(self, place: int, name: str, value: str, policy: str = "") -> str:
        """Replace the row at a place; raises ArgumentError when the new one is refused."""
        return "Changed %s." % self._take(self._existing(place), Row(name.strip(), value, policy))

    def remove(self, place: int) -> str:
        """Take the row at a place away; raises ArgumentError without one."""
        row = self.rows.pop(self._existing(place))
        self._is_changed = True
        return "Removed %s." % (row.name or "the entry")

    def _take(self, place: int, row: Row) -> str:
        if self.problem:
            raise ArgumentError("Nothing can be added to a text that cannot be read.")
        if not row.name:
            raise ArgumentError("Type a name first.")
        self._refuse(row, self.rows[:place] + self.rows[place + 1:])
        self.rows[place:place + 1] = [row]
        self._is_changed = True
        return row.name

    def _existing(self, place: int) -> int:
        if not 0 <= place < len(self.rows):
            raise ArgumentError("Choose a row first.")
        return place

    # -- shown and stored

    def line(self, row: Row) -> str:
        """A row in words."""
        if row.complaint:
            name = row.name + " = " if row.name else ""
            return "%s%s   (cannot be used)" % (name, _shortened(json.dumps(row.raw)))
        return "%s = %s%s" % (row.name, row.value, "   (%s)" % row.policy if row.policy else "")

    def lines(self) -> list[str]:
        """All rows in words."""
        return [self.line(row) for row in self.rows]

    def summary(self) -> str:
        """How many rows there are."""
        return self.counted % len(self.rows) if not self.problem else "The text cannot be read"

    def told(self) -> str:
        """What the window says below the rows."""
        if self.problem:
            return "\n\n".join((self.problem + " " + STAYS, self.stored))
        return "\n".join(self.notes())

    def text(self) -> str:
        """The text to store, empty without rows.

        Raises:
            ArgumentError: the rows cannot be stored together.
        """
        if not self._is_changed:
            return self.stored
        return json.dumps(self._written()) if self.rows else ""

    def log_text(self) -> str:
        """Everything for the log, where secrets have no place."""
        if self.problem:
            quoted = self.stored if may_be_quoted(self.stored) else HIDDEN
            return "%s: %s %s" % (self.title, self.problem, quoted)
        safe = [self.line(_without_secret(row)) for row in self.rows]
        return "\n".join(["%s:" % self.title] + (safe or ["none"]))


def _without_secret(row: Row) -> Row:
    if row.complaint and not may_be_quoted(json.dumps(row.raw)):
        return Row(row.name or "one entry", HIDDEN)
    if is_secret(row.name, row.value):
        return Row(row.name, HIDDEN, row.policy)
    return row


def secret_note(row: Row) -> list[str]:
    """The warning about a value that seems to be a secret."""
    if row.complaint or not is_secret(row.name, row.value):
        return []
    return ["%s seems to hold a secret, which everybody who sees the job can read. Let the render "
            "machine read it from a file." % row.name]


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "..."
