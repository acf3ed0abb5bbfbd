"""Windows: widgets, events, modal loops, dialogs, and the hand that drives them."""

from __future__ import annotations

import gc
from typing import Any, Callable

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver
from conductor.lib.errors import SceneError


@pytest.fixture
def panel(ix: Any) -> Any:
    """A modal window as submitters write them, with a log of what was heard."""

    class Panel(ix.api.GuiWindow):
        def __init__(self) -> None:
            top = ix.application.get_event_window()
            ix.api.GuiWindow.__init__(self, top, 10, 20, 300, 200, "Choose packages")
            self.heard: list[tuple[Any, str]] = []
            self.inner = ix.api.GuiPanel(self, 0, 0, 300, 100)
            self.name = ix.api.GuiLineEdit(self.inner, 0, 0, 100, 20, "Name")
            self.box = ix.api.GuiCheckbox(self, 0, 0, "Force")
            self.field = ix.api.GuiNumberField(self, 0, 0, 50, "Count")
            self.menu = ix.api.GuiListButton(self, 0, 0, 50, 20)
            self.view = ix.api.GuiListView(self, 0, 0, 50, 20)
            self.tree = ix.api.GuiTree(self, 0, 0, 50, 20)
            self.tree.enable_multi_selection(True)
            self.label = ix.api.GuiLabel(self, 0, 0, 50, 20, "Nothing chosen")
            self.area = ix.api.GuiTextEdit(self, 0, 0, 50, 20)
            self.go = ix.api.GuiPushButton(self, 0, 0, 50, 20, "Go")
            self.close_button = ix.api.GuiPushButton(self, 0, 0, 50, 20, "Close")
            self.connect(self.go, "EVT_ID_PUSH_BUTTON_CLICK", self.on_go)
            self.connect(self.close_button, "EVT_ID_PUSH_BUTTON_CLICK", self.on_close)
            for widget, event in (
                (self.name, "EVT_ID_LINE_EDIT_CHANGED"),
                (self.menu, "EVT_ID_LIST_BUTTON_SELECT"),
                (self.view, "EVT_ID_LIST_VIEW_SELECT"),
                (self.tree, "EVT_ID_TREE_SELECTION_CHANGED"),
            ):
                self.connect(widget, event, self.on_any)
            for entry in ("small", "large"):
                self.menu.add_item(entry)
                self.view.add_item(entry)
            self.menu.add_separator()
            host = ix.api.GuiTreeItemBasic(self.tree.get_root(), "clarisse")
            for version in ("4.0", "5.0"):
                ix.api.GuiTreeItemBasic(host, version)

        def on_any(self, sender: Any, event: str) -> None:
            self.heard.append((sender, event))

        def on_go(self, sender: Any, event: str) -> None:
            self.label = sender.get_window()
            self.heard.append((sender, event))

        def on_close(self, sender: Any, event: str) -> None:
            self.hide()

    return Panel()


def run_modal(ix: Any, window: Any, most: int = 50) -> int:
    window.show_modal()
    rounds = 0
    while window.is_shown():
        ix.application.check_for_events()
        rounds += 1
        assert rounds < most
    return rounds


