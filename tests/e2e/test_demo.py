"""``conductor demo`` as a newcomer runs it: a real process in an empty home."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, NamedTuple

import OpenImageIO as oiio
import pytest

from conductor.cli import main as command
from conductor.cli.demo import image_and_frame

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT_S = 180
FRAMES = range(1, 11)
BEAUTY = ["beauty/shot_beauty.%05d.exr" % frame for frame in FRAMES]
MATTE = ["matte/shot_matte.%05d.png" % frame for frame in FRAMES]


class Run(NamedTuple):
    """One finished demo."""

    code: int
    out: str
    err: str
    folder: Path
    home: Path

    def frames(self) -> list[str]:
        root = self.folder / "frames"
        return sorted(path.relative_to(root).as_posix()
                      for path in root.rglob("*") if path.is_file())

    def tables(self) -> list[dict[str, tuple[str, str]]]:
        """Frames and state of each task, for every table of tasks that was printed."""
        found: list[dict[str, tuple[str, str]]] = []
        for line in self.out.splitlines():
            if line.split() == ["task", "frames", "state", "seconds"]:
                found.append({})
            row = re.match(r"(\d{3}) +(\S+) +(\w+)", line)
            if row and found:
                found[-1][row[1]] = (row[2], row[3])
        return found

    @property
    def url(self) -> str:
        match = re.search(r"http://127\.0\.0\.1:\d+", self.out)
        assert match, self.out
        return match[0]


def environment(home: Path) -> dict[str, str]:
    """What a login on a fresh machine has, and an old setting that must not matter."""
    return {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": str(ROOT),
            "CONDUCTOR_PROJECT": "of-another-studio"}


def start(folder: Path, home: Path, *options: str) -> subprocess.Popen[str]:
    home.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "conductor", "demo", "--folder", str(folder), *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=str(home),
        env=environment(home),
    )


def run(folder: Path, *options: str) -> Run:
    home = folder.parent / "home"
    process = start(folder, home, *options)
    out, err = process.communicate(timeout=LIMIT_S)
    return Run(process.returncode, out, err, folder, home)


def answers(url: str) -> bool:
    try:
        urllib.request.urlopen(url + "/api/v1/capabilities", timeout=5).close()
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Run:
    done = run(tmp_path_factory.mktemp("whole run") / "a demo folder")
    assert done.code == 0, done.out + done.err
    return done


def test_a_project_goes_in_and_frames_come_out(whole: Run) -> None:
    assert whole.frames() == BEAUTY + MATTE
    picture = oiio.ImageBuf(str(whole.folder / "frames" / BEAUTY[2]))
    assert (picture.spec().width, picture.spec().height) == (320, 180)
    assert "NOT A RENDER" in picture.spec().get_string_attribute("ImageDescription")


def test_the_preview_is_shown(whole: Run) -> None:
    assert "2 Scout / 10 Frames -- 5 Chunks -- 1-10" in whole.out
    for part in ("ct_cnode", "-image_frames_list", "backdrop.0101.png", "backdrop.0110.png",
                 "cube.obj", '"tasks_data"', '"instance_type": "n1-standard-2"'):
        assert part in whole.out, part
    assert "backdrop.0111.png" not in whole.out, "not needed by any frame"
    assert "of-another-studio" not in whole.out


def test_scout_tasks_come_first_and_the_others_wait(whole: Run) -> None:
    scouted, released = whole.tables()
    assert scouted == {
        "000": ("1-2", "holding"), "001": ("3-4", "success"), "002": ("5-6", "holding"),
        "003": ("7-8", "success"), "004": ("9-10", "holding"),
    }
    assert {state for _, state in released.values()} == {"success"}
    assert [frames for frames, _ in released.values()] == [
        frames for frames, _ in scouted.values()]


def test_the_contact_sheet_shows_the_frames(whole: Run) -> None:
    place = whole.folder / "contact_sheet.png"
    assert str(place) in whole.out
    sheet = oiio.ImageBuf(str(place))
    assert sheet.spec().width > 1000 and sheet.spec().height > 400


def test_every_place_that_is_named_is_there(whole: Run) -> None:
    named = re.findall(r"^  [a-z ]+?  +(/.*)$", whole.out, re.MULTILINE)
    assert len(named) >= 4
    for place in named:
        assert Path(place).exists(), place


def test_the_log_is_in_files_and_not_on_the_terminal(whole: Run) -> None:
    assert not re.search(r"(INFO|WARNING|ERROR) +conductor\.", whole.out + whole.err)
    for name in ("clarisse.log", "conductor.log"):
        assert str(whole.folder / name) in whole.out
        assert "ERROR" not in (whole.folder / name).read_text()


def test_files_are_listed_image_by_image(whole: Run) -> None:
    listed = re.findall(r"^((?:beauty|matte)/\S+) ", whole.out, re.MULTILINE)
    assert listed == BEAUTY + MATTE


@pytest.mark.parametrize(("paths", "order"), [
    pytest.param(["b/x.2.exr", "a/y.10.png", "a/y.9.png", "b/x.1.exr"],
                 ["a/y.9.png", "a/y.10.png", "b/x.1.exr", "b/x.2.exr"], id="frames are numbers"),
    pytest.param(["a/still.png", "a/10.png", "a/9.png"], ["a/9.png", "a/10.png", "a/still.png"],
                 id="no frame"),
])
def test_the_order_of_the_contact_sheet(paths: list[str], order: list[str]) -> None:
    assert sorted(paths, key=image_and_frame) == order


def test_times_are_measured(whole: Run) -> None:
    total = re.search(r"Done: 20 frames in ([\d.]+) s", whole.out)
    assert total
    tasks = [float(seconds) for seconds in re.findall(
        r"^\d{3} .*success +([\d.]+)", whole.out, re.MULTILINE)]
    assert len(tasks) == 2 + 5
    assert 0 < max(tasks) <= float(total[1]) < LIMIT_S


def test_in_a_pipe_the_text_is_plain(whole: Run) -> None:
    assert "\x1b" not in whole.out and "\r" not in whole.out
    assert not whole.err


def test_the_home_stays_empty_and_the_service_is_gone(whole: Run) -> None:
    assert os.listdir(whole.home) == []
    assert not answers(whole.url)


def test_hold_and_keep(tmp_path: Path) -> None:
    done = run(tmp_path / "demo", "--hold", "--keep")
    assert done.code == 0, done.out + done.err
    process_id = re.search(r"kill (\d+)", done.out)
    assert process_id
    try:
        assert answers(done.url)
        [table] = done.tables()
        assert sorted(state for _, state in table.values()) == ["holding"] * 3 + ["success"] * 2
        assert done.frames() == [name for name in BEAUTY + MATTE
                                 if re.search(r"0000[3478]\.", name)]
    finally:
        os.kill(int(process_id[1]), signal.SIGTERM)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "terminated"])
def test_stopping_it_stops_the_service(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path / "demo", tmp_path / "home")
    assert process.stdout
    said = ""
    while "http://" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.strip() == "conductor: stopped"
    match: Any = re.search(r"http://[\d.:]+", said)
    assert not answers(match[0])


def test_a_folder_with_something_in_it_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert command.run(["demo", "--folder", str(tmp_path)]) == 2
    assert "not empty" in capsys.readouterr().err
    assert os.listdir(tmp_path) == ["mine.txt"]


def test_the_command_that_it_ends_with_can_be_typed(whole: Run) -> None:
    found = re.search(r"^More: +(.+) --help,", whole.out, re.MULTILINE)
    assert found
    told = subprocess.run(
        [*found[1].split(), "--version"], capture_output=True, text=True, cwd=str(whole.home),
        stdin=subprocess.DEVNULL, timeout=60)
    assert told.returncode == 0 and told.stdout.startswith("conductor ")
