"""``ix.application``."""

from __future__ import annotations

import os
from typing import Any

from conductor.clarisse.headless import exporting, writer
from conductor.clarisse.headless.binding import HostObject, documented, installed_host
from conductor.clarisse.headless.dialogs import AppDialog, default_answer
from conductor.clarisse.headless.factory import OfObjectFactory
from conductor.clarisse.headless.gui import GuiWindow
from conductor.clarisse.headless.items import OfContext
from conductor.clarisse.headless.lists import GuiProgressBar
from conductor.clarisse.headless.menus import AppMainMenu, AppShelf
from conductor.clarisse.headless.preferences import AppPreferences

TYPE_GUI, TYPE_PROCESS, TYPE_INTERACTIVE = range(3)
SCREEN = (0, 0, 1920, 1080)


class AppBase:
    """Constants of ``get_type``."""

    TYPE_GUI, TYPE_PROCESS, TYPE_INTERACTIVE = TYPE_GUI, TYPE_PROCESS, TYPE_INTERACTIVE


@documented
class AppSelection(HostObject):
    """The selection; none of its own calls is documented."""


@documented
class CommandManager(HostObject):
    """Undo steps: taken, and kept nowhere."""

    def enable_history(self) -> None:
        """Make commands undoable."""

    def disable_history(self) -> None:
        """Make commands final."""

    def begin_batch(self, name: str) -> None:
        """Gather commands into one undo step."""

    def end_batch(self) -> None:
        """End the undo step."""

    def echo_command(self, *command: Any) -> None:
        """Log a command."""


@documented
class Application(HostObject):
    """The running application."""

    def __init__(self, host: Any) -> None:
        self._host = host

    def get_version(self) -> str:
        """Dotted version."""
        return str(self._host.version)

    def get_version_name(self) -> str:
        """Version as people say it."""
        return str(self._host.version_name)

    def get_type(self) -> int:
        """One of the constants of AppBase."""
        return TYPE_GUI if self._host.is_gui else TYPE_INTERACTIVE

    def get_factory(self) -> OfObjectFactory:
        """The door to the items."""
        return OfObjectFactory(self._host)

    # -- the project

    def get_current_project_filename(self) -> str:
        """Path of the open project, empty before the first save."""
        return str(self._host.filename)

    def set_current_project_filename(self, path: str) -> None:
        """Give the open project another path."""
        self._host.filename = path

    def load_project(self, path: str) -> None:
        """Open a project; without windows its path must be set separately."""
        before = self._host.filename
        self._host.load(path)
        if not self._host.is_gui:
            self._host.filename = before

    def save_project(self, path: str, snapshot: bool = False) -> bool:
        """Write the project; a snapshot leaves its path and its modified mark alone."""
        if not writer.save(self._host, path):
            return False
        if not snapshot:
            self._host.filename = path
            self._host.is_modified = False
        return True

    def save_project_snapshot(self, path: str) -> bool:
        """Write a copy."""
        return writer.save(self._host, path)

    def export_context_as_project(self, path: str, context: Any) -> bool:
        """Write a context as a project."""
        return exporting.write_context(context._node, path)

    def is_project_modified(self) -> bool:
        """True when something changed since the last save."""
        return bool(self._host.is_modified)

    def get_project_extension_name(self) -> list[str]:
        """Extensions of project files."""
        return ["project"]

    def get_current_frame_range(self) -> tuple[float, float]:
        """First and last frame of the time line."""
        first, last = self._host.frame_range
        return first, last

    def get_prefs(self, mode: int | None = None) -> AppPreferences:
        """Preferences of the project, or of the user."""
        return AppPreferences(self._host, mode)

    def get_selection(self) -> AppSelection:
        """The selection."""
        return AppSelection()

    def get_current_context(self) -> OfContext:
        """Where new items go."""
        node = self._host.scene.node(self._host.working_context)
        return OfContext(node if node is not None else self._host.scene.root)

    def get_working_context(self) -> OfContext:
        """Where new items go."""
        return self.get_current_context()

    # -- the window system

    def check_for_events(self) -> None:
        """One event round."""
        self._host.desktop.pump()

    def wait_for_events(self) -> None:
        """One event round; there is nothing to wait for."""
        self.check_for_events()

    def is_evaluating(self) -> bool:
        """True while Clarisse computes."""
        return False

    def get_event_window(self) -> GuiWindow:
        """The main window."""
        return GuiWindow(self, *SCREEN)

    def get_top_window(self) -> GuiWindow:
        """The main window; its title ends with a star when the project is modified."""
        name = os.path.basename(self._host.filename) or "untitled"
        return GuiWindow(self, *SCREEN, name + ("*" if self._host.is_modified else ""))

    def message_box(
        self, text: str, title: str, default: AppDialog | None = None,
        style: int = AppDialog.STYLE_OK,
    ) -> AppDialog:
        """Ask the artist."""
        fallback = default._answer if default is not None else default_answer(style)
        return AppDialog(self._host.desktop.ask(text, title, style, fallback))

    def inspect(
        self, item: Any, default: AppDialog | None = None,
        style: int = AppDialog.STYLE_OK_CANCEL, title: str = "",
    ) -> AppDialog:
        """Show the attributes of an item and wait for the answer; the driver may set them then."""
        fallback = default._answer if default is not None else default_answer(style)
        return AppDialog(self._host.desktop.ask(str(item), title or "Inspect", style, fallback))

    def get_main_menu(self) -> AppMainMenu:
        """The main menu, with what scripts put there."""
        return AppMainMenu(self._host)

    def get_shelf(self) -> AppShelf:
        """The shelf, with what scripts put there."""
        return AppShelf(self._host)

    def create_progress_bar(self, title: str) -> GuiProgressBar:
        """A progress bar in the status line."""
        return GuiProgressBar(self, 0, 0, 0, 0)

    def disable(self) -> None:
        """Stop evaluating and drawing."""

    def enable(self) -> None:
        """Evaluate and draw again."""

    def get_max_thread_count(self) -> int:
        """How many threads renders use."""
        return os.cpu_count() or 1

    def get_command_manager(self) -> CommandManager:
        """Undo steps, which the stand-in does not keep."""
        return CommandManager()

    # -- files that preferences hold

    def _colour(self, key: str) -> str:
        return self._host.preferences.read("color_management", key) or ""

    def get_use_ocio_config_file(self) -> bool:
        """True when the colours come from an OCIO configuration."""
        return self._colour("use_ocio_config_file") == "yes"

    def get_ocio_config_file(self) -> str:
        """Path of the OCIO configuration, empty when unset."""
        return self._colour("ocio_config_file")

    def get_cdl_library_file(self) -> str:
        """Path of the CDL library, empty when unset."""
        return self._colour("cdl_library_file")

    def get_color_space_mapping_config_file(self) -> str:
        """Path of the mapping of colour spaces, empty when unset."""
        return self._colour("color_space_mapping_config_file")

    # -- the log

    def log_info(self, text: str) -> None:
        """One line."""
        self._host.write_log("info", text)

    def log_warning(self, text: str) -> None:
        """One line."""
        self._host.write_log("warning", text)

    def log_error(self, text: str) -> None:
        """One line; raises nothing, unlike the function of ``ix``."""
        self._host.write_log("error", text)


def current_application() -> Any:
    """The application of the installed stand-in, None without one."""
    host = installed_host()
    return host.application if host is not None else None