class TestModalLoops:
    def test_it_ends_at_once_when_nobody_is_there(self, ix: Any, panel: Any) -> None:
        assert run_modal(ix, panel) == 1
        assert driver.windows() == []

    def test_a_callback_keeps_it_open_until_it_is_done(self, ix: Any, panel: Any) -> None:
        rounds = []

        def act() -> bool:
            rounds.append(1)
            if len(rounds) == 3:
                driver.press_button(driver.window("packages"), "Close")
            return True

        remove = driver.on_events(act)
        assert run_modal(ix, panel) == 3
        remove()
        remove()
        assert run_modal(ix, panel) == 1

    def test_a_callback_that_only_looks_does_not_hold_it(self, ix: Any, panel: Any) -> None:
        seen: list[str] = []
        driver.on_events(lambda: seen.extend(each.get_title() for each in driver.windows()))
        assert run_modal(ix, panel) == 1
        assert seen == ["Choose packages"]

    def test_a_window_that_is_not_modal_stays(self, ix: Any, panel: Any) -> None:
        panel.show()
        ix.application.check_for_events()
        assert panel.is_shown()
        assert driver.window() is panel
        panel.hide()
        assert not panel.is_shown()

    def test_a_window_opened_by_a_button_of_another(self, ix: Any, panel: Any) -> None:
        inner = ix.api.GuiWindow(ix.application, 0, 0, 1, 1)
        inner.set_title("Inner")
        told: list[int] = []

        def open_inner(sender: Any, event: str) -> None:
            told.append(run_modal(ix, inner))

        panel.connect(panel.go, "EVT_ID_PUSH_BUTTON_CLICK", open_inner)
        pressed: list[bool] = []

        def act() -> None:
            if not pressed:
                pressed.append(True)
                driver.press_button(panel, "Go")

        driver.on_events(act)
        run_modal(ix, panel)
        assert told == [1]

    def test_a_window_nobody_closes_is_closed_in_the_end(
        self, ix: Any, panel: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("conductor.clarisse.headless.desktop.MOST_ROUNDS", 5)
        driver.on_events(lambda: True)
        assert run_modal(ix, panel) == 6

    def test_destroying_closes_it(self, ix: Any, panel: Any) -> None:
        panel.show_modal()
        panel.destroy()
        assert driver.windows() == []

    def test_no_such_window(self, ix: Any) -> None:
        with pytest.raises(SceneError, match='no window "Preview" is shown'):
            driver.window("Preview")


class TestEvents:
    def test_a_click_reaches_the_handler_with_its_sender(self, panel: Any) -> None:
        driver.press_button(panel, "Go")
        assert panel.heard == [(panel.go, "EVT_ID_PUSH_BUTTON_CLICK")]
        assert panel.label is panel

    def test_a_greyed_out_button_does_nothing(self, panel: Any) -> None:
        panel.go.set_enable(False)
        driver.press_button(panel, "Go")
        assert panel.heard == [] and not driver.is_enabled(panel.go)
        panel.go.enable()
        driver.press_button(panel, "Go")
        panel.go.disable()
        driver.press_button(panel, "Go")
        assert len(panel.heard) == 1

    @pytest.mark.parametrize(
        "act, event",
        [
            (lambda p: driver.type_text(p.name, "x"), "EVT_ID_LINE_EDIT_CHANGED"),
            (lambda p: driver.choose(p.menu, "large"), "EVT_ID_LIST_BUTTON_SELECT"),
            (lambda p: driver.choose(p.view, "large"), "EVT_ID_LIST_VIEW_SELECT"),
            (lambda p: driver.choose_rows(p.tree, "clarisse/5.0"), "EVT_ID_TREE_SELECTION_CHANGED"),
        ],
        ids=["text", "menu", "list", "tree"],
    )
    def test_each_widget_tells(self, panel: Any, act: Callable[[Any], None], event: str) -> None:
        act(panel)
        assert [heard for _, heard in panel.heard] == [event]

    def test_setting_from_a_script_tells_nobody(self, panel: Any) -> None:
        panel.name.set_text("x")
        panel.menu.set_selected_item_by_index(1)
        panel.box.set_value(True)
        assert panel.heard == []

    def test_exceptions_vanish_but_the_driver_sees_them(self, panel: Any) -> None:
        panel.connect(panel.go, "EVT_ID_PUSH_BUTTON_CLICK", lambda *_: 1 / 0)
        driver.press_button(panel, "Go")
        assert [type(error) for error in driver.callback_errors()] == [ZeroDivisionError]

    def test_disconnecting(self, panel: Any) -> None:
        panel.disconnect_all()
        driver.press_button(panel, "Go")
        assert panel.heard == []

    def test_a_listener_that_is_gone_hears_nothing(self, ix: Any) -> None:
        heard: list[str] = []
        window = ix.api.GuiWindow(ix.application, 0, 0, 1, 1)
        button = ix.api.GuiPushButton(window, 0, 0, 1, 1, "Go")

        class Listener(ix.api.EventObject):
            def on_click(self, sender: Any, event: str) -> None:
                heard.append(event)

        listener = Listener()
        listener.connect(button, "EVT_ID_PUSH_BUTTON_CLICK", listener.on_click)
        driver.press_button(window, "Go")
        del listener
        gc.collect()
        driver.press_button(window, "Go")
        assert len(heard) == 1

    def test_what_cannot_be_connected(self, panel: Any) -> None:
        with pytest.raises(AttributeError, match="GuiPushButton has no event EVT_ID_CLICK"):
            panel.connect(panel.go, "EVT_ID_CLICK", panel.on_go)
        with pytest.raises(TypeError, match="takes a function"):
            panel.connect(panel.go, "EVT_ID_PUSH_BUTTON_CLICK", "on_go")


class TestWidgets:
    def test_texts_and_values(self, ix: Any, panel: Any) -> None:
        driver.type_text(panel.name, "moon")
        driver.tick(panel.box)
        panel.field.set_value(5)
        panel.area.set_text("a\nb")
        panel.go.set_label("Start")
        assert (panel.name.get_text(), panel.box.get_value(), panel.field.get_value()) == (
            "moon", True, 5.0
        )
        shown = [driver.text(widget) for widget in driver.widgets(panel)]
        assert shown == ["", "moon", "Force", "5", "small", "", "", "Nothing chosen", "a\nb",
                         "Start", "Close"]
        driver.tick(panel.box, False)
        assert panel.box.get_value() is False

    def test_menus(self, panel: Any) -> None:
        assert panel.menu.get_selected_item_name() == "small"
        driver.choose(panel.menu, "large")
        assert (panel.menu.get_selected_item_name(), panel.menu.get_selected_item_index()) == (
            "large", 1
        )
        with pytest.raises(SceneError, match=r'no entry "huge", only'):
            driver.choose(panel.menu, "huge")
        with pytest.raises(IndexError):
            panel.menu.set_selected_item_by_index(2)

    def test_an_empty_menu(self, ix: Any, panel: Any) -> None:
        assert ix.api.GuiListButton(panel, 0, 0, 1, 1).get_selected_item_name() == ""

    def test_lists(self, panel: Any) -> None:
        assert panel.view.get_selected_index() == -1
        driver.choose(panel.view, "large")
        assert panel.view.get_selected_index() == 1
        panel.view.remove_item(0)
        assert (panel.view.get_item_count(), panel.view.get_item_name(0)) == (1, "large")
        assert panel.view.get_selected_index() == -1

    def test_trees(self, panel: Any) -> None:
        places = [place for place, _ in driver.rows(panel.tree)]
        assert places == ["clarisse", "clarisse/4.0", "clarisse/5.0"]
        driver.choose_rows(panel.tree, "clarisse/5.0")
        chosen = [row.get_name() for _, row in driver.rows(panel.tree) if row.is_selected()]
        assert chosen == ["5.0"]
        panel.tree.destroy_selected_items()
        assert [place for place, _ in driver.rows(panel.tree)] == ["clarisse", "clarisse/4.0"]
        with pytest.raises(SceneError, match='no row "maya"'):
            driver.choose_rows(panel.tree, "maya")
        host = dict(driver.rows(panel.tree))["clarisse"]
        host.set_is_selected(True)
        host.remove_children()
        assert [place for place, _ in driver.rows(panel.tree)] == ["clarisse"]

    def test_places(self, panel: Any) -> None:
        assert (panel.get_x(), panel.get_y(), panel.get_width(), panel.get_height()) == (
            10, 20, 300, 200
        )
        panel.set_position(1, 2)
        assert (panel.get_x(), panel.get_width()) == (1, 300)
        panel.resize(3, 4, 5, 6)
        assert (panel.get_x(), panel.get_y(), panel.get_width(), panel.get_height()) == (3, 4, 5, 6)

    def test_parents(self, panel: Any) -> None:
        assert panel.name.get_parent() is panel.inner
        assert panel.name.get_window() is panel
        panel.inner.destroy()
        assert panel.name not in list(driver.widgets(panel))

    def test_what_only_shows_on_a_screen_is_taken(self, ix: Any, panel: Any) -> None:
        api = ix.api
        panel.set_resizable(True)
        panel.go.set_constraints(
            api.GuiWidget.CONSTRAINT_LEFT, api.GuiWidget.CONSTRAINT_COUNT,
            api.GuiWidget.CONSTRAINT_RIGHT, api.GuiWidget.CONSTRAINT_BOTTOM,
        )
        panel.go.set_tooltip("x")
        panel.go.hide()
        panel.go.show()
        panel.label.set_text_color(api.GMathVec3uc(1, 2, 3))
        panel.label.set_justification(api.GuiWidget.JUSTIFY_CENTER)
        panel.tree.set_border_style(api.GuiTree.BORDER_STYLE_FLAT)
        for call in (
            panel.inner.set_scroll_enabled, panel.inner.set_top_toolbar_visible,
            panel.inner.set_bottom_toolbar_visible, panel.area.set_read_only,
            panel.field.enable_slider_range, panel.view.set_mouse_over_selection,
            panel.tree.set_shaded_entries, panel.tree.enable_multi_selection,
            panel.tree.enable_item_delete,
        ):
            call(True)
        panel.inner.set_virtual_size(5, 5)
        panel.area.set_font_size(12)
        panel.field.set_slider_range(0, 5)
        panel.field.set_increment(0.5)
        panel.tree.refresh()
        row = api.GuiTreeItemBasic(panel.tree.get_root(), "x")
        row.set_is_dirty(True)
        row.set_expandable(True)
        row.expand()
        ix.application.create_progress_bar("Uploading").set_step_count(5)

    def test_finding(self, ix: Any, panel: Any) -> None:
        assert driver.find(panel, "Go") is panel.go
        assert driver.find(panel, "Nothing chosen", ix.api.GuiLabel) is panel.label
        with pytest.raises(SceneError, match='no widget "Stop" in "Choose packages", only'):
            driver.find(panel, "Stop")

    def test_the_cursor(self, ix: Any, host: headless.Host) -> None:
        window = ix.application.get_event_window()
        window.set_mouse_cursor(ix.api.Gui.MOUSE_CURSOR_WAIT)
        assert ix.application.get_event_window().get_mouse_cursor() == ix.api.Gui.MOUSE_CURSOR_WAIT


class TestWhatCannotBeUsed:
    """Of what is greyed out or hidden, or lies in such a panel."""

    ACTS: list[Any] = [
        pytest.param(lambda p: driver.type_text(p.name, "x"), id="line"),
        pytest.param(lambda p: driver.type_number(p.field, 3), id="number"),
        pytest.param(lambda p: driver.tick(p.box), id="check box"),
        pytest.param(lambda p: driver.choose(p.menu, "large"), id="menu"),
        pytest.param(lambda p: driver.choose(p.view, "large"), id="list"),
        pytest.param(lambda p: driver.choose_rows(p.tree, "clarisse/5.0"), id="tree"),
    ]

    @staticmethod
    def state(panel: Any) -> tuple[Any, ...]:
        rows = [row.get_name() for _, row in driver.rows(panel.tree) if row.is_selected()]
        return (panel.name.get_text(), panel.field.get_value(), panel.box.get_value(),
                panel.menu.get_selected_item_index(), panel.view.get_selected_index(), rows,
                len(panel.heard))

    @pytest.fixture
    def inside(self, panel: Any) -> Any:
        """The window, with all widgets in its panel."""
        for each in (panel.field, panel.box, panel.menu, panel.view, panel.tree):
            each._parent = panel.inner
        return panel

    @pytest.mark.parametrize("act", ACTS)
    def test_greyed_out(self, inside: Any, act: Callable[[Any], None]) -> None:
        before = self.state(inside)
        inside.inner.disable()
        act(inside)
        assert self.state(inside) == before
        inside.inner.enable()
        act(inside)
        assert self.state(inside) != before

    @pytest.mark.parametrize("act", ACTS)
    def test_hidden(self, inside: Any, act: Callable[[Any], None]) -> None:
        before = self.state(inside)
        inside.inner.hide()
        with pytest.raises(SceneError, match="is hidden"):
            act(inside)
        assert self.state(inside) == before

    def test_a_hidden_button_is_not_found(self, panel: Any) -> None:
        panel.go.hide()
        with pytest.raises(SceneError, match='no widget "Go"'):
            driver.press_button(panel, "Go")

    def test_several_rows_where_one_is_taken(self, panel: Any) -> None:
        driver.choose_rows(panel.tree, "clarisse/4.0", "clarisse/5.0")
        panel.tree.enable_multi_selection(False)
        with pytest.raises(SceneError, match="one row at a time"):
            driver.choose_rows(panel.tree, "clarisse/4.0", "clarisse/5.0")

    @pytest.mark.parametrize("is_allowed", [True, False])
    def test_the_delete_key(self, panel: Any, is_allowed: bool) -> None:
        panel.tree.enable_item_delete(is_allowed)
        driver.choose_rows(panel.tree, "clarisse/4.0", "clarisse/5.0")
        driver.delete_rows(panel.tree)
        assert len(list(driver.rows(panel.tree))) == (1 if is_allowed else 3)

    def test_rows_that_are_chosen_are_to_be_seen(self, panel: Any) -> None:
        row = dict(driver.rows(panel.tree))["clarisse"]
        assert not row._is_open
        driver.choose_rows(panel.tree, "clarisse/5.0")
        assert row._is_open

    def test_a_window_closed_by_its_frame(self, panel: Any) -> None:
        panel.show()
        driver.close(panel)
        assert not panel.is_shown()

    def test_entries_and_edges(self, ix: Any, panel: Any) -> None:
        assert driver.entries(panel.menu) == driver.entries(panel.view) == ["small", "large"]
        with pytest.raises(ValueError, match="the top edge"):
            panel.go.set_constraints(0, 0, 0, 0)


class TestDialogs:
    def test_a_message_box_takes_its_default(self, ix: Any) -> None:
        dialog = ix.api.AppDialog
        box = ix.application.message_box
        assert box("text", "title").is_ok()
        assert box("text", "title", dialog.yes(), dialog.STYLE_YES_NO).is_yes()
        assert box("text", "title", dialog.no(), dialog.STYLE_YES_NO).is_no()
        assert box("text", "title", dialog.cancel(), dialog.STYLE_OK_CANCEL).is_cancelled()
        assert [message.answer for message in driver.messages()] == ["ok", "yes", "no", "cancel"]
        assert driver.messages()[0].text == "text" and driver.messages()[0].title == "title"

    def test_the_driver_answers(self, ix: Any) -> None:
        dialog = ix.api.AppDialog
        driver.answer(lambda message: "yes" if "sure" in message.text else None)
        ask = ix.application.message_box
        assert ask("sure?", "t", dialog.no(), dialog.STYLE_YES_NO).is_yes()
        assert ask("else", "t", dialog.no(), dialog.STYLE_YES_NO).is_no()

    @pytest.mark.parametrize(
        "style, answer", [("STYLE_OK", "is_ok"), ("STYLE_YES_NO_CANCEL", "is_cancelled")]
    )
    def test_the_long_form(self, ix: Any, style: str, answer: str) -> None:
        box = ix.api.GuiMessageBox(ix.application, 0, 0, "title", "text")
        box.set_style(getattr(ix.api.AppDialog, style))
        box.resize(0, 0, 5, 5)
        box.show()
        assert getattr(box.get_value(), answer)()
        box.destroy()
        assert driver.messages()[0][:2] == ("text", "title")

    def test_file_dialogs(self, ix: Any) -> None:
        widget, app = ix.api.GuiWidget, ix.application
        driver.choose_files("/a", "/b")
        assert list(widget.open_files(app, "", "Files", "Any\t*")) == ["/a", "/b"]
        assert list(widget.open_files(app, "", "Files", "Any\t*")) == []
        assert driver.dialogs() == ["Files", "Files"]
        for call in (
            lambda: widget.open_file(app, "", "One"),
            lambda: widget.open_folder(app, "", "Folder"),
            lambda: widget.save_file(app, "", "Save", "*"),
        ):
            assert call() == ""
            driver.choose_files("/c")
            assert call() == "/c"
