"""Scripts written for Clarisse, run on the stand-in by ``conductor clarisse run``."""

from __future__ import annotations

from pathlib import Path
from typing import Callable

import pytest

from conductor.cli import main as command

SCENE = Path(__file__).resolve().parents[1] / "clarisse" / "headless" / "scene.project"
Ended = Callable[..., "tuple[int, str, str]"]


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "shot.project"
    path.write_bytes(SCENE.read_bytes())
    return path


@pytest.fixture
def run_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Ended:
    """Writes a script and runs it; its exit code, standard output and standard error."""
    def run(text: str, *after: object, options: tuple[str, ...] = ()) -> tuple[int, str, str]:
        script = tmp_path / "tool.py"
        script.write_text(text, encoding="utf-8")
        capsys.readouterr()
        code = command.run(
            ["clarisse", "run", *options, str(script), *(str(each) for each in after)])
        caught = capsys.readouterr()
        return code, caught.out, caught.err

    return run


# ---------------------------------------------------------------- what a script sees


@pytest.mark.parametrize("line, printed", [
    ("print(ix.application.get_version())", "5.0.5.8.0"),
    ("import ix as other; print(other is ix)", "True"),
    ("from ix.api import OfAttr; print(OfAttr.TYPE_LONG)", "1"),
    ("print(ix.application.get_current_project_filename().endswith('shot.project'))", "True"),
    ("print(__name__, '__file__' in globals())", "__main__ False"),
    ("import sys; print(sys.argv[1:])", "['--all', 'x.project']"),
])
def test_a_script_sees_what_the_script_editor_gives(
    run_script: Ended, scene: Path, line: str, printed: str
) -> None:
    assert run_script(line, scene, "--all", "x.project") == (0, printed + "\n", "")


def test_without_a_scene_every_argument_is_the_scripts(run_script: Ended) -> None:
    code, out, _ = run_script(
        "import sys; print(sys.argv[1:], repr(ix.application.get_current_project_filename()))",
        "1", "--save", "x")
    assert (code, out) == (0, "['1', '--save', 'x'] ''\n")


def test_the_log_goes_to_standard_error(run_script: Ended) -> None:
    script = "ix.log_info('one'); ix.log_warning('two'); ix.application.log_error('three')"
    assert run_script(script) == (0, "", "info: one\nwarning: two\nerror: three\n")
    assert run_script(script, options=("--quiet",)) == (0, "", "")


# ---------------------------------------------------------------- how it ends


@pytest.mark.parametrize("script, code, told", [
    ("import sys; sys.exit()", 0, ""),
    ("import sys; sys.exit(7)", 7, ""),
    ("import sys; sys.exit('no camera')", 1, "no camera\n"),
])
def test_the_exit_code_is_the_scripts(
    run_script: Ended, script: str, code: int, told: str
) -> None:
    assert run_script(script) == (code, "", told)


def test_what_a_script_raises_is_shown_with_its_line(run_script: Ended) -> None:
    code, _, err = run_script("def go():\n    raise ValueError('nine')\n\ngo()\n")
    assert code == 1
    assert "tool.py\", line 4, in <module>" in err and err.endswith("ValueError: nine\n")
    assert "run.py" not in err, "frames of ours are of no use"


def test_a_script_of_python_2_is_told_where(run_script: Ended) -> None:
    code, _, err = run_script("print 'x'\n")
    assert code == 1 and "line 1" in err and "SyntaxError" in err


def test_what_the_stand_in_lacks_names_its_section(run_script: Ended) -> None:
    code, _, err = run_script("ix.render_image('project://scene/image')")
    assert code == 3
    assert "tool.py\", line 1" in err and "section 'Functions of ix'" in err


def test_a_crash_of_clarisse_is_told_even_where_the_script_goes_on(run_script: Ended) -> None:
    code, out, err = run_script("""
class Engine(ix.api.ModuleScriptedClassEngine):
    def __init__(self):
        ix.api.ModuleScriptedClassEngine.__init__(self)
    def on_attribute_change(self, obj, attr, *_):
        raise ValueError("oops")
    def declare_attributes(self, s_class):
        s_class.add_attribute("a", ix.api.OfAttr.TYPE_LONG)
ix.api.ModuleScriptedClass.register_scripted_class(ix.application, "Tool", Engine())
tool = ix.cmds.CreateObject("tool", "Tool")
try:
    tool.attrs.a = 3
except Exception:
    print("went on")
""")
    assert (code, out) == (3, "went on\n")
    assert "Clarisse would have ended here" in err and "oops" in err


# ---------------------------------------------------------------- saving

SET = "import sys\nix.get_item('scene/image.last_frame').set_long(77)\n"


def test_the_scene_is_saved_where_it_is_asked_for(
    run_script: Ended, scene: Path, tmp_path: Path
) -> None:
    before, target = scene.read_text(), tmp_path / "new.project"
    assert run_script(SET, scene, options=("--save", str(target)))[0] == 0
    assert target.read_text() == before.replace("last_frame 50", "last_frame 77")
    assert scene.read_text() == before


def test_a_project_is_replaced_only_when_told(run_script: Ended, scene: Path) -> None:
    before = scene.read_text()
    code, _, err = run_script(SET, scene, options=("--save", str(scene)))
    assert code == 2 and str(scene) in err and "--overwrite" in err
    assert scene.read_text() == before
    assert run_script(SET, scene, options=("--overwrite", "--save", str(scene)))[0] == 0
    assert "last_frame 77" in scene.read_text()


@pytest.mark.parametrize("end, code", [("sys.exit(4)", 4), ("raise KeyError", 1)])
def test_nothing_is_saved_when_the_script_fails(
    run_script: Ended, scene: Path, tmp_path: Path, end: str, code: int
) -> None:
    target = tmp_path / "new.project"
    ended, _, err = run_script(SET + end, scene, options=("--save", str(target)))
    assert ended == code and not target.exists()
    assert "is not written" in err


def test_a_folder_that_takes_no_file_is_told(
    run_script: Ended, scene: Path, tmp_path: Path
) -> None:
    target = tmp_path / "none" / "new.project"
    code, _, err = run_script(SET, scene, options=("--save", str(target)))
    assert code == 3 and str(target) in err


def test_a_scene_that_is_not_there_is_told(run_script: Ended, tmp_path: Path) -> None:
    code, _, err = run_script("print(1)", tmp_path / "none.project")
    assert code == 2 and "none.project" in err
