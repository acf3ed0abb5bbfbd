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


BEHIND: list[tuple[str, list[str]]] = [
    ("behind the scene", ["SCENE", "--save", "TARGET"]),
    ("with =", ["SCENE", "--save=TARGET"]),
    ("behind the script", ["--save", "TARGET", "SCENE"]),
    ("both", ["--quiet", "SCENE", "--save", "TARGET"]),
    ("several", ["SCENE", "--quiet", "--save", "TARGET", "--overwrite"]),
]


@pytest.mark.parametrize("words", [words for _, words in BEHIND], ids=[name for name, _ in BEHIND])
def test_options_of_ours_may_stand_right_behind_the_script_or_the_scene(
    run_script: Ended, scene: Path, tmp_path: Path, words: list[str]
) -> None:
    target = tmp_path / "new.project"
    named = [word.replace("SCENE", str(scene)).replace("TARGET", str(target)) for word in words]
    assert run_script(SET + "print(sys.argv[1:])", *named, "--mine") == (0, "['--mine']\n", "")
    assert "last_frame 77" in target.read_text()


@pytest.mark.parametrize("words, seen", [
    (["SCENE", "--", "--save", "x"], ["--save", "x"]),
    (["SCENE", "one", "--save", "x"], ["one", "--save", "x"]),
    (["SCENE", "--mine", "--quiet"], ["--mine", "--quiet"]),
    (["SCENE", "--saved"], ["--saved"]),
    (["SCENE", "--", "--"], ["--"]),
    (["--", "--quiet"], ["--quiet"]),
    (["SCENE", "-h"], ["-h"]),
    (["SCENE", "other.project", "--save", "x"], ["other.project", "--save", "x"]),
], ids=lambda words: " ".join(words))
def test_other_options_are_the_scripts(
    run_script: Ended, scene: Path, words: list[str], seen: list[str]
) -> None:
    named = [word.replace("SCENE", str(scene)) for word in words]
    code, out, _ = run_script("import sys; print(sys.argv[1:])", *named)
    assert (code, out) == (0, "%s\n" % seen)


def test_an_option_without_its_value_is_told(run_script: Ended, scene: Path) -> None:
    code, _, err = run_script("pass", scene, "--save")
    assert code == 2 and "--save needs a path" in err


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


# ---------------------------------------------------------------- shelf tools, as people write them

REPATH = """
import sys
import ix

old, new = sys.argv[1:3]
ix.begin_command_batch("Re-path textures")
changed = 0
for attr in ix.api.OfAttr.get_path_attrs():
    hint = ix.api.OfAttr.get_visual_hint_name(attr.get_visual_hint())
    if hint == "VISUAL_HINT_FILENAME_SAVE" or attr.get_name() == "filename_sys":
        continue
    path = attr.get_raw_string()
    if path.startswith(old):
        ix.cmds.SetValues([str(attr)], [new + path[len(old):]])
        changed += 1
ix.end_command_batch()
ix.log_info("%d paths changed" % changed)
"""
CAMERAS = """
import ix

cameras = ix.api.OfObjectArray()
ix.application.get_factory().get_all_objects("Camera", cameras)
context = ix.cmds.CreateContext("renders", "Global", "project://scene")
for index in range(cameras.get_count()):
    camera = cameras[index]
    image = ix.cmds.CreateObject("rnd_" + camera.get_name(), "Image", "Global", str(context))
    ix.cmds.SetValues([str(image) + ".resolution[0]", str(image) + ".resolution[1]"],
                      ["1280", "720"])
    ix.cmds.AddLayer(str(image) + ".layers", "Layer3d")
    ix.application.check_for_events()
    layer = image.get_attribute("layers").get_object(0)
    layer.attrs.active_camera = camera
    first, last = ix.application.get_current_frame_range()
    ix.cmds.SetValues(
        [str(image) + "." + name for name in ("first_frame", "last_frame", "render_to_disk")],
        [str(int(first)), str(int(last)), "1"])
    image.attrs.save_as = "$PDIR/out/%s" % camera.get_name()
    print(image)
"""
MISSING = """
import os
import ix

def contexts(root):
    found = ix.api.OfContextSet()
    root.resolve_all_contexts(found)
    return sorted(found, key=lambda each: each.get_level())

ix.cmds.MakeLocalContexts([str(each) for each in contexts(ix.get_item("project://"))
                           if each.is_reference()])
missing = []
for attr in ix.api.OfAttr.get_path_attrs():
    parent = attr.get_parent_object()
    path = attr.get_string()
    if path and not (parent.is_disabled() or "SAVE" in ix.api.OfAttr.get_visual_hint_name(
            attr.get_visual_hint())) and not os.path.exists(path):
        missing.append("%s %s" % (parent, path))
print("\\n".join(missing))
raise SystemExit(len(missing))
"""


def test_a_tool_that_repaths_textures(run_script: Ended, scene: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.project"
    code, _, err = run_script(REPATH, scene, "/tex/", "/mnt/tex/", options=("--save", str(target)))
    assert (code, err) == (0, "info: 1 paths changed\n")
    assert target.read_text() == scene.read_text().replace("/tex/top.exr", "/mnt/tex/top.exr")


def test_a_tool_that_makes_an_image_for_each_camera(
    run_script: Ended, scene: Path, tmp_path: Path, run: Callable[..., str]
) -> None:
    target = tmp_path / "new.project"
    code, out, _ = run_script(CAMERAS, scene, options=("--save", str(target)))
    assert (code, out) == (0, "project://scene/renders/rnd_camera\n")
    text = target.read_text()
    for line in ("resolution 1280 720", "first_frame 10", "last_frame 20", 'layers ".layer_3d"',
                 'active_camera "project://scene/camera"', 'save_as "$PDIR/out/camera"',
                 "render_to_disk yes"):
        assert text.count(line) == 1, line
    assert "project://scene/renders/rnd_camera" in run("clarisse", "info", str(target), "--json")


def test_a_tool_that_localises_references_and_lists_missing_files(
    run_script: Ended, scene: Path, tmp_path: Path
) -> None:
    library = tmp_path / "lib.project"
    library.write_text(
        '#Isotropix_Serial_Version 1.2\n\nTextureMapFile {\n    name "bark"\n'
        '    filename "$PDIR/bark.png"\n}\n', encoding="utf-8")
    scene.write_text(scene.read_text().replace("/shows/lib.project", str(library)))
    target = tmp_path / "new.project"
    code, out, _ = run_script(MISSING, scene, options=("--quiet",))
    assert "project://lib/bark %s/bark.png" % tmp_path in out.splitlines()
    assert "project://top /tex/top.exr" in out.splitlines()
    assert code == len(out.splitlines())
    run_script(MISSING.replace("raise SystemExit(len(missing))", ""), scene,
               options=("--save", str(target)))
    assert "lib.project" not in target.read_text()
    assert 'filename "%s/bark.png"' % tmp_path in target.read_text()
