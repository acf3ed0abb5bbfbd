"""Pictures of windows: what is drawn where, and that a picture is always the same."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from conductor.clarisse.headless import driver
from conductor.lib.errors import SceneError

pytest.importorskip("PIL", "10.1", "Pillow 10.1 draws the windows; it is in the extra dev")
Image = pytest.importorskip("PIL.Image")
drawing = pytest.importorskip("conductor.clarisse.headless.drawing")

TOP = drawing.TITLE_HEIGHT


@pytest.fixture
def window(ix: Any) -> Any:
    made = ix.api.GuiWindow(ix.application, 0, 0, 200, 120, "A window")
    made.show()
    return made


@pytest.fixture
def drawn(window: Any, tmp_path: Path) -> Callable[[], Any]:
    def draw() -> Any:
        path = tmp_path / "window.png"
        driver.draw(window, str(path))
        with Image.open(path) as opened:
            assert opened.format == "PNG"
            return opened.convert("RGB")

    return draw


def inked(picture: Any, left: int, top: int, right: int, bottom: int) -> int:
    """Pixels of a part of the window that do not have the commonest colour of it."""
    part = picture.crop((left, top + TOP, right, bottom + TOP))
    counts = sorted((count for count, _ in part.getcolors(100000)), reverse=True)
    return sum(counts[1:])


def test_an_empty_window_has_a_title_bar_and_a_caption(drawn: Callable[[], Any]) -> None:
    picture = drawn()
    assert picture.size == (200, TOP + 120 + drawing.CAPTION_HEIGHT)
    assert inked(picture, 0, -TOP, 200, 0) > 50, "the title"
    assert inked(picture, 0, 0, 200, 120) == 0
    assert inked(picture, 1, 121, 199, 119 + drawing.CAPTION_HEIGHT) > 50, "the caption"


def test_the_same_window_gives_the_same_bytes(window: Any, tmp_path: Path) -> None:
    for name in ("one.png", "two.png"):
        driver.draw(window, str(tmp_path / name))
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
    assert sorted(path.name for path in tmp_path.glob("*.p*")) == [
        "one.png", "shot.project", "two.png"]


def tree(api: Any, window: Any) -> None:
    made = api.GuiTree(window, 20, 20, 100, 80)
    made.set_shaded_entries(True)
    row = api.GuiTreeItemBasic(made.get_root(), "clarisse")
    row.expand()
    api.GuiTreeItemBasic(row, "5.0").set_is_selected(True)
    api.GuiTreeItemBasic(made.get_root(), "maya").set_expandable(True)


def rows(api: Any, window: Any) -> None:
    made = api.GuiListView(window, 20, 20, 100, 80)
    for number in range(20):
        made.add_item("row %d" % number)


def menu(api: Any, window: Any) -> None:
    api.GuiListButton(window, 20, 20, 100, 80).add_item("append")


WIDGETS: list[Any] = [
    pytest.param(lambda api, w: api.GuiPushButton(w, 20, 20, 100, 80, "Close"), id="button"),
    pytest.param(lambda api, w: api.GuiLabel(w, 20, 20, 100, 80, "a label"), id="label"),
    pytest.param(lambda api, w: api.GuiLabel(w, 20, 20, 100, 80, "two\nlines"), id="lines"),
    pytest.param(lambda api, w: api.GuiLineEdit(w, 20, 20, 100, 80).set_text("x" * 99), id="line"),
    pytest.param(lambda api, w: api.GuiTextEdit(w, 20, 20, 100, 80).set_text("x\n" * 99),
                 id="text"),
    pytest.param(lambda api, w: api.GuiCheckbox(w, 20, 20, "Force"), id="check box"),
    pytest.param(lambda api, w: api.GuiNumberField(w, 20, 20, 100, "Count"), id="number"),
    pytest.param(lambda api, w: api.GuiPanel(w, 20, 20, 100, 80), id="panel"),
    pytest.param(lambda api, w: api.GuiProgressBar(w, 20, 20, 100, 80), id="progress bar"),
    pytest.param(tree, id="tree"), pytest.param(rows, id="list"), pytest.param(menu, id="menu"),
]


@pytest.mark.parametrize("build", WIDGETS)
def test_each_widget_is_drawn_inside_its_box(
    ix: Any, window: Any, drawn: Callable[[], Any], build: Callable[[Any, Any], object]
) -> None:
    build(ix.api, window)
    picture = drawn()
    assert inked(picture, 20, 20, 120, 100) > 20
    for outside in ((0, 0, 200, 20), (0, 100, 200, 120), (0, 0, 20, 120), (120, 0, 200, 120)):
        assert inked(picture, *outside) == 0


def test_a_plain_widget_shows_nothing_of_its_own(
    ix: Any, window: Any, drawn: Callable[[], Any]
) -> None:
    ix.api.GuiLabel(ix.api.GuiWidget(window, 0, 0, 100, 50), 0, 0, 100, 20, "inside")
    picture = drawn()
    assert inked(picture, 0, 0, 100, 20) > 20 and inked(picture, 0, 20, 200, 120) == 0


STATES: list[Any] = [
    pytest.param(lambda b: b.disable(), True, id="greyed out"),
    pytest.param(lambda b: b.hide(), True, id="hidden"),
    pytest.param(lambda b: b.set_label("Submit"), True, id="another text"),
    pytest.param(lambda b: b.set_tooltip("help"), False, id="a tool tip"),
]


@pytest.mark.parametrize("change, is_seen", STATES)
def test_what_changes_the_picture_of_a_button(
    ix: Any, window: Any, drawn: Callable[[], Any], change: Callable[[Any], None], is_seen: bool
) -> None:
    button = ix.api.GuiPushButton(window, 20, 20, 100, 30, "Close")
    before = drawn().tobytes()
    change(button)
    assert (drawn().tobytes() != before) is is_seen


def test_a_colour_and_the_middle_of_a_label(
    ix: Any, window: Any, drawn: Callable[[], Any]
) -> None:
    label = ix.api.GuiLabel(window, 0, 0, 200, 20, "red")
    assert inked(drawn(), 0, 0, 60, 20) > 0
    label.set_text_color(ix.api.GMathVec3uc(255, 0, 0))
    label.set_justification(ix.api.GuiWidget.JUSTIFY_CENTER)
    picture = drawn()
    assert inked(picture, 0, 0, 60, 20) == 0
    reds = {color for _, color in picture.crop((60, TOP, 140, TOP + 20)).getcolors(10000)}
    assert any(red > 200 and green < 80 for red, green, _ in reds)
    label.disable()
    greys = {color for _, color in drawn().crop((60, TOP, 140, TOP + 20)).getcolors(10000)}
    assert all(abs(red - green) < 40 for red, green, _ in greys), "greyed out is grey"


def test_a_tick_and_a_slider(ix: Any, window: Any, drawn: Callable[[], Any]) -> None:
    box = ix.api.GuiCheckbox(window, 0, 0, "")
    number = ix.api.GuiNumberField(window, 0, 40, 200, "")
    number.set_slider_range(0, 100)
    pictures = [drawn()]
    box.set_value(True)
    number.enable_slider_range(True)
    for value in (0, 50, 400):
        number.set_value(value)
        pictures.append(drawn())
    bright = [inked(picture, 2, 6, 12, 16) for picture in pictures[:2]]
    assert bright[0] == 0 < bright[1], "the tick inside the box"
    blue = [sum(count for count, color in picture.crop((0, TOP + 40, 200, TOP + 62)).getcolors(9999)
                if color[2] > color[0] + 40) for picture in pictures]
    assert blue[0] == blue[1] == 0 < blue[2] < blue[3]
    assert blue[3] <= 2.1 * blue[2], "a value beyond the range fills the bar, no more"


def test_a_panel_cuts_what_it_holds(ix: Any, window: Any, drawn: Callable[[], Any]) -> None:
    panel = ix.api.GuiPanel(window, 0, 0, 100, 50)
    panel.set_scroll_enabled(True)
    panel.set_virtual_size(100, 200)
    ix.api.GuiPushButton(panel, 10, 40, 60, 40, "half")
    ix.api.GuiPushButton(panel, 10, 90, 60, 20, "scrolled away")
    picture = drawn()
    assert inked(picture, 10, 40, 70, 49) > 0
    assert inked(picture, 0, 50, 200, 120) == 0
    assert inked(picture, 90, 2, 100, 48) > 0, "a scroll bar"


def test_closed_rows_of_a_tree_are_not_drawn(
    ix: Any, window: Any, drawn: Callable[[], Any]
) -> None:
    made = ix.api.GuiTree(window, 0, 0, 200, 120)
    row = ix.api.GuiTreeItemBasic(made.get_root(), "clarisse")
    ix.api.GuiTreeItemBasic(row, "5.0")
    closed = drawn()
    assert inked(closed, 10, 22, 190, 38) == 0
    row.expand()
    opened = drawn()
    assert inked(opened, 10, 22, 190, 38) > 0
    arrow = (0, TOP + 4, 18, TOP + 20)
    assert opened.crop(arrow).tobytes() != closed.crop(arrow).tobytes(), "the arrow turns"


def test_without_pillow_it_says_what_to_install(
    window: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(SceneError, match="needs Pillow 10.1: pip install Pillow"):
        driver.draw(window, str(tmp_path / "window.png"))


def test_a_folder_that_is_not_there(window: Any, tmp_path: Path) -> None:
    with pytest.raises(OSError):
        driver.draw(window, str(tmp_path / "gone" / "window.png"))
