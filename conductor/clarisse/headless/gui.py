"""The widgets as a plain tree: no pixels, but texts, values, selections and events."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless.binding import documented, installed_host
from conductor.clarisse.headless.events import EventObject, fire


@documented
class GuiWidget(EventObject):
    """Root of all widgets; ``parent`` is the application or another widget."""

    CONSTRAINT_LEFT, CONSTRAINT_TOP, CONSTRAINT_RIGHT, CONSTRAINT_BOTTOM = range(4)
    CONSTRAINT_COUNT = 4
    JUSTIFY_CENTER = 1
    _events: tuple[str, ...] = ()

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        EventObject.__init__(self)
        self._parent = parent if isinstance(parent, GuiWidget) else None
        self._box = (x, y, width, height)
        self._children: list[GuiWidget] = []
        self._listeners: list[Any] = []
        self._is_enabled = True
        self._is_visible = True
        self._label = ""
        self._tooltip = ""
        if self._parent is not None:
            self._parent._children.append(self)

    def get_x(self) -> int:
        """Pixels from the left of the window."""
        return self._box[0]

    def get_y(self) -> int:
        """Pixels from the top of the window."""
        return self._box[1]

    def get_width(self) -> int:
        """Pixels."""
        return self._box[2]

    def get_height(self) -> int:
        """Pixels."""
        return self._box[3]

    def set_position(self, x: int, y: int) -> None:
        """Move."""
        self._box = (x, y, self._box[2], self._box[3])

    def resize(self, x: int, y: int, width: int, height: int) -> None:
        """Move and resize."""
        self._box = (x, y, width, height)

    def set_constraints(self, left: int, top: int, right: int, bottom: int) -> None:
        """Pin the edges to those of the parent."""

    def set_enable(self, enabled: bool) -> None:
        """Grey out, or not."""
        self._is_enabled = enabled

    def enable(self) -> None:
        """Let it be used."""
        self._is_enabled = True

    def disable(self) -> None:
        """Grey out."""
        self._is_enabled = False

    def show(self) -> None:
        """Make visible."""
        self._is_visible = True

    def hide(self) -> None:
        """Make invisible."""
        self._is_visible = False

    def destroy(self) -> None:
        """Take it out of its parent."""
        self.hide()
        if self._parent is not None:
            siblings = self._parent._children
            siblings[:] = [child for child in siblings if child is not self]

    def get_parent(self) -> GuiWidget | None:
        """The widget that holds this one."""
        return self._parent

    def get_window(self) -> GuiWidget | None:
        """The window that holds this one."""
        widget: GuiWidget | None = self
        while widget is not None and not isinstance(widget, GuiWindow):
            widget = widget._parent
        return widget

    def set_tooltip(self, text: str) -> None:
        """Text shown while the mouse rests on it."""
        self._tooltip = text

    def set_text_color(self, color: Any) -> None:
        """Colour of the text."""

    @staticmethod
    def open_files(application: Any, start: str, title: str, mask: str) -> list[str]:
        """Paths the artist chose, none on cancel."""
        return list(application._host.desktop.choose(title))

    @staticmethod
    def open_file(application: Any, start: str, title: str, mask: str = "") -> str:
        """The path the artist chose, empty on cancel."""
        return "".join(application._host.desktop.choose(title)[:1])

    @staticmethod
    def open_folder(application: Any, start: str, title: str) -> str:
        """The folder the artist chose, empty on cancel."""
        return "".join(application._host.desktop.choose(title)[:1])

    @staticmethod
    def save_file(application: Any, start: str, title: str, mask: str) -> str:
        """The path the artist chose, empty on cancel."""
        return "".join(application._host.desktop.choose(title)[:1])


@documented
class GuiWindow(GuiWidget):
    """A window; shown ones are listed by the desktop."""

    def __init__(
        self, parent: Any, x: int, y: int, width: int, height: int, title: str = ""
    ) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._label = title
        self._is_modal = False
        self._desktop = installed_host().desktop

    def show(self) -> None:
        """Open without waiting."""
        self._desktop.show(self)

    def show_modal(self) -> None:
        """Open in front of everything; the caller pumps events while it is shown."""
        self._is_modal = True
        self._desktop.show(self)

    def hide(self) -> None:
        """Close."""
        self._desktop.hide(self)

    def is_shown(self) -> bool:
        """True while it is open."""
        return any(window is self for window in self._desktop.windows)

    def set_title(self, title: str) -> None:
        """Text of the title bar."""
        self._label = title

    def get_title(self) -> str:
        """Text of the title bar."""
        return self._label

    def set_resizable(self, resizable: bool) -> None:
        """Let the artist resize it."""

    def get_mouse_cursor(self) -> int:
        """Number of the cursor."""
        return int(self._desktop.cursor)

    def set_mouse_cursor(self, cursor: int) -> None:
        """Show another cursor."""
        self._desktop.cursor = cursor


@documented
class GuiPanel(GuiWidget):
    """A frame around other widgets."""

    def set_scroll_enabled(self, enabled: bool) -> None:
        """Scroll bars."""

    def set_virtual_size(self, width: int, height: int) -> None:
        """Size of what is scrolled."""

    def set_top_toolbar_visible(self, visible: bool) -> None:
        """Tool bar above."""

    def set_bottom_toolbar_visible(self, visible: bool) -> None:
        """Tool bar below."""


@documented
class GuiPushButton(GuiWidget):
    """A button."""

    _events = ("EVT_ID_PUSH_BUTTON_CLICK",)

    def __init__(
        self, parent: Any, x: int, y: int, width: int, height: int, label: str
    ) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._label = label

    def set_label(self, label: str) -> None:
        """Text on the button."""
        self._label = label


@documented
class GuiLineEdit(GuiWidget):
    """A line of text to be edited."""

    _events = ("EVT_ID_LINE_EDIT_CHANGED",)

    def __init__(
        self, parent: Any, x: int, y: int, width: int, height: int, label: str = ""
    ) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._label = label
        self._text = ""

    def get_text(self) -> str:
        """What stands in it."""
        return self._text

    def set_text(self, text: str) -> None:
        """Replace what stands in it; tells nobody."""
        self._text = text


@documented
class GuiTextEdit(GuiWidget):
    """Text of many lines."""

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._text = ""

    def set_text(self, text: str) -> None:
        """Replace the text."""
        self._text = text

    def set_read_only(self, read_only: bool) -> None:
        """Show only."""

    def set_font_size(self, size: int) -> None:
        """Pixels."""


@documented
class GuiCheckbox(GuiWidget):
    """A switch."""

    def __init__(self, parent: Any, x: int, y: int, label: str) -> None:
        GuiWidget.__init__(self, parent, x, y, 0, 0)
        self._label = label
        self._value = False

    def get_value(self) -> bool:
        """True when on."""
        return self._value

    def set_value(self, value: bool) -> None:
        """Switch it."""
        self._value = value


@documented
class GuiLabel(GuiWidget):
    """A text to be read."""

    def __init__(
        self, parent: Any, x: int, y: int, width: int, height: int, text: str
    ) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._label = text

    def set_justification(self, justification: int) -> None:
        """Alignment of the text."""


@documented
class GuiNumberField(GuiWidget):
    """A number to be edited."""

    def __init__(self, parent: Any, x: int, y: int, width: int, label: str) -> None:
        GuiWidget.__init__(self, parent, x, y, width, 0)
        self._label = label
        self._value = 0.0

    def get_value(self) -> float:
        """The number."""
        return self._value

    def set_value(self, value: float) -> None:
        """Set the number."""
        self._value = value

    def set_slider_range(self, low: float, high: float) -> None:
        """Ends of the slider."""

    def enable_slider_range(self, enabled: bool) -> None:
        """Show the slider."""

    def set_increment(self, step: float) -> None:
        """Step of the arrows."""


def click(widget: GuiWidget, event: str) -> None:
    """What the artist's action on a widget does; nothing on a greyed-out one."""
    if widget._is_enabled:
        fire(widget, event)
