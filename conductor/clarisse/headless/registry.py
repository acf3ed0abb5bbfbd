"""The classes of the session: Clarisse's own, from the class table, and scripted ones."""

from __future__ import annotations

from typing import Any, Iterator

from conductor.clarisse import classes
from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Owner, Shape, State

SCRIPTED_BASE = "ProjectItem"
_CONTAINERS = {
    classes.SINGLE: values.SINGLE, classes.ARRAY: values.ARRAY, classes.LIST: values.LIST,
}


class ClassEntry(Owner):
    """One class with the state of its attributes, which are the defaults of its items.

    Attributes:
        engine: the scripted class engine, None for Clarisse's own classes.
    """

    def __init__(self, host: Any, name: str, base: str, engine: Any = None) -> None:
        self.host = host
        self.name = name
        self.full_name = name
        self.base = base
        self.engine = engine
        self.attributes: dict[str, State] = {}

    @property
    def is_scripted(self) -> bool:
        """True for a class made by a script."""
        return self.engine is not None

    def declare(self, name: str, shape: Shape) -> State:
        """A new attribute, or the one of that name."""
        return self.attributes.setdefault(name, State(self, name, shape))


class Registry:
    """Classes by name; Clarisse's own are made when they are first asked for."""

    def __init__(self, host: Any) -> None:
        self._host = host
        self._entries: dict[str, ClassEntry] = {}

    def entry(self, name: str) -> ClassEntry:
        """The class of that name; an unknown one is guessed from its name."""
        if name not in self._entries:
            self._entries[name] = self._from_table(name)
        return self._entries[name]

    def known(self, name: str) -> ClassEntry | None:
        """The class of that name if Clarisse or a script declares it."""
        found = self._entries.get(name)
        is_known = name in classes.CLASSES or (found is not None and found.is_scripted)
        return self.entry(name) if is_known else None

    def all(self) -> Iterator[ClassEntry]:
        """Every declared class."""
        for name in classes.CLASSES:
            yield self.entry(name)
        for name, found in list(self._entries.items()):
            if found.is_scripted and name not in classes.CLASSES:
                yield found

    def add(self, name: str, engine: Any) -> ClassEntry:
        """Register a scripted class; replaces a guess of the same name."""
        self._entries[name] = ClassEntry(self._host, name, SCRIPTED_BASE, engine)
        return self._entries[name]

    def drop(self, name: str) -> None:
        """Forget a class whose declaration failed."""
        self._entries.pop(name, None)

    def is_kind_of(self, name: str, base: str) -> bool:
        """True when ``name`` is ``base`` or inherits from it."""
        found = self._entries.get(name)
        if found is not None and found.is_scripted:
            return name == base or classes.is_kind_of(found.base, base)
        return name == base or classes.is_kind_of(name, base)

    def _from_table(self, name: str) -> ClassEntry:
        info = classes.class_of(name)
        entry = ClassEntry(self._host, name, info.base)
        for key, attribute in info.attributes.items():
            state = entry.declare(key, _shape(attribute))
            default = attribute.default
            if default is not None:
                state.hold(list(default) if isinstance(default, tuple) else [default])
        return entry


def _shape(attribute: classes.AttributeInfo) -> Shape:
    type_, hint, _ = values.type_of_word(attribute.hint or attribute.type)
    if hint == "DEFAULT":
        type_, hint, _ = values.type_of_word(attribute.type)
    return Shape(type_, hint, _CONTAINERS[attribute.container])
