"""Where widgets are when their window is resized, and what is said of those that do not fit."""

from __future__ import annotations

from typing import Any, Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.headless import driver, layout
from conductor.clarisse.headless.layout import BOTTOM, FREE, LEFT, RIGHT, TOP, Box
from conductor.lib.errors import SceneError

WINDOW = Box(0, 0, 300, 200)
WIDER = Box(0, 0, 400, 260)
BUTTON = Box(200, 170, 90, 20)

# ---------------------------------------------------------------- boxes


@pytest.mark.parametrize("edges, expected", [
    ((FREE, FREE, FREE, FREE), BUTTON),
    ((LEFT, TOP, FREE, FREE), BUTTON),
    ((FREE, FREE, RIGHT, BOTTOM), Box(300, 230, 90, 20)),
    ((RIGHT, BOTTOM, RIGHT, BOTTOM), Box(300, 230, 90, 20)),
    ((LEFT, TOP, RIGHT, BOTTOM), Box(200, 170, 190, 80)),
    ((LEFT, FREE, RIGHT, BOTTOM), Box(200, 230, 190, 20)),
    ((RIGHT, TOP, FREE, FREE), Box(300, 170, 90, 20)),
    ((LEFT, TOP, LEFT, TOP), BUTTON),
], ids=["free", "upper left", "lower right", "lower right, both edges", "stretched",
        "along the foot", "left edge at the right", "both edges at the left"])
def test_what_follows_a_larger_window(edges: layout.Edges, expected: Box) -> None:
    assert layout.placed(BUTTON, WINDOW, WIDER, edges) == expected


boxes = st.builds(
    Box, st.integers(-50, 500), st.integers(-50, 500), st.integers(0, 500), st.integers(0, 500))
sides = st.tuples(
    st.sampled_from([LEFT, RIGHT, FREE]), st.sampled_from([TOP, BOTTOM, FREE]),
    st.sampled_from([LEFT, RIGHT, FREE]), st.sampled_from([TOP, BOTTOM, FREE]))


@settings(max_examples=100)
@given(boxes, boxes, sides)
def test_a_parent_that_stays_moves_nothing(box: Box, parent: Box, edges: layout.Edges) -> None:
    assert layout.placed(box, parent, parent, edges) == box


@settings(max_examples=100)
@given(boxes, boxes, boxes)
def test_pinned_all_around_keeps_the_four_distances(box: Box, before: Box, now: Box) -> None:
    found = layout.placed(box, before, now, (LEFT, TOP, RIGHT, BOTTOM))
    assert (found.x - now.x, found.y - now.y) == (box.x - before.x, box.y - before.y)
    for size, wanted in (
        (found.width, box.width + now.width - before.width),
        (found.height, box.height + now.height - before.height),
    ):
        assert size == max(0, wanted)


@settings(max_examples=100)
@given(boxes, boxes, boxes, sides)
def test_a_free_edge_never_changes_the_size(
    box: Box, before: Box, now: Box, edges: layout.Edges
) -> None:
    found = layout.placed(box, before, now, edges)
    if FREE in (edges[0], edges[2]):
        assert found.width == box.width
    if FREE in (edges[1], edges[3]):
        assert found.height == box.height


@settings(max_examples=100)
@given(boxes, boxes)
def test_what_two_boxes_have_in_common(one: Box, other: Box) -> None:
    common = one.common(other)
    assert common.is_empty or (one.holds(common) and other.holds(common))
    assert common.is_empty == other.common(one).is_empty
    if one.holds(other) and not other.is_empty:
        assert common == other


@pytest.mark.parametrize("edges, side", [
    ((TOP, FREE, FREE, FREE), "left"), ((FREE, LEFT, FREE, FREE), "top"),
    ((FREE, FREE, BOTTOM, FREE), "right"), ((FREE, FREE, FREE, 7), "bottom"),
])
def test_an_edge_follows_an_edge_of_its_own_direction(edges: layout.Edges, side: str) -> None:
    with pytest.raises(ValueError, match="the %s edge takes one of" % side):
        layout.check_edges(edges)


