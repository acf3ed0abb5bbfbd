"""The render wrapper as the node runs it: a real process, a stand-in ``cnode`` on PATH."""

from __future__ import annotations

import ast
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import conductor.clarisse

SCRIPT = Path(conductor.clarisse.__file__).parent / "scripts" / "ct_cnode"

PREP = SCRIPT.parent / "ct_prep.py"
ADDED = ["-log_width", "0"]

FAKE_CNODE = """#!%s
import json, os, signal, sys, time
with open(os.environ["RECORD"], "w") as handle:
    json.dump({"argv": sys.argv[1:], "cwd": os.getcwd()}, handle)
sys.stdout.write("first frame\\n")
sys.stdout.flush()
if os.environ.get("WAIT"):
    signal.signal(signal.SIGINT, lambda *_: sys.exit(41))
    open(os.environ["RECORD"] + ".ready", "w").close()
    time.sleep(60)
if os.environ.get("DIE"):
    os.kill(os.getpid(), int(os.environ["DIE"]))
sys.exit(int(os.environ.get("CODE", "0")))
"""


class Node:
    """A render node: a PATH with one Python, ``sh`` and a recording ``cnode``."""

    def __init__(self, folder: Path, name: str, interpreter: str) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.record = folder / "record.json"
        (self.bin / name).symlink_to(interpreter)
        self.cnode = self.bin / "cnode"
        self.cnode.write_text(FAKE_CNODE % sys.executable)
        self.cnode.chmod(0o755)
        self.package = folder / "my shots" / "shot.render.project"
        self.package.parent.mkdir()
        self.package.write_text("#Isotropix_Serial_Version 1.2\n")

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        variables = dict(environment, PATH=str(self.bin), RECORD=str(self.record))
        return subprocess.Popen(
            [str(SCRIPT), *arguments], env=variables, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, universal_newlines=True, cwd=str(self.folder),
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str]:
        process = self.start(*arguments, **environment)
        output, _ = process.communicate(timeout=30)
        return process.returncode, output

    def render(self, *arguments: str, **environment: str) -> tuple[int, str]:
        """One image, frame 1, and whatever else the test adds."""
        return self.run(
            str(self.package), "-image", "project://scene/a", "-image_frames_list", "1",
            *arguments, **environment
        )

    @property
    def seen(self) -> Any:
        return json.loads(self.record.read_text())


@pytest.fixture(params=["python", "python3"], ids=["only python 2 named python", "only python3"])
def node(request: Any, tmp_path: Path) -> Node:
    is_old = request.param == "python"
    interpreter = request.getfixturevalue("python2") if is_old else sys.executable
    return Node(tmp_path, request.param, interpreter)


def test_cnode_gets_the_base_name_the_images_and_the_frames(node: Node) -> None:
    code, output = node.run(
        str(node.package), "-image", "project://scene/a", "project://scene/b.beauty",
        "-image_frames_list", "1:10%2;20", "9:10", "-directories", str(node.folder / "out"),
    )
    assert code == 0
    assert node.seen["argv"] == [
        "shot.render.project", "-image", "project://scene/a", "project://scene/b.beauty",
        "-image_frames_list", "1:10%2;20", "9:10", *ADDED,
        "-script", "%s %s" % (PREP, node.folder / "out"),
    ]
    assert node.seen["cwd"] == str(node.package.parent)
    assert "first frame" in output
    assert "'1:10%2;20'" in output, "the log shows the command so that it can be pasted"


def test_the_output_directories_are_made_first(node: Node) -> None:
    deep, there = node.folder / "out put" / "a" / "b", node.folder / "there"
    there.mkdir()
    assert node.render("-directories", str(deep), str(there), "relative")[0] == 0
    assert deep.is_dir() and there.is_dir()
    assert (node.folder / "relative").is_dir(), "against the folder the task was started in"


def test_a_directory_that_cannot_be_made_stops_before_the_render(node: Node) -> None:
    (node.folder / "file").write_text("")
    code, output = node.render("-directories", str(node.folder / "file" / "below"))
    assert code == 2
    assert str(node.folder / "file" / "below") in output
    assert not node.record.exists()


@pytest.mark.parametrize("code", [0, 1, 3, 255])
def test_the_exit_code_is_cnodes(node: Node, code: int) -> None:
    assert node.render(CODE=str(code))[0] == code


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_killed_cnode_gives_128_and_the_signal(node: Node, number: int) -> None:
    code, output = node.render(DIE=str(int(number)))
    assert code == 128 + number
    assert "signal %d" % number in output


def test_without_cnode_the_code_is_127_and_the_log_says_why(node: Node) -> None:
    node.cnode.unlink()
    code, output = node.render()
    assert code == 127
    assert "no cnode on PATH" in output
    assert str(node.bin) in output


def test_a_cnode_that_may_not_run_gives_126(node: Node) -> None:
    node.cnode.chmod(0o644)
    code, output = node.render()
    assert code == 126
    assert "cannot be started" in output


