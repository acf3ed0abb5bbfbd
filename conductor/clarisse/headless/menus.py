"""The main menu and the shelf: what scripts put there, for the artist's hand to choose."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Union

from conductor.clarisse.headless.binding import HostObject, documented

Command = Union[str, Callable[[], object]]
"""The text of a script, the path of one, or something to call."""


class Button(NamedTuple):
    """One button of the shelf."""

    slot: str
    category: str
    title: str
    doc: str
    script: str
    icon: str


def _place(path: str) -> str:
    """``A>B>`` is the menu ``A>B``."""
    return path.strip(">")


def created_by(registry: Any) -> dict[str, str]:
    """The entries of Create: those of scripted classes, as far as anybody saw them; class by path.

    Which entries Clarisse's own classes have is not known.
    """
    return {"Create>" + entry.name: entry.name for entry in registry.all() if entry.is_scripted}


@documented
class AppMenuItem(HostObject):
    """An entry of the main menu; none of its own calls is documented."""

    def __init__(self, path: str) -> None:
        self._path = path


@documented
class AppMainMenu(HostObject):
    """The main menu."""

    def __init__(self, host: Any) -> None:
        self._commands: dict[str, Command] = host.desktop.menu
        self._registry = host.registry

    def get_item(self, path: str) -> AppMenuItem | None:
        """An entry or a menu that holds some; None without one."""
        place = _place(path)
        known = [*self._commands, *created_by(self._registry)]
        is_there = any((each + ">").startswith(place + ">") for each in known)
        return AppMenuItem(place) if is_there else None

    def add_command(self, path: str, command: Any) -> None:
        """Add an entry, or replace it."""
        if not (callable(command) or isinstance(command, str)):
            raise TypeError("add_command takes a script or something to call")
        self._commands[_place(path)] = command

    def remove_command(self, path: str) -> None:
        """Take out an entry, or a menu with what it holds."""
        place = _place(path)
        for known in list(self._commands):
            if (known + ">").startswith(place + ">"):
                del self._commands[known]


@documented
class AppShelf(HostObject):
    """The shelf."""

    def __init__(self, host: Any) -> None:
        self._buttons: list[Button] = host.desktop.shelf

    def add_item(
        self, slot: str, category: str, title: str, doc: str, script: str, icon: str
    ) -> None:
        """Add a button; its script is a file."""
        self._buttons.append(Button(slot, category, title, doc, script, icon))
