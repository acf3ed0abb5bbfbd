"""OfVars: the global variables as scripts see them."""

from __future__ import annotations

from conductor.clarisse.headless import values, variables
from conductor.clarisse.headless.attributes import Shape
from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.of_attr import OfAttr


@documented
class OfVar(OfAttr):
    """One variable: like an attribute."""


@documented
class OfVars(HostObject):
    """All variables, by name without ``$``."""

    TYPE_BUILTIN, TYPE_CUSTOM, TYPE_SYSTEM = (
        variables.BUILTIN, variables.CUSTOM, variables.SYSTEM
    )

    def __init__(self, table: variables.Variables) -> None:
        self._table = table

    def get(self, name: str) -> OfVar | None:
        """The variable of that name, None without one."""
        state = self._table.find(name)
        return OfVar(state) if state is not None else None

    def add(self, kind: int, name: str, type_: int, container: int = 0, hint: int = 0) -> OfVar:
        """A new custom variable.

        Raises:
            TypeError: for another kind: those belong to Clarisse and to the system.
        """
        if kind != variables.CUSTOM:
            raise TypeError("only custom variables can be added")
        return OfVar(self._table.add(name, Shape(type_, values.HINT_NAMES[hint], container)))

    def remove(self, name: str) -> None:
        """Delete a custom variable."""
        self._table.remove(name)

    def get_count(self, kind: int) -> int:
        """How many variables of one kind there are."""
        return len(self._table.of_kind(kind))

    def get_by_index(self, kind: int, index: int) -> OfVar | None:
        """A variable of one kind by place."""
        found = self._table.of_kind(kind)
        return OfVar(found[index]) if 0 <= index < len(found) else None
