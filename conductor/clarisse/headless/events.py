"""Events: who is told when a button is clicked, and what becomes of their exceptions."""

from __future__ import annotations

import weakref
from typing import Any, Callable, Tuple

from conductor.clarisse.headless.binding import HostObject, documented, installed_host

Listener = Tuple[str, Callable[[], Any]]


def _reference(callback: Callable[..., Any]) -> Callable[[], Any]:
    """A weak reference to a method's object: the host does not keep it alive."""
    if hasattr(callback, "__self__") and hasattr(callback, "__func__"):
        return weakref.WeakMethod(callback)
    return lambda: callback


@documented
class EventObject(HostObject):
    """Something that listens to widgets."""

    def __init__(self) -> None:
        self._connected: list[Any] = []

    def connect(self, widget: Any, event: str, callback: Any) -> None:
        """Have ``callback(sender, event)`` called when the event happens to the widget.

        Raises:
            AttributeError: when the widget has no such event.
            TypeError: when the callback cannot be called.
        """
        if not callable(callback):
            raise TypeError("connect takes a function, not %s" % type(callback).__name__)
        if event not in widget._events:
            raise AttributeError("%s has no event %s" % (type(widget).__name__, event))
        widget._listeners.append((event, _reference(callback)))
        self._connected.append(widget)

    def disconnect_all(self) -> None:
        """Hear nothing any more."""
        for widget in self._connected:
            widget._listeners[:] = [
                (event, reference) for event, reference in widget._listeners
                if getattr(reference(), "__self__", None) is not self
            ]
        self._connected = []


def fire(widget: Any, event: str) -> None:
    """Call every listener; what they raise is swallowed by Clarisse and kept for the driver."""
    for name, reference in list(widget._listeners):
        callback = reference()
        if name != event or callback is None:
            continue
        try:
            callback(widget, event)
        except Exception as error:  # noqa: BLE001  the boundary of the host: it swallows all
            host = installed_host()
            if host is not None:
                host.desktop.failures.append(error)
