"""The state of one attribute: values, expression, flags and presets, inherited from its class.

A state without a value of its own shows the one of its base (the class, or the source of an
instance), so changing a class attribute changes what every instance shows. Reading from the file
happens at the first look.
"""

from __future__ import annotations

from typing import Any, Iterable, NamedTuple, Sequence, Tuple

from conductor.clarisse import expressions
from conductor.clarisse.headless import values
from conductor.clarisse.headless.values import Value
from conductor.clarisse.project_file import Entry, Token

Preset = Tuple[str, str]


class Shape(NamedTuple):
    """What an attribute is, apart from its value."""

    type: int
    hint: str = "DEFAULT"
    container: int = values.SINGLE
    group: str = "General"
    is_custom: bool = False


class Owner:
    """What has attributes: an item, a class, the variables."""

    host: Any = None
    full_name: str = ""

    @property
    def refuses_changes(self) -> bool:
        """True when no attribute may be set."""
        return False

    def changed(self, state: State) -> None:
        """Called after every change of a value."""


def value_tokens(entry: Entry) -> Sequence[Token] | None:
    """Tokens of the value of an attribute line or block; None when the block has only the rest."""
    if not entry.is_block:
        return entry.tokens
    for child in entry.children:
        if child.key == "value" and not child.is_block:
            return child.tokens
    return None


