"""The modules ``ix``, ``ix.api`` and ``ix.cmds`` of one host."""

from __future__ import annotations

from typing import Any, Callable

from conductor.clarisse.headless import (
    application,
    arrays,
    commands,
    dialogs,
    events,
    exporting,
    factory,
    gui,
    items,
    lists,
    of_attr,
    of_class,
    of_vars,
    preferences,
    scripted,
    values,
)
from conductor.clarisse.headless.binding import HostModule
from conductor.clarisse.headless.factory import find_attribute
from conductor.clarisse.headless.host import Host
from conductor.clarisse.headless.items import OfContext, wrap
from conductor.clarisse.headless.model import absolute
from conductor.clarisse.headless.of_attr import OfAttr
from conductor.clarisse.headless.selection import Selection

API_CLASSES: list[type] = [
    *arrays.ARRAYS, application.AppBase, application.AppSelection, dialogs.AppDialog, dialogs.Gui,
    dialogs.GuiMessageBox, events.EventObject, gui.GuiCheckbox, gui.GuiLabel, gui.GuiLineEdit,
    gui.GuiNumberField, gui.GuiPanel, gui.GuiPushButton, gui.GuiTextEdit, gui.GuiWidget,
    gui.GuiWindow, items.OfContext, items.OfItem, items.OfObject, items.PyOfObject,
    lists.GuiListButton, lists.GuiListView, lists.GuiProgressBar, lists.GuiTree,
    lists.GuiTreeItemBasic, of_attr.OfAttr, of_attr.OfAttrEvent, factory.OfEnum,
    of_class.OfClass, of_vars.OfVar, of_vars.OfVars,
    preferences.AppPreferences, scripted.ModuleScriptedClass, scripted.ModuleScriptedClassEngine,
    scripted.OfAction,
]


ATTRIBUTE_WORDS = frozenset({
    "bool", "long", "double", "string", "reference", "percentage", "distance", "scale", "angle",
    "frame", "subframe", "l", "la", "rgb", "rgba", "filename_open", "filename_save", "pixel",
    "subpixel",
})