def test_how_much_room_a_text_takes() -> None:
    width = layout.text_width
    assert width("") == 0
    assert width("ii") < width("nn") < width("NN") < width("WW")
    assert width("short\nmuch longer") == width("much longer")
    assert width("日本") > width("ab")
    assert layout.text_height("a\nb") == 2 * layout.text_height("a")
    assert layout.label_width("") == 0 < layout.label_width("a")


# ---------------------------------------------------------------- widgets in a window


@pytest.fixture
def window(ix: Any) -> Any:
    made = ix.api.GuiWindow(ix.application, 30, 40, 300, 200, "Layout")
    made.show()
    return made


def pinned(ix: Any, parent: Any, box: Box, *edges: str) -> Any:
    made = ix.api.GuiTextEdit(parent, *box)
    made.set_constraints(*(getattr(ix.api.GuiWidget, "CONSTRAINT_" + edge) for edge in edges))
    return made


def box_of(widget: Any) -> Box:
    return Box(widget.get_x(), widget.get_y(), widget.get_width(), widget.get_height())


ALL = ("LEFT", "TOP", "RIGHT", "BOTTOM")


def test_dragging_the_corner_moves_and_stretches(ix: Any, window: Any) -> None:
    area = pinned(ix, window, Box(8, 8, 284, 150), *ALL)
    corner = pinned(ix, window, Box(200, 170, 90, 20), "COUNT", "COUNT", "RIGHT", "BOTTOM")
    driver.resize(window, 400, 260)
    assert box_of(window) == Box(30, 40, 400, 260)
    assert (box_of(area), box_of(corner)) == (Box(8, 8, 384, 210), Box(300, 230, 90, 20))


def test_there_and_back_is_where_it_was_also_when_nothing_was_left(ix: Any, window: Any) -> None:
    area = pinned(ix, window, Box(8, 8, 284, 150), *ALL)
    driver.resize(window, 20, 10)
    assert (area.get_width(), area.get_height()) == (4, 0)
    driver.resize(window, 300, 200)
    assert box_of(area) == Box(8, 8, 284, 150)


def test_a_script_resizes_the_window_in_the_same_way(ix: Any, window: Any) -> None:
    area = pinned(ix, window, Box(8, 8, 284, 150), *ALL)
    window.resize(0, 0, 310, 200)
    assert box_of(area) == Box(8, 8, 294, 150)
    window.set_position(500, 500)
    assert box_of(area) == Box(8, 8, 294, 150), "coordinates are those of the window"


def test_children_follow_the_panel_that_holds_them(ix: Any, window: Any) -> None:
    panel = ix.api.GuiPanel(window, 100, 100, 200, 100)
    panel.set_constraints(*(getattr(ix.api.GuiWidget, "CONSTRAINT_" + edge)
                            for edge in ("LEFT", "COUNT", "RIGHT", "BOTTOM")))
    inner = pinned(ix, panel, Box(110, 110, 180, 20), "LEFT", "TOP", "RIGHT", "COUNT")
    free = ix.api.GuiTextEdit(panel, 110, 140, 50, 20)
    driver.resize(window, 350, 230)
    assert box_of(panel) == Box(100, 130, 250, 100)
    assert (box_of(inner), box_of(free)) == (Box(110, 140, 230, 20), Box(110, 170, 50, 20))


def test_a_place_given_after_the_pins_is_the_one_that_is_kept(ix: Any, window: Any) -> None:
    area = pinned(ix, window, Box(8, 8, 10, 10), *ALL)
    driver.resize(window, 400, 300)
    area.resize(0, 0, 400, 300)
    driver.resize(window, 300, 200)
    assert box_of(area) == Box(0, 0, 300, 200)


def test_a_window_that_is_not_resizable(window: Any) -> None:
    window.set_resizable(False)
    with pytest.raises(SceneError, match='"Layout" cannot be resized'):
        driver.resize(window, 10, 10)


# ---------------------------------------------------------------- what does not fit

Build = Callable[[Any, Any], object]