class State:
    """One attribute of one owner.

    Attributes:
        base: where unset things come from, None for a class attribute of its own.
        entry: the line or block of the file, None when the file says nothing.
        flags: own ``hidden``, ``private``, ``read_only`` and the like.
        traits: ranges, filters, documentation: kept, not interpreted.
        event_type: what the change that handlers are told of just now is.
        texture_text: path of the texture that a script connected, empty for none; None when the
            file decides.
    """

    def __init__(
        self, owner: Owner, name: str, shape: Shape,
        base: State | None = None, entry: Entry | None = None,
    ) -> None:
        self.owner = owner
        self.name = name
        self.shape = shape
        self.base = base
        self.entry = entry
        self.flags: dict[str, bool] = {}
        self.traits: dict[str, Any] = {}
        self.own_presets: list[Preset] | None = None
        self.active: bool | None = None
        self.expressions_changed = False
        self.texture_text: str | None = None
        self.event_type = 0
        self._forced: dict[int, str] | None = None
        self._own: list[Value] | None = None
        self._muted: frozenset[int] | None = None
        self._is_assigned = False
        hidden = self.loaded_hidden()
        if hidden is not None:
            self.flags["hidden"] = hidden

    def loaded_hidden(self) -> bool | None:
        """The visibility that the file gives this attribute, None when it says nothing."""
        if self.entry is not None and self.entry.is_block:
            for child in self.entry.children:
                if child.key == "hidden":
                    return not child.tokens or child.tokens[0].text == "yes"
        return None

    def is_changed(self) -> bool:
        """True when the values are not those of the file (of the class, where it has none)."""
        return self._is_assigned and self._own != self.loaded()

    @property
    def has_block_changes(self) -> bool:
        """True when something changed that only a block of the file can say."""
        return self.expressions_changed or self.texture_text is not None

    def texture_path(self) -> str:
        """Path of the texture that drives the value, as written; empty without one."""
        if self.texture_text is not None:
            return self.texture_text
        for child in self.entry.children if self.entry is not None else ():
            if child.key == "texture" and child.tokens:
                return child.tokens[0].text
        return ""

    def relink(self, new: list[Value]) -> None:
        """Give references the new paths of items that moved: no change to anybody."""
        self._own = new
        self._is_assigned = True

    @property
    def muted(self) -> frozenset[int]:
        """Places of values that count as absent: the eye beside them is closed."""
        if self._muted is None:
            word, entry = self.owner.host.switches.muted_keyword, self.entry
            lines = entry.children if entry is not None and entry.is_block else ()
            self._muted = frozenset(
                int(token.text) for line in lines if line.key == word for token in line.tokens)
        return self._muted

    def mute(self, places: Iterable[int], is_muted: bool) -> None:
        """Close the eye beside values, or open it, and tell the owner."""
        self._muted = self.muted | set(places) if is_muted else self.muted - set(places)
        self.owner.changed(self)

    # -- what is stored

    @property
    def full_name(self) -> str:
        """``project://scene/image.save_as``."""
        return "%s.%s" % (self.owner.full_name, self.name)

    def stored(self) -> list[Value] | None:
        """Own values, None when the base decides."""
        if self._own is None and self.entry is not None:
            self._own = self.loaded()
        return self._own

    def loaded(self) -> list[Value] | None:
        """The values in the file, None when it has none."""
        tokens = None if self.entry is None else value_tokens(self.entry)
        if tokens is None:
            return None
        if len(tokens) == 1 and tokens[0].text == "<empty>" and not tokens[0].quoted:
            return []
        return [values.read(self.shape.type, token.text) for token in tokens]

    @property
    def values(self) -> list[Value]:
        """All values, unresolved: texts are their source, references are paths as written."""
        own = self.stored()
        if own is not None:
            return own
        if self.base is not None:
            return self.base.values
        return [] if self.shape.container == values.LIST else [values.zero(self.shape.type)]

    @property
    def expressions(self) -> dict[int, str]:
        """Expressions of a number by value index, from the file or set since."""
        if self._forced is None:
            self._forced = {}
            for child in () if self.entry is None else self.entry.children:
                if child.key == "expression" and child.tokens:
                    self._forced[child.index or 0] = child.tokens[0].text
        return self._forced or (self.base.expressions if self.base is not None else {})

    def assign(self, new: list[Value]) -> None:
        """Replace all values and tell the owner; what is locked or remote stays as it is."""
        if self.is_locked():
            self.owner.host.write_log("warning", "%s cannot be changed" % self.full_name)
            return
        is_told = new != self.values or self.owner.host.switches.same_value_fires
        self._own = new
        self._is_assigned = True
        if is_told:
            self.owner.changed(self)

    def is_locked(self) -> bool:
        """True when no value may be set."""
        return self.flag("locked") or self.owner.refuses_changes

    def reset(self) -> None:
        """Give the attribute the value of its base, without expression and texture."""
        if self.is_locked():
            return
        if self.expressions:
            self._forced = {}
            self.expressions_changed = True
        if self.texture_path():
            self.texture_text = ""
        empty = [] if self.shape.container == values.LIST else [values.zero(self.shape.type)]
        self.assign(list(self.base.values) if self.base is not None else empty)

    def connect(self, texture: str) -> None:
        """Let the texture at a path drive the value; an empty path disconnects."""
        if self.is_locked():
            self.owner.host.write_log("warning", "%s cannot be changed" % self.full_name)
            return
        self.texture_text = texture
        self.owner.changed(self)

    def hold(self, new: list[Value]) -> None:
        """Set the values without telling anybody: defaults, built-in variables."""
        self._own = new

    def put(self, value: Value, index: int) -> None:
        """Replace one value.

        Raises:
            IndexError: when there is no value of that index.
        """
        current = list(self.values)
        if not current and index == 0:
            current = [value]
        elif not 0 <= index < len(current):
            raise IndexError("%s has %d values" % (self.full_name, len(current)))
        current[index] = self._clamped(value)
        self.assign(current)

    def _clamped(self, value: Value) -> Value:
        low, high = self.trait("range", (None, None))
        if isinstance(value, (str, bool)):
            return value
        if low is not None and value < low:
            return type(value)(low)
        return type(value)(high) if high is not None and value > high else value

    # -- inherited

    def flag(self, name: str) -> bool:
        """An own flag, else the one of the base, else False."""
        if name in self.flags:
            return self.flags[name]
        return self.base.flag(name) if self.base is not None else False

    def trait(self, name: str, default: Any = None) -> Any:
        """An own trait, else the one of the base."""
        if name in self.traits:
            return self.traits[name]
        return self.base.trait(name, default) if self.base is not None else default

    @property
    def presets(self) -> list[Preset]:
        """Menu of labels and value texts."""
        if self.own_presets is not None:
            return self.own_presets
        return self.base.presets if self.base is not None else []

    def edit_presets(self) -> list[Preset]:
        """Own presets to be changed; presets of an instance are never stored."""
        if self.own_presets is None:
            self.own_presets = list(self.presets)
        return self.own_presets

    # -- expressions

    def source(self, index: int) -> str:
        """Text as typed: the expression where there is one."""
        if self.shape.type in values.NUMERIC and index in self.expressions:
            return self.expressions[index]
        found = self.values
        value = found[index] if 0 <= index < len(found) else values.zero(self.shape.type)
        return values.as_text(self.shape.type, value)

    def set_source(self, text: str) -> None:
        """What ``set_expression`` does: a text's source, or the expression of a number."""
        if self.shape.type in values.NUMERIC:
            self.set_expression(text, 0)
        else:
            self.put(text, 0)

    def set_expression(self, text: str, index: int) -> None:
        """Replace the expression of one number; an empty one takes it away."""
        if self.is_locked():
            self.owner.host.write_log("warning", "%s cannot be changed" % self.full_name)
            return
        self._forced = dict(self.expressions)
        self._forced[index] = text
        if not text:
            del self._forced[index]
        self.expressions_changed = True
        self.owner.changed(self)

    def has_expression(self, index: int = 0) -> bool:
        """True when the value is computed, or would be if the expression were activated."""
        if self.shape.type in values.NUMERIC:
            return index in self.expressions
        if self.shape.type not in (values.STRING, values.FILE):
            return False
        text = self.source(index)
        return "$" in text or expressions.is_expression(text)

    def is_active(self, index: int = 0) -> bool:
        """True when the expression drives the value."""
        return self.active is not False and self.has_expression(index)

    def resolved(self, index: int) -> Value:
        """One value as the getters see it; past the end the type's zero."""
        current = self.values
        stored = current[index] if 0 <= index < len(current) else values.zero(self.shape.type)
        if not self.is_active(index):
            return stored
        if self.shape.type not in values.NUMERIC:
            return str(self.owner.host.evaluate_text(self.source(index), self.owner))
        number = self.owner.host.evaluate_number(self.source(index), self.owner)
        return stored if number is None else values.read(self.shape.type, repr(number))