class Functions:
    """The functions of ``ix`` over one host, as the vendor's Python helper has them."""

    def __init__(self, host: Host, app: application.Application) -> None:
        self._host = host
        self._app = app
        self._commands = commands.table(host)

    def table(self) -> dict[str, Callable[..., Any]]:
        """The functions by name: every public method but this one."""
        names = [name for name in dir(type(self)) if not name.startswith("_") and name != "table"]
        return {name: getattr(self, name) for name in names}

    # -- items

    def make_absolute_of_path(self, path: str) -> str:
        """A path completed to its one form."""
        return absolute(path)

    def item_exists(self, path: str) -> Any:
        """The context, attribute or object at a path, None without one."""
        whole = absolute(path)
        node = self._host.scene.node(whole)
        if node is not None and node.is_context:
            return wrap(node)
        attribute = find_attribute(self._host, whole)
        if attribute is not None:
            return attribute
        return wrap(node) if node is not None else None

    def get_item(self, path: str) -> Any:
        """The context, attribute or object at a path.

        Raises:
            LookupError: when there is none.
        """
        found = self.item_exists(path)
        if found is None:
            raise LookupError("there is no item or attribute %s" % path)
        return found

    def is_context_exists(self, path: str) -> Any:
        """The context at a path, None without one."""
        node = self._host.scene.node(path)
        return wrap(node) if node is not None and node.is_context else None

    def create_context(self, path: str) -> OfContext:
        """A new context at a path.

        Raises:
            RuntimeError: when its parent is missing, or there is one already.
        """
        before, _, name = absolute(path).rpartition("/")
        parent = self.is_context_exists(before)
        if parent is None or self.is_context_exists(path) is not None:
            raise RuntimeError("cannot create the context %s" % path)
        created: OfContext = parent.add_context(name)
        return created

    def create_object(self, name: str, class_name: str, context: Any = None) -> Any:
        """A new object, in the current context unless another is named."""
        return (context or self._app.get_current_context()).add_object(name, class_name)

    def delete_item(self, item: Any) -> None:
        """Delete an item, given or by path."""
        self._app.get_factory().remove_item(str(item))

    def get_current_context(self) -> OfContext:
        """Where new items go."""
        return self._app.get_current_context()

    def set_current_context(self, path: str) -> None:
        """Choose where new items go."""
        self._host.working_context = absolute(path)

    def get_current_frame(self) -> float:
        """The frame shown."""
        return self._host.frame

    def set_current_frame(self, frame: float) -> None:
        """Show another frame."""
        self._host.frame = frame

    # -- references

    def create_generic_object(self, name: str) -> Any:
        """An object without a class, for dialogs."""
        return self._app.get_factory().add_generic_object(name)

    def add_attribute(self, item: Any, name: str, word: str, group: str = "General") -> OfAttr:
        """A custom attribute of an item, by a word for its type.

        Raises:
            RuntimeError: for an unknown word.
        """
        word = {"filein": "filename_open", "fileout": "filename_save"}.get(word, word)
        type_, hint, container = values.type_of_word(word)
        if word not in ATTRIBUTE_WORDS:
            raise RuntimeError("there is no attribute type %s" % word)
        added: OfAttr = item.add_attribute(
            name, type_, container, values.HINT_NAMES.index(hint), group)
        return added

    def reference_file(self, context: str, path: str) -> Any:
        """A context that shows the items of a file."""
        return self._commands["CreateFileReference"](context, [path])

    def reference_files(self, context: str, paths: list[str]) -> Any:
        """Contexts that show the items of files."""
        return self._commands["CreateFileReference"](context, paths)

    def reference_make_local(self, context: str) -> None:
        """Make what a reference shows part of the project."""
        self._commands["MakeLocalContext"](context)

    def reference_export_context(self, context: str, path: str) -> Any:
        """Write a context as a project, and load it from there."""
        return self._commands["ExportContextAsReference"](context, path)

    def import_project(self, path: str) -> None:
        """Bring a project into the current context."""
        self._commands["ImportProject"]([path])

    def export_context_as_project(self, context: Any, path: str) -> bool:
        """Write a context as a project."""
        return exporting.write_context(context._node, path)

    # -- the project

    def load_project(self, path: str) -> None:
        """Open a project and note its path."""
        self._app.load_project(path)
        self._app.set_current_project_filename(path)

    def save_project(self, path: str) -> bool:
        """Write the project."""
        return self._app.save_project(path)

    # -- the application

    def log_info(self, value: Any) -> None:
        """One line."""
        self._host.write_log("info", str(value))

    def log_warning(self, value: Any) -> None:
        """One line."""
        self._host.write_log("warning", str(value))

    def log_error(self, value: Any) -> None:
        """One line.

        Raises:
            RuntimeError: always, as the vendor's helper does (a switch).
        """
        self._host.write_log("error", str(value))
        if self._host.switches.log_error_raises:
            raise RuntimeError

    def inspect(self, item: Any) -> Any:
        """Show the attributes of an item and wait for the answer."""
        return self._app.inspect(item)

    def check_need_save(self) -> tuple[Any, str | None]:
        """Ask whether changes are to be saved: the answer, and the path for it after a yes."""
        if not self._host.is_modified:
            return dialogs.AppDialog.no(), None
        path = self._host.filename
        answer = self._app.message_box(
            "Save the changes of %s?" % (path or "the project"), "Save",
            dialogs.AppDialog.cancel(), dialogs.AppDialog.STYLE_YES_NO_CANCEL)
        if answer.is_yes() and not path:
            path = "".join(self._host.desktop.choose("Save")[:1])
        return answer, path if answer.is_yes() and path else None

    def is_gui_application(self) -> bool:
        """True with windows."""
        return self._host.is_gui

    def is_process_application(self) -> bool:
        """True while rendering without windows."""
        return False

    def is_interactive_application(self) -> bool:
        """True at a prompt without windows."""
        return not self._host.is_gui

    def begin_command_batch(self, name: str) -> None:
        """Gather commands into one undo step."""

    def end_command_batch(self) -> None:
        """End the undo step."""

    def enable_command_history(self) -> None:
        """Make commands undoable."""

    def disable_command_history(self) -> None:
        """Make commands final."""

    def enable_echo_command(self) -> None:
        """Log commands."""

    def disable_echo_command(self) -> None:
        """Do not log commands."""


def build(host: Host) -> dict[str, HostModule]:
    """The modules by the names scripts import them under."""
    app = application.Application(host)
    ix = HostModule("ix", Functions(host, app).table())
    api = HostModule("ix.api", {})
    for cls in API_CLASSES:
        setattr(api, cls.__name__, cls)
    cmds = HostModule("ix.cmds", commands.table(host))
    for name, value in (("application", app), ("api", api), ("cmds", cmds)):
        setattr(ix, name, value)
    setattr(ix, "selection", Selection(host))  # noqa: B010  a module attribute mypy cannot see
    setattr(ix, "__path__", [])  # noqa: B010  makes "import ix.api" work
    return {"ix": ix, "ix.api": api, "ix.cmds": cmds}

