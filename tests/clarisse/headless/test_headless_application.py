"""The application, the functions of ix, preferences, selection, containers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless import driver
from conductor.lib.errors import ProjectFileError


def test_versions(ix: Any, host: headless.Host) -> None:
    assert ix.application.get_version() == "5.0.5.8.0"
    assert ix.application.get_version_name() == "5.0 SP8"
    host.version, host.version_name = "4.0.0.0.3", "4.0 SP1"
    assert (ix.application.get_version(), ix.application.get_version_name()) == (
        "4.0.0.0.3", "4.0 SP1"
    )


@pytest.mark.parametrize("gui", [True, False])
def test_kinds_of_application(gui: bool) -> None:
    with headless.session(gui=gui) as ix:
        assert ix.is_gui_application() is gui
        assert ix.is_interactive_application() is not gui
        assert not ix.is_process_application()
        kind = ix.api.AppBase.TYPE_GUI if gui else ix.api.AppBase.TYPE_INTERACTIVE
        assert ix.application.get_type() == kind


class TestLoading:
    def test_the_path_is_that_of_the_file(self, ix: Any, scene_path: Path) -> None:
        assert ix.application.get_current_project_filename() == str(scene_path)
        assert not ix.application.is_project_modified()

    @pytest.mark.parametrize("gui, expected", [(True, "shot.project"), (False, "")])
    def test_without_windows_the_application_does_not_set_it(
        self, scene_path: Path, gui: bool, expected: str
    ) -> None:
        with headless.session(gui=gui) as ix:
            ix.application.load_project(str(scene_path))
            assert Path(ix.application.get_current_project_filename()).name == expected
            assert ix.get_item("scene/image").get_name() == "image"
            ix.load_project(str(scene_path))
            assert ix.application.get_current_project_filename() == str(scene_path)

    def test_the_old_project_is_gone(self, ix: Any, scene_path: Path) -> None:
        ix.create_object("x", "Image")
        ix.selection.add("scene/image")
        ix.set_current_frame(5)
        ix.load_project(str(scene_path))
        assert ix.item_exists("x") is None
        assert ix.selection.is_empty()
        assert ix.get_current_frame() == 0
        assert not ix.application.is_project_modified()

    def test_what_is_no_project(self, ix: Any, tmp_path: Path) -> None:
        path = tmp_path / "bad.project"
        path.write_text('Context "scene" {\n')
        with pytest.raises(ProjectFileError):
            ix.application.load_project(str(path))
        assert ix.get_item("scene/image").get_name() == "image"
        with pytest.raises(OSError):
            ix.application.load_project(str(tmp_path / "none.project"))

    def test_saving_by_the_function(self, ix: Any, tmp_path: Path) -> None:
        assert ix.save_project(str(tmp_path / "b.project"))
        assert (tmp_path / "b.project").exists()


def test_time(ix: Any) -> None:
    time = ix.application.get_factory().get_time()
    assert time.get_fps() == 24.0
    assert ix.application.get_current_frame_range() == (10.0, 20.0)
    time.set_current_frame(12)
    assert ix.get_current_frame() == time.get_current_frame() == 12.0
    time.set_fps(30)
    assert ix.application.get_factory().get_time().get_fps() == 30.0
    assert ix.application.is_project_modified()


def test_an_empty_project_has_a_time_line_too() -> None:
    with headless.session() as ix:
        assert ix.application.get_current_frame_range() == (0.0, 0.0)
        assert ix.application.get_factory().get_time().get_fps() == 25.0


def test_preferences(ix: Any) -> None:
    prefs = ix.application.get_prefs()
    assert prefs.get_double_value("animation", "frames_per_second") == 24.0
    assert prefs.get_long_value("animation", "start_frame") == 10
    assert prefs.get_string_value("project", "content_directory") == "/content"
    assert prefs.get_bool_value("color_management", "use_ocio_config_file") is True
    assert prefs.item_exists("animation", "end_frame") is True
    assert prefs.item_exists("animation", "none") is False
    assert (prefs.get_string_value("a", "b"), prefs.get_long_value("a", "b")) == ("", 0)
    user = ix.application.get_prefs(ix.api.AppPreferences.MODE_APPLICATION)
    assert not user.item_exists("animation", "end_frame")


def test_colour_files(ix: Any) -> None:
    app = ix.application
    assert app.get_use_ocio_config_file() is True
    assert app.get_ocio_config_file() == "/ocio/config.ocio"
    assert app.get_cdl_library_file() == app.get_color_space_mapping_config_file() == ""


def test_the_title_shows_unsaved_changes(ix: Any) -> None:
    assert ix.application.get_top_window().get_title() == "shot.project"
    ix.get_item("scene/image.last_frame").set_long(5)
    assert ix.application.get_top_window().get_title() == "shot.project*"


def test_what_needs_no_answer(ix: Any) -> None:
    ix.application.disable()
    ix.application.enable()
    ix.application.get_selection()
    assert ix.application.is_evaluating() is False
    assert ix.application.get_max_thread_count() >= 1
    assert ix.application.get_project_extension_name() == ["project"]
    ix.begin_command_batch("x")
    ix.end_command_batch()
    for word in ("command_history", "echo_command"):
        getattr(ix, "enable_" + word)()
        getattr(ix, "disable_" + word)()


class TestTheLog:
    def test_lines_and_levels(self, ix: Any) -> None:
        for name in ("log_info", "log_warning", "log_error"):
            getattr(ix.application, name)(name)
        ix.log_info(5)
        ix.log_warning(None)
        assert driver.log() == ["log_info", "log_warning", "log_error", "5", "None"]
        assert driver.log("warning") == ["log_warning", "None"]

    def test_the_function_for_errors_raises(self, ix: Any, host: headless.Host) -> None:
        with pytest.raises(RuntimeError):
            ix.log_error("bad")
        host.switches.log_error_raises = False
        ix.log_error("worse")
        assert driver.log("error") == ["bad", "worse"]

    def test_lines_can_be_followed(self, ix: Any, host: headless.Host) -> None:
        seen: list[tuple[str, str]] = []
        host.echo = lambda level, text: seen.append((level, text))
        ix.log_info("x")
        assert seen == [("info", "x")]


class TestSelection:
    def test_adding_and_reading(self, ix: Any) -> None:
        assert ix.selection.is_empty()
        ix.selection.add("scene/image")
        ix.selection.add(ix.get_item("scene"))
        ix.selection.add("project://scene/image")
        assert ix.selection.get_count() == 2
        assert [str(item) for item in ix.selection] == ["project://scene/image", "project://scene"]
        assert str(ix.selection.get(1)) == "project://scene"
        assert [str(item) for item in ix.selection.get_objects()] == ["project://scene/image"]
        assert [str(item) for item in ix.selection.get_contexts()] == ["project://scene"]
        with pytest.raises(IndexError):
            ix.selection[2]

    def test_replacing(self, ix: Any) -> None:
        ix.selection.select("scene/image")
        ix.selection.select([ix.get_item("scene/wood"), "top"])
        assert [item.get_name() for item in ix.selection] == ["wood", "top"]
        ix.selection.select_all()
        assert ix.selection.get_count() == 13
        ix.selection.deselect_all()
        assert ix.selection.get_count() == 0

    def test_removed_items_are_not_selected(self, ix: Any) -> None:
        ix.selection.add("scene/image")
        ix.delete_item("scene/image")
        assert ix.selection.is_empty()


class TestContainers:
    @pytest.mark.parametrize("name", ["OfObjectArray", "OfItemVector", "OfContextSet"])
    def test_an_empty_one_is_true_and_has_no_length(self, ix: Any, name: str) -> None:
        made = getattr(ix.api, name)()
        assert bool(made) is True
        assert made.get_count() == 0 and list(made) == []
        with pytest.raises(TypeError):
            len(made)
        with pytest.raises(IndexError):
            made[0]

    def test_sizes(self, ix: Any) -> None:
        made = ix.api.OfItemArray(2)
        made[1] = ix.get_item("scene")
        assert [str(item) for item in made] == ["None", "project://scene"]
        assert made.get_item(0) is None
        with pytest.raises(IndexError):
            made[2] = None
        with pytest.raises(TypeError):
            made[0] = "scene"
        with pytest.raises(TypeError):
            ix.api.OfItemArray("2")

    def test_texts(self, ix: Any) -> None:
        fixed = ix.api.CoreStringArray(1)
        fixed[0] = b"Layer3d"
        growing = ix.api.CoreStringVector(0)
        growing.add("Layer")
        basic = ix.api.CoreStringBasicArray(ix.api.CoreString(), 1)
        basic.set_item(0, "Image")
        held = [list(each) for each in (fixed, growing, basic)]
        assert held == [["Layer3d"], ["Layer"], ["Image"]]
        with pytest.raises(TypeError):
            growing.add(5)
        attr = ix.get_item("scene/image.layers")
        for each in (fixed, growing, basic):
            attr.set_object_filters(each)

    def test_sets_hold_an_item_once(self, ix: Any) -> None:
        made = ix.api.OfItemSet()
        for path in ("scene", "scene/image", "scene"):
            made.add(ix.get_item(path))
        assert made.get_count() == 2

    def test_colours(self, ix: Any) -> None:
        assert list(ix.api.GMathVec3uc(1, 2, 3)) == [1, 2, 3]


def test_a_big_project_is_not_unfolded(tmp_path: Path) -> None:
    items = [
        'Image {\n    name "i%d"\n    first_frame %d\n    last_frame 9\n}\n' % (n, n)
        for n in range(3000)
    ]
    path = tmp_path / "big.project"
    path.write_text("#Isotropix_Serial_Version 1.2\n\n" + "".join(items))
    with headless.session(str(path)) as ix:
        assert ix.get_item("i2999.first_frame").get_long() == 2999
        found = ix.api.OfObjectArray()
        ix.application.get_factory().get_all_objects("Layer", found)
        assert len(driver.host().scene.loaded_nodes()) == 1


SCRIPT = """
import ix
from ix.api import OfAttr
for image in (lambda out: (ix.application.get_factory().get_all_objects("Image", out), out)[1])(
    ix.api.OfObjectArray()
):
    is_long = image.get_attribute("last_frame").get_type() == OfAttr.TYPE_LONG
    print(image, image.attrs.save_as[0], is_long)
"""


def test_a_script_of_anybody_runs_unchanged(scene_path: Path, tmp_path: Path) -> None:
    script = tmp_path / "list_images.py"
    script.write_text(SCRIPT)
    run = (
        "import runpy, sys; from conductor.clarisse import headless;"
        "headless.install(sys.argv[1]); runpy.run_path(sys.argv[2], run_name='__main__')"
    )
    answer = subprocess.run(
        [sys.executable, "-c", run, str(scene_path), str(script)],
        capture_output=True, text=True,
    )
    assert answer.stderr == ""
    assert answer.stdout == "project://scene/image %s/out/beauty_0000 True\n" % (
        scene_path.parent.as_posix()
    )
