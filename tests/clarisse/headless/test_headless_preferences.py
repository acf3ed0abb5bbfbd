"""Preferences that scripts set: read back, and saved with the project by the smallest edit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import pytest

from conductor.clarisse import headless
from conductor.clarisse.headless.model import EMPTY
from conductor.clarisse.project_file import parse

PREFERENCES = """#preferences {
    categories {
        animation {
            frames_per_second 24
            start_frame 10
        }
        project {
            content_directory {
                value "/content"
                read_only yes
            }
        }
    }
    current_time 0.04
}
"""
Saved = Callable[[str, Callable[[Any], object]], str]


@pytest.fixture
def saved(tmp_path: Path) -> Saved:
    """The text of a project after a script was at its preferences."""
    def save(text: str, script: Callable[[Any], object]) -> str:
        path = tmp_path / "shot.project"
        path.write_text(text, encoding="utf-8")
        with headless.session(str(path)) as ix:
            script(ix)
            assert ix.application.save_project(str(path))
        found = path.read_text(encoding="utf-8")
        parse(found)
        return found

    return save


@pytest.mark.parametrize("call, kind, value, written", [
    ("set_string_value", "string", 'a "b"', '"a \\"b\\""'),
    ("set_string_value", "string", "", '""'),
    ("set_bool_value", "bool", True, "yes"),
    ("set_bool_value", "bool", False, "no"),
    ("set_long_value", "long", -3, "-3"),
    ("set_double_value", "double", 23.976, "23.976"),
    ("set_double_value", "double", 0, "0.0"),
    ("add_string", "string", "x", '"x"'),
    ("add_bool", "bool", True, "yes"),
    ("add_long", "long", 5, "5"),
])
def test_what_is_set_is_read_and_saved(
    saved: Saved, call: str, kind: str, value: Any, written: str
) -> None:
    seen: list[Any] = []

    def script(ix: Any) -> None:
        prefs = ix.application.get_prefs()
        assert not prefs.item_exists("pipeline", "entry")
        getattr(prefs, call)("pipeline", "entry", value)
        assert prefs.item_exists("pipeline", "entry") and ix.application.is_project_modified()
        seen.append(getattr(prefs, "get_%s_value" % kind)("pipeline", "entry"))

    text = saved(EMPTY + PREFERENCES, script)
    assert seen == [value]
    assert text == EMPTY + PREFERENCES.replace(
        "    }\n    current_time",
        "        pipeline {\n            entry %s\n        }\n    }\n    current_time" % written)


@pytest.mark.parametrize("call, before, after", [
    (lambda prefs: prefs.set_long_value("animation", "start_frame", 5),
     "start_frame 10", "start_frame 5"),
    (lambda prefs: prefs.set_string_value("project", "content_directory", "/new"),
     'value "/content"', 'value "/new"'),
    (lambda prefs: prefs.set_long_value("animation", "end_frame", 50),
     "start_frame 10\n", "start_frame 10\n            end_frame 50\n"),
    (lambda prefs: prefs.add_long("animation", "start_frame", 5), "", ""),
    (lambda prefs: prefs.set_bool_value("project", "with blank", True),
     "            }\n        }\n",
     '            }\n            "with blank" yes\n        }\n'),
], ids=["a line", "a block", "a new line", "add leaves what is there", "a name with a blank"])
def test_only_what_changed_is_edited(
    saved: Saved, call: Callable[[Any], object], before: str, after: str
) -> None:
    text = saved(EMPTY + PREFERENCES, lambda ix: call(ix.application.get_prefs()))
    assert text == EMPTY + PREFERENCES.replace(before, after)


ONE = EMPTY + """#preferences {
    categories {
        a {
            b 1
        }
    }
}
"""


@pytest.mark.parametrize("text", [
    "", "#preferences {\n}\n", "#preferences {\n    categories {\n    }\n}\n",
], ids=["no preferences", "no categories", "no category"])
def test_blocks_that_are_missing_are_made(saved: Saved, text: str) -> None:
    def script(ix: Any) -> None:
        ix.application.get_prefs().set_long_value("a", "b", 1)

    assert saved(EMPTY + text, script) == ONE
    assert saved(ONE.replace("b 1", "b 2"), script) == ONE


def test_beside_a_new_item(saved: Saved) -> None:
    def script(ix: Any) -> None:
        ix.application.get_prefs().set_long_value("a", "b", 1)
        ix.cmds.CreateContext("props", "project:/")

    text = saved(EMPTY, script)
    assert 'Context "props"' in text and "            b 1\n" in text


def test_the_time_line_is_one_with_its_preferences(saved: Saved) -> None:
    def script(ix: Any) -> None:
        prefs, time = ix.application.get_prefs(), ix.application.get_factory().get_time()
        prefs.set_double_value("animation", "frames_per_second", 30.0)
        assert time.get_fps() == 30.0
        ix.cmds.SetFps(12.5)
        assert prefs.get_double_value("animation", "frames_per_second") == 12.5
        ix.cmds.SetCurrentFrameRange(1, 8)
        assert prefs.get_long_value("animation", "end_frame") == 8
        assert list(ix.application.get_current_frame_range()) == [1, 8]

    text = saved(EMPTY + PREFERENCES, script)
    for line in "frames_per_second 12.5\n", "start_frame 1\n", "end_frame 8\n":
        assert " " * 12 + line in text


def test_preferences_of_the_user_are_not_the_projects(saved: Saved) -> None:
    def script(ix: Any) -> None:
        user = ix.application.get_prefs(ix.api.AppPreferences.MODE_APPLICATION)
        user.set_string_value("project", "content_directory", "/mine")
        assert user.get_string_value("project", "content_directory") == "/mine"
        assert ix.application.get_prefs().get_string_value(
            "project", "content_directory") == "/content"
        assert not ix.application.is_project_modified()
        ix.application.load_project(ix.application.get_current_project_filename())
        again = ix.application.get_prefs(ix.api.AppPreferences.MODE_APPLICATION)
        assert again.get_string_value("project", "content_directory") == "/mine"

    assert saved(EMPTY + PREFERENCES, script) == EMPTY + PREFERENCES


def test_a_project_that_is_opened_has_its_own(ix: Any, tmp_path: Path) -> None:
    path = tmp_path / "other.project"
    path.write_text(EMPTY + PREFERENCES, encoding="utf-8")
    ix.application.get_prefs().set_string_value("project", "content_directory", "/mine")
    ix.application.load_project(str(path))
    assert ix.application.get_prefs().get_string_value(
        "project", "content_directory") == "/content"


@pytest.mark.parametrize("call", [
    lambda prefs: prefs.set_long_value("a", "b", "1"),
    lambda prefs: prefs.set_bool_value("a", "b", 1),
    lambda prefs: prefs.set_string_value("a", "b", 1),
    lambda prefs: prefs.set_double_value("a", "b"),
], ids=["long", "bool", "string", "double"])
def test_types_are_checked(ix: Any, call: Callable[[Any], object]) -> None:
    with pytest.raises(TypeError):
        call(ix.application.get_prefs())
