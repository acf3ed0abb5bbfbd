"""One running stand-in: the open project, the classes, the variables, the windows, the log."""

from __future__ import annotations

from typing import Any, Callable

from conductor.clarisse import expressions, project_file
from conductor.clarisse.headless import values
from conductor.clarisse.headless.attributes import Owner, State
from conductor.clarisse.headless.desktop import Desktop
from conductor.clarisse.headless.faults import HostCrash
from conductor.clarisse.headless.model import EMPTY, ROOT, Node, Scene
from conductor.clarisse.headless.preferences import Preferences
from conductor.clarisse.headless.registry import Registry
from conductor.clarisse.headless.switches import Switches
from conductor.clarisse.headless.variables import Variables
from conductor.lib.errors import ExpressionError

VERSION = "5.0.5.8.0"
VERSION_NAME = "5.0 SP8"
DEFAULT_FPS = 25.0
DEEPEST_CHANGE = 40
"""Handlers that change attributes inside each other's calls deeper than this never end."""


class Host:
    """The state behind one installed ``ix``.

    Attributes:
        log: every line that was logged, as ``(level, text)``.
        crashes: what would have brought Clarisse down, in order.
        filename: the open project, empty when it was never saved.
        frame: the current frame.
        application: what scripts see as ``ix.application``.
        listener: called with ``(node, state)`` after each change of an item's attribute.
        echo: called with ``(level, text)`` for each log line, None to keep quiet.
        functions: by name, functions of expressions that Clarisse has and the stand-in lacks.
        user_preferences: those that are not the project's; kept from project to project.
    """

    def __init__(self, is_gui: bool = True) -> None:
        self.is_gui = is_gui
        self.version = VERSION
        self.version_name = VERSION_NAME
        self.switches = Switches()
        self.registry = Registry(self)
        self.variables = Variables(self)
        self.desktop = Desktop()
        self.log: list[tuple[str, str]] = []
        self.echo: Callable[[str, str], None] | None = None
        self.crashes: list[HostCrash] = []
        self.functions: dict[str, Callable[..., Any]] = {}
        self.user_preferences = Preferences(project_file.parse(EMPTY))
        self.listener: Callable[[Node, State], None] | None = None
        self.application: Any = None
        self._depth = 0
        self.open_text(EMPTY, "")

    # -- the project

    def open_text(self, text: str, filename: str) -> None:
        """Make this text the open project."""
        self.scene = Scene(self, text)
        self.preferences = Preferences(self.scene.file)
        self.filename = filename
        self.is_modified = False
        self.frame = 0.0
        self.selection: list[str] = []
        self.working_context = ROOT
        self.variables.forget_custom()

    def load(self, path: str) -> None:
        """Open a project file.

        Raises:
            OSError: when it cannot be read.
            ProjectFileError: when it is not a project.
        """
        with open(path, "rb") as handle:
            text = handle.read().decode("utf-8", "surrogateescape")
        self.open_text(text, path)

    @property
    def fps(self) -> float:
        """Frames per second."""
        return self._of_time("frames_per_second") or DEFAULT_FPS

    @fps.setter
    def fps(self, fps: float) -> None:
        self._set_time("frames_per_second", fps)

    @property
    def frame_range(self) -> tuple[float, float]:
        """First and last frame of the time line."""
        return self._of_time("start_frame"), self._of_time("end_frame")

    @frame_range.setter
    def frame_range(self, ends: tuple[float, float]) -> None:
        for key, frame in zip(("start_frame", "end_frame"), ends):
            self._set_time(key, frame)

    def _of_time(self, key: str) -> float:
        return float(self.preferences.read("animation", key) or 0.0)

    def _set_time(self, key: str, number: float) -> None:
        self.preferences.write("animation", key, values.DOUBLE, number)
        self.is_modified = True

    # -- values

    def attribute_changed(self, node: Node, state: State) -> None:
        """Mark the project and run the class's handler, which may change more.

        Raises:
            HostCrash: when handlers call each other without end.
        """
        self.is_modified = True
        if self.listener is None:
            return
        self._depth += 1
        try:
            if self._depth > DEEPEST_CHANGE:
                raise self.crash("on_attribute_change never ends: %s" % state.full_name)
            self.listener(node, state)
        finally:
            self._depth -= 1

    def evaluate_text(self, source: str, owner: Owner) -> str:
        """A text with variables, or an expression; a malformed one counts as plain text."""
        functions = _Functions(self, owner).table()
        return expressions.resolve(source, self._lookup(owner), functions)

    def _lookup(self, owner: Owner) -> Callable[[str], expressions.Value | None]:
        """Variables as an item sees them: a referenced project may have some of its own."""
        origin = owner.origin if isinstance(owner, Node) and owner.is_remote else None
        if origin is None or not self.switches.references_own_folder:
            return self.variables.lookup

        def lookup(name: str) -> expressions.Value | None:
            own = origin.variable(name)
            return own if own is not None else self.variables.lookup(name)

        return lookup

    def evaluate_number(self, source: str, owner: Owner) -> float | None:
        """The expression of a number; None when it is malformed, so the last value stays."""
        functions = _Functions(self, owner).table()
        try:
            found = expressions.parse(source).evaluate(self._lookup(owner), functions)
            return float(found)
        except (ExpressionError, ValueError) as error:
            self.write_log("warning", str(error))
            return None

    def crash(self, why: str) -> HostCrash:
        """Note that Clarisse would be gone now; the caller raises what this returns."""
        fault = HostCrash(why)
        self.crashes.append(fault)
        return fault

    def write_log(self, level: str, text: str) -> None:
        """One line of the application's log."""
        self.log.append((level, text))
        if self.echo is not None:
            self.echo(level, text)


class _Functions:
    """The functions of expressions that look at the scene."""

    def __init__(self, host: Host, owner: Owner) -> None:
        self._host = host
        self._owner = owner

    def table(self) -> dict[str, Callable[..., Any]]:
        """The functions by the names expressions use."""
        return {
            **self._host.functions,
            "get_double": self.get_double,
            "get_string": self.get_string,
            "get_name": self.get_name,
            "get_context": self.get_context,
        }

    def get_double(self, path: str) -> float:
        """A number of another attribute."""
        state, index = self._attribute(path)
        found = state.resolved(index)
        return float(values.read(values.DOUBLE, found) if isinstance(found, str) else found)

    def get_string(self, path: str) -> str:
        """A text of another attribute."""
        state, index = self._attribute(path)
        return values.as_text(state.shape.type, state.resolved(index))

    def get_name(self, path: str = "") -> str:
        """Leaf name of the owner, or of a path."""
        return (path or self._owner.full_name).rsplit("/", 1)[-1]

    def get_context(self, path: str = "") -> str:
        """Everything before the leaf name."""
        return (path or self._owner.full_name).rpartition("/")[0]

    def _attribute(self, path: str) -> tuple[State, int]:
        before, _, name = path.rpartition(".")
        name, _, index = name.partition("[")
        node: Node | None = None
        if isinstance(self._owner, Node):
            node = self._host.scene.resolve(before, self._owner) if before else self._owner
        state = node.attribute(name) if node is not None else None
        if state is None:
            raise ExpressionError("no such attribute", path)
        return state, int(index.rstrip("]") or 0)
