"""Scripted classes: registration, actions, and the handlers whose exceptions end Clarisse."""

from __future__ import annotations

from typing import Any, Callable, Iterator

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Shape, State
from conductor.clarisse.headless.binding import HostObject, documented
from conductor.clarisse.headless.cid import declare_body
from conductor.clarisse.headless.faults import HostCrash
from conductor.clarisse.headless.items import PyOfObject, wrap
from conductor.clarisse.headless.links import states_of
from conductor.clarisse.headless.model import Node
from conductor.clarisse.headless.of_attr import TYPE_CHANGE, TYPE_PROPAGATE, OfAttr
from conductor.clarisse.headless.of_class import OfClass

DIRTY_VALUE = 1


@documented
class OfAction(HostObject):
    """The button that was pressed."""

    def __init__(self, name: str) -> None:
        self._name = name

    def get_name(self) -> str:
        """Name of the action."""
        return self._name


@documented
class ModuleScriptedClassEngine(HostObject):
    """What a script derives from to make a class."""

    def __init__(self) -> None:
        self._is_built = True

    def declare_attributes(self, s_class: Any) -> None:
        """Overridden: declares attributes and actions."""

    def on_action(self, action: Any, item: Any, data: Any) -> None:
        """Overridden: a button was pressed."""

    def on_attribute_change(self, item: Any, attribute: Any, dirtiness: int, flags: int) -> None:
        """Overridden: an attribute changed."""

    def add_action(self, s_class: Any, name: str, group: str = "General") -> None:
        """Declare a button."""
        s_class._entry.declare(name, Shape(values.ACTION, "DEFAULT", values.SINGLE, group))


@documented
class ModuleScriptedClass(HostObject):
    """Where engines are registered."""

    @staticmethod
    def register_scripted_class(
        application: Any, name: str, engine: Any, cid: str | None = None, flag: bool = False
    ) -> bool:
        """Make a class; False when there is one of that name, or the text in CID form is broken.

        Raises:
            TypeError: when the engine's ``__init__`` did not call that of its base.
        """
        if not engine.__dict__.get("_is_built"):
            raise TypeError("the engine must call ModuleScriptedClassEngine.__init__")
        host = application._host
        if host.registry.known(name) is not None:
            return False
        entry = host.registry.add(name, engine)
        if cid and not declare_body(entry, cid):
            host.registry.drop(name)
            return False
        guarded(host, "declare_attributes", lambda: engine.declare_attributes(OfClass(entry)))
        host.scene.forget_states(name)
        return True


def guarded(host: Any, what: str, call: Callable[[], object]) -> None:
    """Run a handler of a script.

    Raises:
        HostCrash: when an exception leaves it: Clarisse does not survive that.
    """
    try:
        call()
    except HostCrash:
        raise
    except (Exception, SystemExit) as error:  # the boundary of the host: whatever a script raises
        is_tolerated = host.switches.handlers_may_raise_runtime_error
        if is_tolerated and isinstance(error, RuntimeError):
            return
        fault = host.crash("%s let %s escape: %s" % (what, type(error).__name__, error))
        raise fault from error


def dispatch_change(node: Node, state: State) -> None:
    """Call the handler of the item's class, if a script made it."""
    host = node.host
    _call_handler(node, state)
    if host.switches.changes_propagate:
        for user, link in list(_users(node)):
            link.event_type = TYPE_PROPAGATE
            _call_handler(user, link)
            link.event_type = TYPE_CHANGE


def _call_handler(node: Node, state: State) -> None:
    engine = node.host.registry.entry(node.class_name).engine
    if engine is not None:
        guarded(
            node.host, "on_attribute_change",
            lambda: engine.on_attribute_change(wrap(node), OfAttr(state), DIRTY_VALUE, 0),
        )


def _users(node: Node) -> Iterator[tuple[Node, State]]:
    """Items of scripted classes that refer to an item, with the attribute that does."""
    registry = node.host.registry
    for user in node.scene.of_class(lambda name: registry.entry(name).engine is not None):
        for state in states_of(user) if user is not node else ():
            targets = (user.scene.resolve(str(text), user) for text in state.values)
            if state.shape.type == values.REFERENCE and any(each is node for each in targets):
                yield user, state


def press(host: Any, node: Node, name: str) -> None:
    """Run the handler of a button.

    Raises:
        KeyError: when the class has no such action.
        HostCrash: when an exception left a handler anywhere on the way.
    """
    entry = host.registry.entry(node.class_name)
    state = entry.attributes.get(name)
    if entry.engine is None or state is None or state.shape.type != values.ACTION:
        raise KeyError("%s has no action %r" % (node.class_name, name))
    before = len(host.crashes)
    guarded(
        host, "on_action(%s)" % name,
        lambda: entry.engine.on_action(OfAction(name), PyOfObject(node), None),
    )
    if len(host.crashes) > before:
        raise host.crashes[before]
