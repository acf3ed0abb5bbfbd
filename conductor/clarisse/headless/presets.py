"""The menu of an attribute: labels, each with the text of a value."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Preset, State
from conductor.clarisse.headless.binding import HostObject

_ICON = "icon of "


class PresetCalls(HostObject):
    """The preset calls of OfAttr."""

    @property
    def _state(self) -> State:
        raise NotImplementedError

    def _preset(self, key: int | str) -> Preset | None:
        presets = self._state.presets
        index = self._preset_place(key)
        return presets[index] if index is not None else None

    def _preset_place(self, key: int | str) -> int | None:
        presets = self._state.presets
        if isinstance(key, str):
            labels = [label for label, _ in presets]
            return labels.index(key) if key in labels else None
        return key if 0 <= key < len(presets) else None

    def _applied(self) -> int | None:
        type_ = self._state.shape.type
        found = self._state.resolved(0)
        for index, (_, text) in enumerate(self._state.presets):
            if values.read(type_, text) == found:
                return index
        return None

    def add_preset(self, label: str, value: str, icon: str = "") -> None:
        """Append a menu entry; the value is a text whatever the type of the attribute."""
        self._state.edit_presets().append((label, value))
        self._state.traits[_ICON + label] = icon

    def remove_preset(self, key: Any) -> None:
        """Delete a menu entry by label or place; an unknown one is ignored."""
        index = self._preset_place(key)
        if index is not None:
            del self._state.edit_presets()[index]

    def remove_all_presets(self) -> None:
        """Delete the menu."""
        self._state.own_presets = []

    def has_preset(self) -> bool:
        """True when there is a menu."""
        return bool(self._state.presets)

    def get_preset_count(self) -> int:
        """How many entries the menu has."""
        return len(self._state.presets)

    def get_preset_label(self, index: int) -> str:
        """Label of an entry, empty past the end."""
        preset = self._preset(index)
        return preset[0] if preset else ""

    def get_preset_value(self, key: Any) -> str:
        """Value text of an entry by place or label, empty for an unknown one."""
        preset = self._preset(key)
        return preset[1] if preset else ""

    def get_preset_icon(self, index: int) -> str:
        """Icon of an entry, empty without one."""
        return str(self._state.trait(_ICON + self.get_preset_label(index), ""))

    def get_preset_index(self, label: str) -> int:
        """Place of a label, -1 for an unknown one."""
        index = self._preset_place(label)
        return -1 if index is None else index

    def set_preset_label(self, index: int, label: str) -> None:
        """Rename an entry."""
        preset = self._preset(index)
        if preset:
            self._state.edit_presets()[index] = (label, preset[1])

    def set_preset_value(self, key: Any, value: str) -> None:
        """Change the value of an entry."""
        index = self._preset_place(key)
        if index is not None:
            self._state.edit_presets()[index] = (self._state.presets[index][0], value)

    def apply_preset(self, key: Any) -> None:
        """Give the attribute the value of an entry; an unknown one is ignored."""
        preset = self._preset(key)
        if preset:
            self._state.put(values.read(self._state.shape.type, preset[1]), 0)

    def get_applied_preset_index(self) -> int:
        """Place of the entry whose value the attribute has; without one a switch decides."""
        index = self._applied()
        if index is None:
            return int(self._state.owner.host.switches.no_preset_index)
        return index

    def get_applied_preset_label(self) -> str:
        """Label of the entry whose value the attribute has, empty without one."""
        index = self._applied()
        return "" if index is None else self._state.presets[index][0]
