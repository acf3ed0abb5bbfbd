"""Commands that set values, expressions, textures, custom attributes, layers and the time line."""

from __future__ import annotations

import re
from typing import Any

from conductor.clarisse.headless import copies, values
from conductor.clarisse.headless.attributes import Shape, State
from conductor.clarisse.headless.command_part import CommandPart, assign_texts, counted, typed
from conductor.clarisse.headless.items import create, wrap
from conductor.clarisse.headless.model import Node
from conductor.lib.errors import SceneError

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
_CONTAINERS = ("CONTAINER_SINGLE", "CONTAINER_ARRAY", "CONTAINER_LIST")


class ValueCommands(CommandPart):
    """What scripts do to attributes; values are texts whatever the type."""

    # -- values

    def set_value(self, path: str, texts: list[str]) -> None:
        """Set all values of one attribute, or the one that the path names."""
        state, place = self._state(path)
        assign_texts(state, texts, place)

    def set_values(self, paths: list[str], texts: list[str]) -> None:
        """Set one value each; a single path takes all."""
        if len(paths) == 1:
            self.set_value(paths[0], texts)
            return
        if len(paths) != len(texts):
            raise TypeError("SetValues takes as many values as attributes")
        for path, text in zip(paths, texts):
            self.set_value(path, [text])

    def add_value(self, path: str, text: str) -> None:
        """Append to a list."""
        self.add_values([path], [text])

    def add_values(self, paths: list[str], texts: list[str]) -> None:
        """Append to lists: one value each, or all of them to each.

        To a list of embedded objects the name of a class adds a new object.
        """
        each = [[text] for text in texts] if len(paths) == len(texts) else [texts] * len(paths)
        for state, own in zip(self._states(paths), each):
            if state.shape.container != values.LIST:
                raise TypeError("%s is no list" % state.full_name)
            if self._adds_objects(state, own):
                for class_name in own:
                    self._embed(state, class_name)
            else:
                state.assign([*state.values, *typed(state, own)])

    def _adds_objects(self, state: State, texts: list[str]) -> bool:
        known = self._host.registry.known
        return state.shape.type == values.OBJECT and all(known(text) for text in texts)

    def remove_value(self, paths: list[str], indices: list[int]) -> None:
        """Remove values by place: ``[2, 0, 1]`` means two of them, 0 and 1."""
        for state, gone in zip(self._states(paths), counted(indices, len(paths))):
            state.assign([each for place, each in enumerate(state.values) if place not in gone])

    def remove_all_values(self, paths: list[str]) -> None:
        """Empty lists."""
        for state in self._states(paths):
            state.assign([])

    def mute_local_value_attributes(self, paths: list[str], mute: bool) -> None:
        """Let values count as absent, or no longer: all of an attribute, or the one named."""
        for path in paths:
            state, place = self._state(path)
            state.mute(range(len(state.values)) if place is None else [place], mute)

    def move_value(self, path: str, start: int, end: int) -> None:
        """Move one value to another place; those between move up."""
        state, _ = self._state(path)
        found = list(state.values)
        if not (0 <= start < len(found) and 0 <= end < len(found)):
            raise IndexError("%s has %d values" % (path, len(found)))
        found.insert(end, found.pop(start))
        state.assign(found)

    def permute_values(self, paths: list[str], order: list[int]) -> None:
        """Put the values into another order: the place that each comes from."""
        for state in self._states(paths):
            if sorted(order) != list(range(len(state.values))):
                raise TypeError("%s has %d values" % (state.full_name, len(state.values)))
            state.assign([state.values[place] for place in order])

    def set_value_count(self, paths: list[str], counts: list[int]) -> None:
        """Cut, or fill up with zeros or empty texts."""
        for state, count in zip(self._states(paths), counts):
            missing = [values.zero(state.shape.type)] * (count - len(state.values))
            state.assign([*state.values[:count], *missing])

    def reset_attributes(self, paths: list[str]) -> None:
        """Give attributes the default of the class."""
        for state in self._states(paths):
            state.reset()

    def revert_attributes(self, paths: list[str]) -> None:
        """Give attributes the values that the file has."""
        for state in self._states(paths):
            found = state.loaded()
            if found is None:
                state.reset()
            else:
                state.assign(found)

    def lock_attributes(self, paths: list[str], lock: bool) -> None:
        """Let nothing change attributes, or let it."""
        for state in self._states(paths):
            state.flags["locked"] = bool(lock)

    def localize_attributes(self, paths: list[str], localize: bool) -> None:
        """Give an instance values of its own, or those of its source again."""
        for state in self._states(paths):
            if localize:
                state.assign(list(state.values))
            else:
                state.reset()

    # -- expressions, textures

    def set_expression(self, paths: list[str], sources: list[str]) -> None:
        """Set expressions, of a component where the path names one."""
        for path, source in zip(paths, sources):
            state, place = self._state(path)
            if state.shape.type in values.NUMERIC:
                state.set_expression(source, place or 0)
            else:
                state.put(source, place or 0)

    def activate_expression(self, paths: list[str], active: list[int]) -> None:
        """Let expressions drive their values, or not."""
        for state, is_on in zip(self._states(paths), active):
            state.active = bool(is_on)

    def set_texture(self, paths: list[str], texture: str) -> None:
        """Connect a texture; an empty path disconnects what there is."""
        target = self._node(texture).full_name if texture else ""
        for state in self._states(paths):
            state.connect(target)

    # -- custom attributes

    def create_custom_attribute(self, paths: list[str], name: str, type_: int, *more: Any) -> None:
        """New attributes of items: named parameters, or container, hint and group."""
        shape, count = _shape(type_, more)
        for node in self._changeable(self._nodes(paths)):
            added = wrap(node).add_attribute(name, type_)._state
            added.shape = shape
            if count > 1:
                added.assign([values.zero(type_)] * count)

    def edit_custom_attribute(self, paths: list[str], name: str, type_: int, *more: Any) -> None:
        """Change name and kind of custom attributes; values are kept where they fit."""
        shape, _ = _shape(type_, more)
        for path in paths:
            old, _ = self._state(path)
            texts = [values.as_text(old.shape.type, value) for value in old.values]
            node = self._drop(path)
            if node is not None:
                added = node.add_state(name, shape)
                added.assign([values.read(type_, text) for text in texts])

    def remove_custom_attribute(self, paths: list[str]) -> None:
        """Delete custom attributes; those of the class stay."""
        for path in paths:
            self._drop(path)

    def _drop(self, path: str) -> Node | None:
        state, _ = self._state(path)
        node = state.owner
        if not isinstance(node, Node) or not state.shape.is_custom or state.is_locked():
            self._host.write_log("warning", "%s cannot be removed" % path)
            return None
        node.remove_state(state)
        return node

    # -- layers

    def add_layer(self, path: str, class_name: str) -> None:
        """A new layer at the top of an image, named after its class."""
        state, _ = self._state(path)
        if self._host.registry.known(class_name) is None:
            raise SceneError("there is no class %s" % class_name)
        self._embed(state, class_name)

    def _embed(self, state: State, class_name: str) -> None:
        """A new embedded object at the end of a list: its place on screen is a guess."""
        owner = state.owner
        if isinstance(owner, Node) and not state.is_locked():
            name = _WORDS.sub("_", class_name).lower()
            made = create(owner, name, class_name)
            state.assign([*state.values, "." + made.name])

    def delete_layer(self, image: str, indices: list[int]) -> None:
        """Delete layers by place."""
        state, _ = self._state(image + ".layers")
        gone = [str(state.values[place]) for place in indices]
        if isinstance(state.owner, Node) and not state.is_locked():
            nodes = [state.owner.scene.resolve(path, state.owner) for path in gone]
            state.assign([path for path in state.values if path not in gone])
            for node in nodes:
                if node is not None:
                    node.scene.remove(node)

    def duplicate_layer(self, path: str, indices: list[int]) -> None:
        """Copies of layers, behind the others."""
        state, _ = self._state(path)
        owner = state.owner
        for place in indices if isinstance(owner, Node) and not state.is_locked() else ():
            assert isinstance(owner, Node)
            node = owner.scene.resolve(str(state.values[place]), owner)
            if node is not None:
                state.assign([*state.values, "." + copies.copy(node, owner).name])

    # -- the time line

    def set_current_frame(self, frame: float) -> None:
        """Show another frame."""
        self._host.frame = frame

    def set_current_frame_range(self, first: float, last: float) -> None:
        """Ends of the time line."""
        self._host.frame_range = (first, last)

    def set_fps(self, fps: float) -> None:
        """Frames per second."""
        self._host.application.get_factory().get_time().set_fps(fps)


def _shape(type_: int, more: tuple[Any, ...]) -> tuple[Shape, int]:
    """The shape of a custom attribute, and how many values it has."""
    given = dict(zip(*more)) if len(more) == 2 else dict(zip(("container", "vhint", "group"), more))
    container = given.get("container", 0)
    hint = given.get("vhint", 0)
    return Shape(
        type_,
        values.HINT_NAMES[hint] if isinstance(hint, int) else hint.replace("VISUAL_HINT_", ""),
        container if isinstance(container, int) else _CONTAINERS.index(container),
        given.get("group", "General"),
        True,
    ), int(given.get("count", 1))
