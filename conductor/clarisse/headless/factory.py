"""OfObjectFactory: the door to everything in the project."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.items import OfContext, create, wrap
from conductor.clarisse.headless.links import sources_of
from conductor.clarisse.headless.model import GENERIC, Node
from conductor.clarisse.headless.of_attr import OfAttr
from conductor.clarisse.headless.of_class import OfClassCollection
from conductor.clarisse.headless.of_vars import OfVars


def find_attribute(host: Any, path: str) -> OfAttr | None:
    """The attribute at ``item.attribute`` or ``item.attribute[2]``."""
    before, dot, name = path.rpartition(".")
    if not dot or "/" in name:
        return None
    node: Node | None = host.scene.node(before)
    if node is None:
        return None
    holder = (host.scene.options(node) or node) if node.is_context else node
    state = holder.attribute(name.partition("[")[0])
    return OfAttr(state) if state is not None else None


@documented
class OfTime(HostObject):
    """The time line."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def get_current_frame(self) -> float:
        """The frame shown."""
        return float(self._host.frame)

    def set_current_frame(self, frame: float) -> None:
        """Show another frame."""
        self._host.frame = frame

    def get_fps(self) -> float:
        """Frames per second."""
        return float(self._host.fps)

    def set_fps(self, fps: float) -> None:
        """Frames per second."""
        self._host.fps = fps


# Only labels that were seen in real project files.
ENUMS = {
    "color_space": ("Colorspaces|sRGB",),
    "resolution_preset": ("Digital Video (HD)|1080p (1920x1080)",),
}


@documented
class OfEnum(HostObject):
    """Labels of a text attribute."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        self._labels = labels

    def get_value_count(self) -> int:
        """How many labels there are."""
        return len(self._labels)

    def get_label(self, index: int) -> str:
        """One label, empty past the end."""
        return self._labels[index] if 0 <= index < len(self._labels) else ""


@documented
class OfObjectFactory(HostObject):
    """Finds, counts and removes items."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def get_root(self) -> OfContext:
        """The root context."""
        return OfContext(self._host.scene.root)

    def get_all_objects(self, class_name: str, out: Any) -> None:
        """Fill with all objects of a class and of those below it, disabled ones too."""
        kind_of = self._host.registry.is_kind_of
        found = self._host.scene.of_class(lambda name: kind_of(name, class_name))
        out._fill(wrap(node) for node in found)

    def get_objects(self, first: Any, out: Any = None) -> None:
        """Fill with the objects of exactly this class, or with all."""
        array = first if out is None else out
        found = self._host.scene.of_class(lambda name: out is None or name == first)
        array._fill(wrap(node) for node in found)

    def get_object(self, path: str) -> Any:
        """The object at a path, None without one."""
        node = self._host.scene.node(path)
        return wrap(node) if node is not None and not node.is_context else None

    def object_exists(self, path: str) -> Any:
        """The object itself, None without one."""
        node = self._host.scene.node(path)
        return wrap(node) if node is not None and not node.is_context else None

    def context_exists(self, path: str) -> Any:
        """The context itself, None without one."""
        node = self._host.scene.node(path)
        return wrap(node) if node is not None and node.is_context else None

    def find_attribute(self, path: str) -> OfAttr | None:
        """The attribute at a path, None without one."""
        return find_attribute(self._host, path)

    def add_generic_object(self, name: str) -> Any:
        """An object without a class, for dialogs; it is not saved."""
        node = create(self._host.scene.root, name, GENERIC)
        node.flags["static"] = True
        return wrap(node)

    def get_items_outputs(self, items: Any, out: Any, recursive: bool) -> None:
        """Fill with the items that refer to these, and with those that refer to them in turn."""
        wanted = {str(item) for item in items if item is not None}
        found: dict[str, Node] = {}
        is_growing = True
        while is_growing:
            users = [
                node for node in self._host.scene.all_nodes() if node.full_name not in found
                and any(source.full_name in wanted for source in sources_of(node))]
            found.update((node.full_name, node) for node in users)
            wanted = {node.full_name for node in users}
            is_growing = recursive and bool(users)
        out._fill(wrap(node) for node in found.values())

    def get_enum(self, name: str) -> OfEnum | None:
        """A list of labels, None for an unknown one."""
        return OfEnum(ENUMS[name]) if name in ENUMS else None

    def remove_item(self, path: str) -> None:
        """Delete an item and what is below it; an unknown, locked or remote one is left alone."""
        node = self._host.scene.node(path)
        if node is not None and node.parent is not None and not node.refuses_changes:
            self._host.scene.remove(node)
            self._host.is_modified = True

    def get_classes(self) -> OfClassCollection:
        """All classes."""
        return OfClassCollection(self._host.registry)

    def get_vars(self) -> OfVars:
        """All variables."""
        return OfVars(self._host.variables)

    def get_time(self) -> OfTime:
        """The time line."""
        return OfTime(self._host)
