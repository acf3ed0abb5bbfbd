"""OfAttr: the handle of one attribute, made anew at each call."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import State
from conductor.clarisse.headless.binding import documented, installed_host, text
from conductor.clarisse.headless.links import texture_of
from conductor.clarisse.headless.model import Node
from conductor.clarisse.headless.path_attributes import PathAttributes, path_states
from conductor.clarisse.headless.presets import PresetCalls
from conductor.clarisse.headless.values import Value

TYPE_CHANGE, TYPE_PROPAGATE = range(2)


class OfAttrEvent:
    """What kind of change a handler is told of.

    Attributes:
        type: ``TYPE_PROPAGATE`` for a change of an item that the attribute refers to; the names
            of the others are not known.
    """

    TYPE_PROPAGATE = TYPE_PROPAGATE

    def __init__(self, type_: int) -> None:
        self.type = type_


@documented
class OfAttr(PresetCalls):
    """An attribute of an item, of a class, or a variable."""

    def __init__(self, state: State) -> None:
        self._held = state

    @property
    def _state(self) -> State:
        """The state; that of the item which took the place of a renamed or moved one."""
        owner = self._held.owner
        while isinstance(owner, Node) and owner.is_removed and owner.moved_to is not None:
            owner = owner.moved_to
        if owner is not self._held.owner and isinstance(owner, Node):
            self._held = owner.attribute(self._held.name) or self._held
        return self._held

    def __str__(self) -> str:
        return self._state.full_name

    __repr__ = __str__

    def get_name(self) -> str:
        """Name of the attribute."""
        return self._state.name

    def get_full_name(self) -> str:
        """Path of the item, a dot, the name."""
        return self._state.full_name

    def get_parent_object(self) -> Any:
        """The item that has it."""
        return wrap_owner(self._state)

    def get_type(self) -> int:
        """One of the TYPE constants."""
        return self._state.shape.type

    def get_container(self) -> int:
        """One of the CONTAINER constants."""
        return self._state.shape.container

    def get_visual_hint(self) -> int:
        """One of the VISUAL_HINT constants."""
        return values.HINT_NAMES.index(self._state.shape.hint)

    def is_single(self) -> bool:
        """True for one value."""
        return self._state.shape.container == values.SINGLE

    def is_array(self) -> bool:
        """True for a fixed number of values."""
        return self._state.shape.container == values.ARRAY

    def is_list(self) -> bool:
        """True for a list that grows."""
        return self._state.shape.container == values.LIST

    def is_numeric_type(self) -> bool:
        """True for bool, long and double."""
        return self._state.shape.type in values.NUMERIC

    # -- reading

    def _number(self, type_: int, index: int) -> Value:
        found = self._state.resolved(index)
        return values.read(type_, found if isinstance(found, str) else repr(float(found)))

    def get_bool(self, index: int = 0) -> bool:
        """A value as a switch."""
        return bool(self._number(values.DOUBLE, index))

    def get_long(self, index: int = 0) -> int:
        """A value as a whole number."""
        return int(self._number(values.LONG, index))

    def get_double(self, index: int = 0) -> float:
        """A value as a number."""
        return float(self._number(values.DOUBLE, index))

    def get_string(self, index: int = 0) -> str:
        """A value as text, variables and expressions resolved."""
        return values.as_text(self._state.shape.type, self._state.resolved(index))

    def get_raw_string(self, index: int = 0) -> str:
        """A value as text, as typed."""
        return self._state.source(index)

    def get_object(self, index: int = 0) -> Any:
        """The item a reference names, None when there is none or its value is muted."""
        found = self._state.values
        if not 0 <= index < len(found) or index in self._state.muted:
            return None
        return self._referred(found[index])

    def _referred(self, written: Value) -> Any:
        owner = self._state.owner
        is_reference = self._state.shape.type in (values.REFERENCE, values.OBJECT)
        if not is_reference or not isinstance(owner, Node):
            return None
        node = owner.scene.resolve(str(written), owner)
        return wrap_node(node) if node is not None else None

    def get_values(self, out: Any) -> None:
        """Fill an array with all values, resolved."""
        self._fill(out, [self.get_string(index) for index in range(self.get_value_count())])

    def get_raw_values(self, out: Any) -> None:
        """Fill an array with all values, as typed."""
        self._fill(out, [self._state.source(index) for index in range(self.get_value_count())])

    def _fill(self, out: Any, texts: list[str]) -> None:
        if not hasattr(out, "_fill"):
            raise TypeError("get_values fills an array, not %s" % type(out).__name__)
        if out._element == "text":
            out._fill(texts)
        else:
            out._fill(self.get_object(index) for index in range(self.get_value_count()))

    def get_value_count(self) -> int:
        """How many values there are."""
        return len(self._state.values)

    # -- writing

    def _set(self, value: Value, type_: int, index: int) -> None:
        own = self._state.shape.type
        is_number = own in values.NUMERIC
        loose = self._state.owner.host.switches.texts_for_numbers
        if is_number != (type_ in values.NUMERIC) and not loose:
            raise TypeError("%s is of type %s" % (self, values.TYPE_NAMES[own]))
        typed = values.as_text(type_, value)
        self._state.put(values.read(own, typed) if is_number else typed, index)

    def set_bool(self, value: bool, index: int = 0) -> None:
        """Set a switch."""
        self._set(value, values.BOOL, index)

    def set_long(self, value: int, index: int = 0) -> None:
        """Set a whole number."""
        self._set(value, values.LONG, index)

    def set_double(self, value: float, index: int = 0) -> None:
        """Set a number."""
        self._set(value, values.DOUBLE, index)

    def set_string(self, value: str, index: int = 0) -> None:
        """Set a text: with variables in it, its source."""
        self._set(value, values.STRING, index)

    def set_object(self, item: Any, index: int = 0) -> None:
        """Refer to an item, or to none."""
        self._check_admits(item)
        self._state.put("" if item is None else item.get_full_name(), index)

    def _check_admits(self, item: Any) -> None:
        if self._state.shape.type not in (values.REFERENCE, values.OBJECT):
            raise TypeError("%s refers to no items" % self)
        filters = self._state.trait("filters", ())
        if item is not None and filters and not any(item.is_kindof(name) for name in filters):
            raise TypeError("%s takes %s, not %s" % (self, "/".join(filters), item))

    def _append(self, value: Value) -> None:
        if not self.is_list():
            raise TypeError("%s is no list" % self)
        self._state.assign([*self._state.values, value])

    def add_bool(self, value: bool) -> None:
        """Append to a list."""
        self._append(values.read(self._state.shape.type, values.as_text(values.BOOL, value)))

    def add_long(self, value: int) -> None:
        """Append to a list."""
        self._append(values.read(self._state.shape.type, str(value)))

    def add_double(self, value: float) -> None:
        """Append to a list."""
        self._append(values.read(self._state.shape.type, repr(value)))

    def add_string(self, value: str) -> None:
        """Append to a list."""
        self._append(values.read(self._state.shape.type, value))

    def add_object(self, item: Any) -> None:
        """Append to a list of references."""
        self._check_admits(item)
        self._append("" if item is None else item.get_full_name())

    def remove_all(self) -> None:
        """Empty a list."""
        if not self.is_list():
            raise TypeError("%s is no list" % self)
        self._state.assign([])

    def set_value_count(self, count: int) -> None:
        """Cut, or fill up with zeros or empty texts."""
        current = self._state.values[:count]
        missing = count - len(current)
        self._state.assign(current + [values.zero(self._state.shape.type)] * missing)

    def __getitem__(self, index: int) -> Value:
        if not 0 <= index < self.get_value_count():
            raise IndexError("%s has %d values" % (self, self.get_value_count()))
        return self._state.resolved(index)

    def __setitem__(self, index: int, value: Any) -> None:
        set_any(self, value, index)

    # -- textures, flags

    def get_texture(self) -> Any:
        """The texture that drives the value, None without one."""
        node = texture_of(self._state)
        return wrap_node(node) if node is not None else None

    def is_textured(self) -> bool:
        """True when a texture drives the value."""
        return texture_of(self._state) is not None

    def is_hidden(self) -> bool:
        """True when the row is not shown."""
        return self._state.flag("hidden")

    def set_hidden(self, hidden: bool) -> None:
        """Show the row, or not."""
        self._state.flags["hidden"] = hidden

    def is_private(self) -> bool:
        """True when it is Clarisse's own affair."""
        return self._state.flag("private")

    def set_private(self, private: bool) -> None:
        """Make it Clarisse's own affair."""
        self._state.flags["private"] = private

    def set_read_only(self, read_only: bool) -> None:
        """Grey the row out; scripts may still set it."""
        self._state.flags["read_only"] = read_only

    def is_locked(self) -> bool:
        """True when it may not be set."""
        return self._state.flag("locked")

    def is_editable(self) -> bool:
        """True when the artist may set it."""
        return not (self._state.flag("read_only") or self._state.is_locked())

    def is_local(self) -> bool:
        """True when the value is the item's own and not inherited."""
        return self._state.stored() is not None

    # -- expressions

    def is_expression_enabled(self) -> bool:
        """True when there is an expression."""
        return self._state.has_expression()

    def is_expression_activated(self) -> bool:
        """True when the expression drives the value."""
        return self._state.is_active()

    def get_expression(self) -> str:
        """The expression as typed."""
        return self._state.source(0)

    def set_expression(self, source: str) -> None:
        """Replace the expression."""
        self._state.set_source(source)

    def activate_expression(self, active: bool) -> None:
        """Let the expression drive the value, or not."""
        self._state.active = active

    # -- declarations

    def get_event_info(self) -> OfAttrEvent:
        """What kind of change this is, inside a handler."""
        return OfAttrEvent(self._state.event_type)

    def get_serialized_value_count(self) -> int:
        """How many values are stored with the item itself."""
        return len(self._state.stored() or ())

    def get_serialized_object(self, index: int) -> Any:
        """The item that a stored value names, None without one."""
        found = self._state.stored() or []
        return self._referred(found[index]) if 0 <= index < len(found) else None

    def set_numeric_range(self, low: float, high: float) -> None:
        """Clamp to this range."""
        self._state.traits["range"] = (low, high)

    def set_numeric_range_min(self, low: float) -> None:
        """Clamp from below."""
        self._state.traits["range"] = (low, self._state.trait("range", (None, None))[1])

    def get_numeric_range_min(self) -> float:
        """Lower end of the range, 0 without one."""
        low = self._state.trait("range", (None, None))[0]
        return float(low or 0.0)

    def enable_range(self, enabled: bool) -> None:
        """Clamp, or not."""
        if not enabled:
            self._state.traits["range"] = (None, None)

    def set_numeric_ui_range(self, low: float, high: float) -> None:
        """Ends of the slider."""
        self._state.traits["ui_range"] = (low, high)

    def enable_ui_range(self, enabled: bool) -> None:
        """Use the ends of the slider."""

    def set_slider(self, enabled: bool) -> None:
        """Show a slider."""

    def set_texturable(self, enabled: bool) -> None:
        """Let textures drive it."""

    def set_animatable(self, enabled: bool) -> None:
        """Let curves drive it."""

    def set_texture_filters(self, names: list[str]) -> None:
        """Classes of textures that may drive it."""
        self._state.traits["texture_filters"] = tuple(names)

    def set_dg_active(self, enabled: bool) -> None:
        """Take part in the graph of dependencies."""

    def set_object_filters(self, names: list[str]) -> None:
        """Classes a reference may name, those below them included."""
        self._state.traits["filters"] = tuple(names)

    @staticmethod
    def get_path_attrs() -> Any:
        """Every path attribute of the open project; what lies in references is not seen."""
        return PathAttributes(OfAttr, list(path_states(installed_host().scene)))

    @staticmethod
    def get_type_name(type_: int) -> str:
        """``TYPE_STRING``."""
        return "TYPE_" + values.TYPE_NAMES[type_]

    @staticmethod
    def get_visual_hint_name(hint: int) -> str:
        """``VISUAL_HINT_FILENAME_OPEN``."""
        return "VISUAL_HINT_" + values.HINT_NAMES[hint]


for _number, _name in enumerate(values.TYPE_NAMES):
    setattr(OfAttr, "TYPE_" + _name, _number)
for _number, _name in enumerate(values.HINT_NAMES):
    setattr(OfAttr, "VISUAL_HINT_" + _name, _number)
for _number, _name in enumerate(("SINGLE", "ARRAY", "LIST")):
    setattr(OfAttr, "CONTAINER_" + _name, _number)


def set_any(attribute: OfAttr, value: Any, index: int = 0) -> None:
    """Set by the type of the Python value, as ``obj.attrs.name = value`` does."""
    if isinstance(value, bool):
        attribute.set_bool(value, index)
    elif isinstance(value, int):
        attribute.set_long(value, index)
    elif isinstance(value, float):
        attribute.set_double(value, index)
    elif isinstance(value, (str, bytes)):
        attribute.set_string(text(value), index)
    else:
        attribute.set_object(value, index)


def wrap_owner(state: State) -> Any:
    """Handle of the owner of an attribute, None for a variable or a class."""
    owner = state.owner
    return wrap_node(owner) if isinstance(owner, Node) else None


def wrap_node(node: Node) -> Any:
    """Handle of an item: a context or an object."""
    from conductor.clarisse.headless.items import wrap

    return wrap(node)
