"""The hand of the artist: presses buttons of items, types into their fields; windows: :mod:`hand`.

Not part of ``ix``: tests, the demo and the command line use it on the installed stand-in.
"""

from __future__ import annotations

from typing import Any, Sequence, Union

from conductor.clarisse.headless import scripted, values
from conductor.clarisse.headless.commands import assign_texts
from conductor.clarisse.headless.hand import (
    answer,
    callback_errors,
    choose,
    choose_command,
    choose_files,
    choose_rows,
    close,
    delete_rows,
    dialogs,
    draw,
    entries,
    find,
    host,
    is_enabled,
    layout_problems,
    messages,
    on_events,
    press_button,
    press_shelf,
    resize,
    rows,
    text,
    tick,
    type_number,
    type_text,
    widgets,
    window,
    windows,
)
from conductor.clarisse.headless.model import Node
from conductor.lib.errors import SceneError

__all__ = [
    "Typed", "answer", "callback_errors", "choose", "choose_command", "choose_files",
    "choose_rows", "close", "delete_rows", "dialogs", "draw", "entries", "find", "host",
    "is_enabled", "layout_problems", "log", "messages", "on_events", "press", "press_button",
    "press_shelf", "resize", "rows", "scripted", "set_attribute", "text", "tick", "type_number",
    "type_text", "widgets", "window", "windows",
]

Typed = Union[str, int, float, bool, Sequence[str]]


def _node(item: Any) -> Node:
    path = item if isinstance(item, str) else item.get_full_name()
    node = host().scene.node(path)
    if node is None:
        raise SceneError("there is no item %s in the open project" % path)
    return node


# ---------------------------------------------------------------- items


def press(item: Any, action: str) -> None:
    """Press a button of an item (a handle or a path).

    Raises:
        SceneError: when there is no such item or button.
        HostCrash: when an exception left a handler; Clarisse would be gone.
    """
    node = _node(item)
    try:
        scripted.press(host(), node, action)
    except KeyError as error:
        raise SceneError(str(error.args[0])) from error


def set_attribute(item: Any, name: str, value: Typed) -> None:
    """Type into a field: a text is read by the type of the attribute, a menu takes its label.

    Raises:
        SceneError: when there is no such attribute, or the text does not fit it.
    """
    node = _node(item)
    state = node.attribute(name)
    if state is None:
        raise SceneError("%s has no attribute %s" % (node.full_name, name))
    labels = dict(state.presets)
    texts = [labels.get(text, text) for text in _texts(value, state.shape.container)]
    if state.shape.type in values.NUMERIC:
        texts = [_number(text, state.full_name) for text in texts]
    assign_texts(state, texts)


def _texts(value: Typed, container: int) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if isinstance(value, str):
        return value.split() if container == values.LIST else [value]
    return [str(value)] if isinstance(value, (int, float)) else list(value)


def _number(text: str, where: str) -> str:
    words = {"true": "yes", "on": "yes", "false": "no", "off": "no", "yes": "yes", "no": "no"}
    if text.lower() in words:
        return words[text.lower()]
    try:
        float(text)
    except ValueError:
        raise SceneError('%s takes a number, not "%s"' % (where, text)) from None
    return text


# ---------------------------------------------------------------- the log


def log(level: str = "") -> list[str]:
    """Log lines, of one level or all."""
    return [line for found, line in host().log if level in ("", found)]