FITTING: list[Any] = [
    pytest.param(lambda api, w: api.GuiPushButton(w, 0, 0, 60, 20, "Close"), id="button"),
    pytest.param(lambda api, w: api.GuiLabel(w, 0, 0, 60, 40, "two\nlines"), id="label"),
    pytest.param(lambda api, w: api.GuiCheckbox(w, 0, 0, "Force upload"), id="check box"),
    pytest.param(
        lambda api, w: api.GuiLineEdit(w, 0, 0, 60, 20, "Name").set_text("x" * 90), id="typed"),
    pytest.param(
        lambda api, w: [api.GuiPanel(w, 0, 0, 90, 90), api.GuiLabel(w, 90, 0, 9, 20, "")],
        id="side by side"),
    pytest.param(
        lambda api, w: api.GuiPushButton(api.GuiPanel(w, 0, 0, 90, 90), 0, 0, 60, 20, "Close"),
        id="inside another"),
    pytest.param(lambda api, w: api.GuiPushButton(w, 900, 0, 1, 1, "hidden").hide(), id="hidden"),
    pytest.param(lambda api, w: api.GuiWindow(w, 0, 0, 900, 900, "Other"), id="another window"),
    pytest.param(lambda api, w: api.GuiNumberField(w, 0, 0, 90, "Count"), id="number"),
]


@pytest.mark.parametrize("build", FITTING)
def test_what_fits(ix: Any, window: Any, build: Build) -> None:
    build(ix.api, window)
    assert driver.layout_problems(window) == []


def scrolled(api: Any, window: Any) -> None:
    panel = api.GuiPanel(window, 0, 0, 100, 50)
    panel.set_virtual_size(100, 100)
    panel.set_scroll_enabled(True)
    api.GuiPushButton(panel, 0, 70, 60, 20, "Close")
    api.GuiPushButton(panel, 0, 95, 60, 20, "Lost")


def menu(api: Any, window: Any) -> None:
    made = api.GuiListButton(window, 0, 0, 60, 20)
    made.add_item("append")
    made.add_item("an entry that is wide")


UNFIT: list[Any] = [
    pytest.param(lambda api, w: api.GuiPushButton(w, 250, 0, 60, 20, "Close"),
                 ['GuiPushButton "Close" at (250, 0, 60, 20) lies outside (0, 0, 300, 200)'],
                 id="outside"),
    pytest.param(lambda api, w: api.GuiPushButton(w, 0, 0, 20, 20, "Close"),
                 ['GuiPushButton "Close" needs a width of 47 for its text and has 20'],
                 id="narrow button"),
    pytest.param(lambda api, w: api.GuiLabel(w, 0, 0, 60, 20, "two\nlines"),
                 ['GuiLabel "two\nlines" needs a height of 32 for its text and has 20'],
                 id="low label"),
    pytest.param(lambda api, w: api.GuiPanel(w, 0, 0, 20, 0), ["GuiPanel has no size: 20 x 0"],
                 id="no size"),
    pytest.param(
        lambda api, w: [api.GuiTextEdit(w, 0, 0, 90, 90).set_text("a\nb"),
                        api.GuiTree(w, 89, 89, 9, 9)],
        ['GuiTree overlaps GuiTextEdit "a"'], id="overlap"),
    pytest.param(scrolled,
                 ['GuiPushButton "Lost" at (0, 95, 60, 20) lies outside (0, 0, 100, 100)'],
                 id="beyond what can be scrolled"),
    pytest.param(menu, ["GuiListButton needs a width of 156 for its text and has 60"],
                 id="narrow menu"),
]


@pytest.mark.parametrize("build, said", UNFIT)
def test_what_does_not_fit(ix: Any, window: Any, build: Build, said: list[str]) -> None:
    build(ix.api, window)
    assert driver.layout_problems(window) == said


def test_a_subclass_is_told_by_the_name_of_the_widget(ix: Any, window: Any) -> None:
    class Mine(ix.api.GuiPushButton):
        pass

    Mine(window, 0, 0, 1, 20, "Close")
    problem, = driver.layout_problems(window)
    assert problem.startswith('GuiPushButton "Close"')
