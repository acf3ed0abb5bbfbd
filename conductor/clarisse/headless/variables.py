"""Global variables: built-in, custom (the Variables panel) and those of the environment."""

from __future__ import annotations

import os
import tempfile
from typing import Any, Callable, Iterator, Mapping, Union

from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Owner, Shape, State

BUILTIN, CUSTOM, SYSTEM = range(3)
CONFIG_FOLDER = "~/.isotropix/clarisse/5.0"

Number = Union[float, str]


class Variables(Owner):
    """The variables of one session.

    Args:
        environ: the process environment; None reads ``os.environ`` each time.
    """

    def __init__(self, host: Any, environ: Mapping[str, str] | None = None) -> None:
        self.host = host
        self.full_name = "vars"
        self._environ = environ
        self._custom: dict[str, State] = {}
        self._builtin: dict[str, State] = {
            name: State(self, name, Shape(type_)) for name, type_ in BUILTIN_TYPES.items()
        }

    @property
    def environ(self) -> Mapping[str, str]:
        """Where the system variables come from."""
        return os.environ if self._environ is None else self._environ

    def changed(self, state: State) -> None:
        """Custom variables are saved with the project, so they may mark it modified."""
        if self.host.switches.variables_mark_modified:
            self.host.is_modified = True

    def forget_custom(self) -> None:
        """What opening another project does."""
        self._custom = {}

    def add(self, name: str, shape: Shape) -> State:
        """A new custom variable, or the one of that name."""
        return self._custom.setdefault(name, State(self, name, shape))

    def remove(self, name: str) -> None:
        """Delete a custom variable."""
        self._custom.pop(name, None)

    def find(self, name: str) -> State | None:
        """Built-in first, then custom, then system."""
        if name in self._builtin:
            return self._current(name)
        return self._custom.get(name) or self._system(name)

    def of_kind(self, kind: int) -> list[State]:
        """All variables of one kind, in the order of their creation."""
        if kind == BUILTIN:
            return [self._current(name) for name in self._builtin]
        if kind == CUSTOM:
            return list(self._custom.values())
        found = (self._system(name) for name in self.environ)
        return [state for state in found if state is not None]

    def lookup(self, name: str) -> Number | None:
        """Value of a variable for an expression; None when it is not defined."""
        state = self.find(name)
        if state is None:
            return None
        value = state.values[0]
        return value if isinstance(value, str) else float(value)

    def _system(self, name: str) -> State | None:
        if name not in self.environ:
            return None
        state = State(self, name, Shape(values.STRING))
        state.hold([self.environ[name]])
        return state

    def _current(self, name: str) -> State:
        state = self._builtin[name]
        state.hold([BUILTIN_VALUES[name](self.host)])
        return state

    def __iter__(self) -> Iterator[str]:
        yield from self._builtin
        yield from self._custom


def _slashes(path: str) -> str:
    """Windows paths too: variables show forward slashes."""
    return path.replace("\\", "/")


def _folder(host: Any) -> str:
    if not host.filename:
        return str(host.switches.unsaved_pdir)
    return _slashes(host.filename).rpartition("/")[0]


def _stem(host: Any) -> str:
    return os.path.splitext(_slashes(host.filename).rpartition("/")[2])[0]


def _config_folder(host: Any) -> str:
    return _slashes(os.path.expanduser(CONFIG_FOLDER))


BUILTIN_VALUES: dict[str, Callable[[Any], values.Value]] = {
    "F": lambda host: int(host.frame),
    "T": lambda host: host.frame / host.fps if host.fps else 0.0,
    "FPS": lambda host: host.fps,
    "PDIR": _folder,
    "PNAME": _stem,
    "CDIR": lambda host: host.preferences.read("project", "content_directory") or "",
    "CTEMP": lambda host: _slashes(tempfile.gettempdir()) + "/clarisse",
    "CLARISSE_USER_CONFIG_DIR": _config_folder,
    "CLARISSE_BIN_DIR": lambda host: "",
}
BUILTIN_TYPES = {
    name: {"F": values.LONG, "T": values.DOUBLE, "FPS": values.DOUBLE}.get(name, values.STRING)
    for name in BUILTIN_VALUES
}
