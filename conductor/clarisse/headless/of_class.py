"""OfClass and the collection of classes."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Shape
from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.cid import declare_class
from conductor.clarisse.headless.of_attr import OfAttr
from conductor.clarisse.headless.registry import ClassEntry, Registry


@documented
class OfClass(HostObject):
    """A class; changing one of its attributes changes the default of its items."""

    def __init__(self, entry: ClassEntry) -> None:
        self._entry = entry

    def get_name(self) -> str:
        """Name of the class."""
        return self._entry.name

    def add_attribute(
        self, name: str, type_: int, container: int = 0, hint: int = 0, group: str = "General"
    ) -> OfAttr:
        """Declare an attribute; groups are shown in the order of their first use."""
        shape = Shape(type_, values.HINT_NAMES[hint], container, group)
        return OfAttr(self._entry.declare(name, shape))

    def set_attr_doc(self, name: str, text: str) -> None:
        """Tool tip of an attribute or action; an unknown name is ignored."""
        state = self._entry.attributes.get(name)
        if state is not None:
            state.traits["doc"] = text

    def get_attribute(self, key: Any) -> OfAttr | None:
        """The attribute of that name or place, None without one."""
        if isinstance(key, int):
            names = list(self._entry.attributes)
            key = names[key] if 0 <= key < len(names) else ""
        return self.attribute_exists(key)

    def attribute_exists(self, name: str) -> OfAttr | None:
        """The attribute itself, None without one."""
        state = self._entry.attributes.get(name)
        return OfAttr(state) if state is not None else None

    def get_attribute_count(self) -> int:
        """How many attributes and actions there are."""
        return len(self._entry.attributes)


@documented
class OfClassCollection(HostObject):
    """All classes."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def get(self, name: str) -> OfClass | None:
        """The class of that name, None without one."""
        entry = self._registry.known(name)
        return OfClass(entry) if entry is not None else None

    def exists(self, name: str) -> OfClass | None:
        """The class itself, None without one."""
        entry = self._registry.known(name)
        return OfClass(entry) if entry is not None else None

    def add_from_cid(self, text: str) -> OfClass | None:
        """A class from a text in CID form, without an engine; None when it cannot be made."""
        entry = declare_class(self._registry.host, text)
        return OfClass(entry) if entry is not None else None

    def get_classes(self) -> list[OfClass]:
        """Every class."""
        return [OfClass(entry) for entry in self._registry.all()]