@pytest.mark.parametrize("number, expected", [
    (signal.SIGTERM, 128 + signal.SIGTERM), (signal.SIGINT, 41),
], ids=["terminate", "interrupt, which cnode handles"])
def test_signals_reach_cnode(node: Node, number: int, expected: int) -> None:
    process = node.start(
        str(node.package), "-image", "a", "-image_frames_list", "1", WAIT="1"
    )
    assert process.stdout is not None
    ready = Path(str(node.record) + ".ready")
    while not ready.exists():
        assert process.poll() is None, process.stdout.read()
    process.send_signal(number)
    process.communicate(timeout=30)
    assert process.returncode == expected


@pytest.mark.parametrize("given, kept", [
    (["1", "1"], []), (["4", "2"], ["-tile_rendering", "4", "2"]),
], ids=["a tiling of one is left out", "tile 2 of 4"])
def test_tiles(node: Node, given: list[str], kept: list[str]) -> None:
    assert node.render("-tile_rendering", *given)[0] == 0
    assert node.seen["argv"][5:] == kept + ADDED


def test_other_options_pass_and_the_script_goes_last(node: Node) -> None:
    assert node.render(
        "-script", "prep.py -images a", "-log_level", "Debug5", "-directories", "out"
    )[0] == 0
    assert node.seen["argv"][5:] == ["-log_level", "Debug5", *ADDED, "-script", "prep.py -images a"]


def test_options_that_are_given_are_not_added(node: Node) -> None:
    config(node)
    assert node.render("-log_width", "80", "-config_file", "mine.cfg")[0] == 0
    assert node.seen["argv"][5:] == ["-log_width", "80", "-config_file", "mine.cfg"]


def config(node: Node) -> Path:
    path = node.package.parent / "shot.clarisse.cfg"
    path.write_text("")
    return path


def test_a_configuration_beside_the_package_is_used(node: Node) -> None:
    path = config(node)
    assert node.render()[0] == 0
    assert node.seen["argv"][5:] == ["-config_file", str(path), *ADDED]


@pytest.mark.parametrize("directories, is_prepared", [
    (["out"], True), (["out", "two"], True), (["out put"], False), ([], False),
], ids=["one", "two", "a blank, which cnode would split", "none"])
def test_the_prep_script_gets_the_directories(
    node: Node, directories: list[str], is_prepared: bool,
) -> None:
    asked = [str(node.folder / name) for name in directories]
    options = ["-directories", *asked] if asked else []
    assert node.render(*options)[0] == 0
    assert node.seen["argv"][5:] == ADDED + (
        ["-script", " ".join([str(PREP), *asked])] if is_prepared else [])
    assert all(Path(path).is_dir() for path in asked)


def test_the_prep_script_makes_directories_and_survives_failures(node: Node) -> None:
    interpreter = next(path for path in node.bin.iterdir() if path.name.startswith("python"))
    (node.folder / "file").write_text("")
    names = [str(node.folder / name) for name in ("a/b", "file/x", "a/b", "c")]
    answer = subprocess.run(
        [str(interpreter), str(PREP), *names], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert answer.returncode == 0
    assert b"cannot make" in answer.stdout and b"file/x" in answer.stdout
    assert (node.folder / "a" / "b").is_dir() and (node.folder / "c").is_dir()


def test_a_negative_number_is_a_value(node: Node) -> None:
    assert node.run(
        str(node.package), "-image", "a", "-image_frames_list", "-3:4"
    )[0] == 0
    assert node.seen["argv"][4] == "-3:4"


@pytest.mark.parametrize("arguments, complaint", [
    ([], "usage"),
    (["-image", "a"], "usage"),
    (["absent.project", "-image", "a", "-image_frames_list", "1"], 'no render package "absent'),
    (["PACKAGE", "stray", "-image", "a"], 'unexpected "stray"'),
    (["PACKAGE", "-image", "a", "b", "-image_frames_list", "1"], "2 images but 1 frame lists"),
], ids=["nothing", "no package", "package missing", "stray value", "frames for one image only"])
def test_arguments_without_sense(node: Node, arguments: list[str], complaint: str) -> None:
    code, output = node.run(*[
        str(node.package) if argument == "PACKAGE" else argument for argument in arguments
    ])
    assert code == 2
    assert complaint in output
    assert not node.record.exists()


def test_without_any_python_it_says_so(tmp_path: Path) -> None:
    answer = subprocess.run(
        [str(SCRIPT), "x"], env={"PATH": str(tmp_path)}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert answer.returncode == 127
    assert b"none of python3, python and python2" in answer.stdout


def test_it_is_executable_and_stands_alone() -> None:
    assert stat.S_IMODE(SCRIPT.stat().st_mode) & 0o555 == 0o555
    imported = [
        alias.name for line in ast.walk(ast.parse(SCRIPT.read_text()))
        if isinstance(line, ast.Import) for alias in line.names
    ]
    assert imported
    assert not any(name.startswith("conductor") for name in imported)
