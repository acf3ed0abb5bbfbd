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
        engine: the scripted class engine, None for other classes.
        is_scripted: made by a script, so all its attributes and defaults are known.
        is_abstract: there are no items of it, only of those below.
    """

    def __init__(
        self, host: Any, name: str, base: str, engine: Any = None, is_scripted: bool = False
    ) -> None:
        self.host = host
        self.name = name
        self.full_name = name
        self.base = base
        self.engine = engine
        self.is_scripted = is_scripted
        self.is_abstract = False
        self.attributes: dict[str, State] = {}

    def declare(self, name: str, shape: Shape) -> State:
        """A new attribute, or the one of that name."""
        return self.attributes.setdefault(name, State(self, name, shape))


class Registry:
    """Classes by name; Clarisse's own are made when they are first asked for."""

    def __init__(self, host: Any) -> None:
        self.host = host
        self._entries: dict[str, ClassEntry] = {}
        self._guessed: set[str] = set()

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

    def makes(self, name: str) -> bool:
        """True for a class that there can be items of.

        Clarisse has hundreds, the table has those that matter to a submission. One outside it is
        taken at its word where its name tells the family, or the project has an item of it.
        """
        entry = self.known(name)
        if entry is not None:
            return not entry.is_abstract
        base = classes.class_of(name).base
        if base == SCRIPTED_BASE and not self._is_used(name):
            return False
        if name not in self._guessed:
            self._guessed.add(name)
            self.host.write_log("warning", (
                "the stand-in does not know the class %s: it is taken for a %s, with the "
                "attributes of that" % (name, base)))
        return True

    def all(self) -> Iterator[ClassEntry]:
        """Every declared class."""
        for name in classes.CLASSES:
            yield self.entry(name)
        for name, found in list(self._entries.items()):
            if found.is_scripted and name not in classes.CLASSES:
                yield found

    def _is_used(self, name: str) -> bool:
        return any(True for _ in self.host.scene.of_class(lambda found: found == name))

    def add(self, name: str, engine: Any) -> ClassEntry:
        """Register a scripted class; replaces a guess of the same name."""
        self._entries[name] = ClassEntry(self.host, name, SCRIPTED_BASE, engine, True)
        return self._entries[name]

    def derive(self, name: str, base: str) -> ClassEntry:
        """Register a class below another one, without an engine."""
        entry = ClassEntry(self.host, name, base, None, True)
        for key, state in self.entry(base).attributes.items():
            entry.attributes[key] = State(entry, key, state.shape, state)
        self._entries[name] = entry
        return entry

    def drop(self, name: str) -> None:
        """Forget a class whose declaration failed."""
        self._entries.pop(name, None)

    def is_kind_of(self, name: str, base: str) -> bool:
        """True when ``name`` is ``base`` or inherits from it."""
        found = self._entries.get(name)
        if found is not None and found.is_scripted:
            return name == base or self.is_kind_of(found.base, base)
        return name == base or classes.is_kind_of(name, base)

    def _from_table(self, name: str) -> ClassEntry:
        info = classes.class_of(name)
        entry = ClassEntry(self.host, name, info.base)
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
