"""The widgets as a plain tree: places, texts, values, selections and events."""

from __future__ import annotations

from typing import Any

from conductor.clarisse.headless import layout
from conductor.clarisse.headless.binding import documented, installed_host
from conductor.clarisse.headless.events import EventObject, fire
from conductor.clarisse.headless.layout import Box


@documented
class GuiWidget(EventObject):
    """Root of all widgets; ``parent`` is the application or another widget."""

    CONSTRAINT_LEFT, CONSTRAINT_TOP = layout.LEFT, layout.TOP
    CONSTRAINT_RIGHT, CONSTRAINT_BOTTOM = layout.RIGHT, layout.BOTTOM
    CONSTRAINT_COUNT = layout.FREE
    JUSTIFY_CENTER = 1
    _events: tuple[str, ...] = ()

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        EventObject.__init__(self)
        self._parent = parent if isinstance(parent, GuiWidget) else None
        self._box = Box(x, y, width, height)
        self._edges: layout.Edges = (layout.FREE,) * 4
        self._children: list[GuiWidget] = []
        self._listeners: list[Any] = []
        self._is_enabled = True
        self._is_visible = True
        self._label = ""
        self._tooltip = ""
        self._color: Any = None
        self._anchor()
        if self._parent is not None:
            self._parent._children.append(self)

    def _inside(self) -> Box:
        """The box that children are pinned to, in pixels of the window."""
        return self._box

    def _anchor(self) -> None:
        """Take the present place as the one that the pins keep."""
        inside = self._parent._inside() if self._parent is not None else Box(0, 0, 0, 0)
        self._put, self._put_inside = self._box, inside

    def _place(self, box: Box) -> None:
        self._box = box
        for child in self._children:
            child._follow()

    def _follow(self) -> None:
        """Move with the parent."""
        assert self._parent is not None
        now = self._parent._inside()
        self._place(layout.placed(self._put, self._put_inside, now, self._edges))

    def get_x(self) -> int:
        """Pixels from the left of the window."""
        return self._box.x

    def get_y(self) -> int:
        """Pixels from the top of the window."""
        return self._box.y

    def get_width(self) -> int:
        """Pixels."""
        return self._box.width

    def get_height(self) -> int:
        """Pixels."""
        return self._box.height

    def set_position(self, x: int, y: int) -> None:
        """Move."""
        self.resize(x, y, self._box.width, self._box.height)

    def resize(self, x: int, y: int, width: int, height: int) -> None:
        """Move and resize; what it holds follows."""
        self._place(Box(x, y, width, height))
        self._anchor()

    def set_constraints(self, left: int, top: int, right: int, bottom: int) -> None:
        """Pin the edges to those of the parent.

        Raises:
            ValueError: for an edge that this side cannot follow.
        """
        edges = (left, top, right, bottom)
        layout.check_edges(edges)
        self._edges = edges
        self._anchor()

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
        self._color = color

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
        self._is_resizable = True
        self._desktop = installed_host().desktop

    def _inside(self) -> Box:
        return Box(0, 0, self._box.width, self._box.height)

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
        self._is_resizable = resizable

    def get_mouse_cursor(self) -> int:
        """Number of the cursor."""
        return int(self._desktop.cursor)

    def set_mouse_cursor(self, cursor: int) -> None:
        """Show another cursor."""
        self._desktop.cursor = cursor


@documented
class GuiPanel(GuiWidget):
    """A frame around other widgets."""

    def __init__(self, parent: Any, x: int, y: int, width: int, height: int) -> None:
        GuiWidget.__init__(self, parent, x, y, width, height)
        self._scrolls = False
        self._virtual = (0, 0)
        self._toolbars = {"top": False, "bottom": False}

    def set_scroll_enabled(self, enabled: bool) -> None:
        """Scroll bars."""
        self._scrolls = enabled

    def set_virtual_size(self, width: int, height: int) -> None:
        """Size of what is scrolled."""
        self._virtual = (width, height)

    def set_top_toolbar_visible(self, visible: bool) -> None:
        """Tool bar above."""
        self._toolbars["top"] = visible

    def set_bottom_toolbar_visible(self, visible: bool) -> None:
        """Tool bar below."""
        self._toolbars["bottom"] = visible

    def _room(self) -> Box:
        """Where its widgets may be: all that can be scrolled to."""
        if not self._scrolls:
            return self._box
        width, height = self._virtual
        return Box(
            self._box.x, self._box.y, max(width, self._box.width), max(height, self._box.height))


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
        self._is_read_only = False
        self._font_size = 0

    def set_text(self, text: str) -> None:
        """Replace the text."""
        self._text = text

    def set_read_only(self, read_only: bool) -> None:
        """Show only."""
        self._is_read_only = read_only

    def set_font_size(self, size: int) -> None:
        """Pixels."""
        self._font_size = size


@documented
class GuiCheckbox(GuiWidget):
    """A switch."""

    def __init__(self, parent: Any, x: int, y: int, label: str) -> None:
        width = layout.CHECK_SIZE + layout.TEXT_MARGIN + layout.text_width(label)
        GuiWidget.__init__(self, parent, x, y, width, layout.FIELD_HEIGHT)
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
        self._justification = 0

    def set_justification(self, justification: int) -> None:
        """Alignment of the text."""
        self._justification = justification


@documented
class GuiNumberField(GuiWidget):
    """A number to be edited."""

    def __init__(self, parent: Any, x: int, y: int, width: int, label: str) -> None:
        GuiWidget.__init__(self, parent, x, y, width, layout.FIELD_HEIGHT)
        self._label = label
        self._value = 0.0
        self._slider = (0.0, 0.0)
        self._has_slider = False

    def get_value(self) -> float:
        """The number."""
        return self._value

    def set_value(self, value: float) -> None:
        """Set the number."""
        self._value = value

    def set_slider_range(self, low: float, high: float) -> None:
        """Ends of the slider."""
        self._slider = (low, high)

    def enable_slider_range(self, enabled: bool) -> None:
        """Show the slider."""
        self._has_slider = enabled

    def set_increment(self, step: float) -> None:
        """Step of the arrows."""


def is_usable(widget: GuiWidget) -> bool:
    """True unless the widget, or one that holds it, is greyed out."""
    holder = widget._parent
    return widget._is_enabled and (holder is None or is_usable(holder))


def is_visible(widget: GuiWidget) -> bool:
    """True unless the widget, or one that holds it, is hidden. A window is not looked at."""
    holder = widget._parent
    return widget._is_visible and (holder is None or is_visible(holder))


def click(widget: GuiWidget, event: str) -> None:
    """What the artist's action on a widget does; nothing on a greyed-out one."""
    if is_usable(widget):
        fire(widget, event)
