"""Classes declared by a text in CID form, the grammar of projects.

::

    attribute_group "output" {
        long "mode" {
            value 1
            preset "Slow" "0"
            preset "Fast" "1"
            doc "How it works"
        }
    }
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Shape, State
from conductor.clarisse.headless.registry import ClassEntry
from conductor.clarisse.project_file import Entry, Token, parse
from conductor.lib.errors import ProjectFileError

DEFAULT_GROUP = "General"
FLAGS = ("hidden", "private", "read_only")


def declare_body(entry: ClassEntry, text: str) -> bool:
    """Give a class the attributes of a text without the outer block; False for a broken text."""
    try:
        found = list(parse(text).entries)
    except ProjectFileError as error:
        entry.host.write_log("error", "class %s: %s" % (entry.name, error))
        return False
    _declare(entry, found, "")
    return True


def declare_class(host: Any, text: str) -> ClassEntry | None:
    """A class from a whole block ``class "Name" "Base" { ... }``; None when it cannot be made."""
    try:
        blocks = [found for found in parse(text).entries if found.key == "class"]
    except ProjectFileError as error:
        host.write_log("error", "add_from_cid: %s" % error)
        return None
    names = [token.text for token in blocks[0].tokens] if blocks else []
    if len(blocks) != 1 or len(names) != 2 or not _may_be_made(host, *names):
        host.write_log("error", "add_from_cid: one class with a name of its own and a known base")
        return None
    entry: ClassEntry = host.registry.derive(*names)
    _declare(entry, list(blocks[0].children), "")
    return entry


def _may_be_made(host: Any, name: str, base: str) -> bool:
    return host.registry.known(name) is None and host.registry.known(base) is not None


def _declare(entry: ClassEntry, found: Sequence[Entry], group: str) -> None:
    for each in found:
        names = [token.text for token in each.tokens]
        if each.key == "attribute_group":
            inner = names[0] if names else ""
            _declare(entry, list(each.children), ">".join(filter(None, (group, inner))))
        elif each.key == "set" and names and names[0] in entry.attributes:
            _describe(entry.attributes[names[0]], each)
        elif each.key == "abstract":
            entry.is_abstract = names != ["no"]
        elif each.is_block and names and not each.key.startswith("#"):
            _describe(_attribute(entry, each, names[0], group or DEFAULT_GROUP), each)


def _attribute(entry: ClassEntry, found: Entry, name: str, group: str) -> State:
    type_, hint, container = values.type_of_word(found.key_text)
    return entry.declare(name, Shape(type_, hint, container, group))


def _describe(state: State, found: Entry) -> None:
    for each in found.children:
        change = _PROPERTIES.get(each.key)
        if change is not None:
            change(state, each.tokens)
        elif each.key in FLAGS:
            state.flags[each.key] = _is_on(each.tokens)
        elif not each.is_block:
            state.traits[each.key] = tuple(token.text for token in each.tokens)


def _is_on(tokens: Sequence[Token]) -> bool:
    return not tokens or tokens[0].text in ("yes", "1")


def _value(state: State, tokens: Sequence[Token]) -> None:
    state.hold([values.read(state.shape.type, token.text) for token in tokens])


def _preset(state: State, tokens: Sequence[Token]) -> None:
    if len(tokens) == 2:
        state.edit_presets().append((tokens[0].text, tokens[1].text))


def _filter(state: State, tokens: Sequence[Token]) -> None:
    names = tuple(token.text for token in tokens if token.text)
    state.traits["filters"] = (*state.trait("filters", ()), *names)


def _doc(state: State, tokens: Sequence[Token]) -> None:
    state.traits["doc"] = tokens[0].text if tokens else ""


def _range(state: State, tokens: Sequence[Token]) -> None:
    if _is_on(tokens):
        low, high = ([float(token.text) for token in tokens[1:3]] + [None, None])[:2]
        state.traits["range"] = (low, high)


_PROPERTIES: dict[str, Callable[[State, Sequence[Token]], None]] = {
    "value": _value, "preset": _preset, "presets": _preset, "filter": _filter, "doc": _doc,
    "numeric_range": _range, "numeric_range_min": _range,
}
