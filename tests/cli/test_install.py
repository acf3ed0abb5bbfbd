"""``conductor clarisse install`` on made-up preference folders of all three systems."""

from __future__ import annotations

import json
import os
import shlex
from pathlib import Path
from typing import Callable

import pytest

from conductor.cli import main as command
from conductor.cli.clarisse_env import LOCATION, STARTUP
from conductor.cli.env_files import (
    BACKUP,
    NOT_THERE,
    PUT_IN,
    TAKEN_OUT,
    UNCHANGED,
    EnvFile,
    put_in,
    take_out,
)
from conductor.cli.plugin_folder import MANIFEST
from conductor.cli.preference_folders import find_folders, root_folder, this_system
from conductor.lib.errors import ConductorError, InputError

TOOLS = "/tools/my conductor"
Run = Callable[..., str]


# ---------------------------------------------------------------- where the preferences are


@pytest.mark.parametrize("system, environ, expected", [
    pytest.param("linux", {"HOME": "/home/ann"}, "/home/ann/.isotropix/clarisse", id="linux"),
    pytest.param("macos", {"HOME": "/Users/ann"},
                 "/Users/ann/Library/Preferences/Isotropix/Clarisse", id="macos"),
    pytest.param("windows", {"APPDATA": "C:/Users/ann/AppData/Roaming"},
                 "C:/Users/ann/AppData/Roaming/Isotropix/Clarisse", id="windows"),
    pytest.param("windows", {"USERPROFILE": "C:/Users/ann"},
                 "C:/Users/ann/AppData/Roaming/Isotropix/Clarisse", id="windows without APPDATA"),
    pytest.param("linux", {}, "", id="nobody's home"),
    pytest.param("windows", {"HOME": "/home/ann"}, "", id="windows, nobody's home"),
])
def test_each_system_has_its_place(system: str, environ: dict[str, str], expected: str) -> None:
    assert root_folder(system, environ) == expected


@pytest.mark.parametrize("kernel, system", [
    ("Linux", "linux"), ("Darwin", "macos"), ("Windows", "windows"), ("FreeBSD", "linux"),
])
def test_systems_by_their_kernels(kernel: str, system: str) -> None:
    assert this_system(kernel) == system


@pytest.fixture
def versions(tmp_path: Path) -> Path:
    """Preferences of four versions, and what is none."""
    root = tmp_path / ".isotropix" / "clarisse"
    for name in ("5.0", "4.0", "3.6", "10.0", "backup", "5.0 old"):
        (root / name).mkdir(parents=True)
    (root / "6.0").write_text("a file")
    return root


@pytest.mark.parametrize("version, expected", [
    pytest.param("", ["3.6", "4.0", "5.0", "10.0"], id="all, by number"),
    pytest.param("5.0", ["5.0"], id="one"),
    pytest.param("5", ["5.0"], id="all of Clarisse 5"),
])
def test_every_version_is_found(versions: Path, version: str, expected: list[str]) -> None:
    found = find_folders("linux", {"HOME": str(versions.parent.parent)}, "", version)
    assert [folder.version for folder in found] == expected
    assert all(folder.env_file == os.path.join(folder.path, "clarisse.env") for folder in found)
    assert [folder.has_python3 for folder in found] == [
        float(each) >= 5 for each in expected]


@pytest.mark.parametrize("inside, expected", [
    pytest.param(".", ["3.6", "4.0", "5.0", "10.0"], id="folder of the versions"),
    pytest.param("5.0", ["5.0"], id="folder of one"),
    pytest.param("backup", [""], id="folder of another name"),
])
def test_a_folder_named_by_hand(versions: Path, inside: str, expected: list[str]) -> None:
    found = find_folders("windows", {}, str(versions / inside))
    assert [folder.version for folder in found] == expected
    assert found[-1].has_python3


@pytest.mark.parametrize("environ, config_dir, version, told", [
    pytest.param({"HOME": "/nowhere"}, "", "", '"/nowhere/.isotropix/clarisse"', id="no folder"),
    pytest.param({}, "", "", "neither HOME nor APPDATA", id="no home"),
    pytest.param({}, "/not/there", "", '"/not/there"', id="named by hand"),
])
def test_where_it_looked_is_told(
    environ: dict[str, str], config_dir: str, version: str, told: str
) -> None:
    with pytest.raises(InputError) as caught:
        find_folders("linux", environ, config_dir, version)
    assert told in str(caught.value) and "--config-dir" in str(caught.value)


def test_a_version_that_is_not_there_names_those_that_are(versions: Path) -> None:
    with pytest.raises(InputError, match=r"Clarisse 7 .*only of 3\.6, 4\.0, 5\.0, 10\.0"):
        find_folders("linux", {}, str(versions), "7")


# ---------------------------------------------------------------- one file


@pytest.fixture
def env(tmp_path: Path) -> EnvFile:
    return EnvFile("5.0", str(tmp_path / "clarisse.env"), "linux")


def beside(env: EnvFile) -> list[str]:
    return sorted(os.listdir(os.path.dirname(env.path)))


@pytest.mark.parametrize("before", [
    pytest.param(None, id="no file"),
    pytest.param(b"", id="an empty file"),
    pytest.param(b"# mine\r\nIX_PYTHON3HOME=C:/Python37\r\n", id="lines of Windows"),
    pytest.param(b"A=\xff\xfe\nCLARISSE_STARTUP_SCRIPT=/other/plug.py", id="odd bytes"),
])
def test_installed_twice_and_taken_out_leaves_what_was(env: EnvFile, before: bytes | None) -> None:
    path = Path(env.path)
    if before is not None:
        path.write_bytes(before)
        path.chmod(0o640)
    assert put_in(env, TOOLS).what == PUT_IN
    once = path.read_bytes()
    assert put_in(env, TOOLS).what == UNCHANGED
    assert path.read_bytes() == once and b"CONDUCTOR_LOCATION=" + TOOLS.encode() in once
    assert beside(env) == ["clarisse.env"] + ["clarisse.env" + BACKUP] * (before is not None)
    if before is not None:
        assert Path(env.path + BACKUP).read_bytes() == before
        assert path.stat().st_mode & 0o777 == 0o640
    assert take_out(env).what == TAKEN_OUT
    assert beside(env) == ["clarisse.env"] * (before is not None)
    assert before is None or path.read_bytes() == before
    assert take_out(env).what == NOT_THERE


def test_what_others_wrote_meanwhile_stays_and_the_backup_too(env: EnvFile) -> None:
    path = Path(env.path)
    path.write_text("A=1\n")
    put_in(env, TOOLS)
    path.write_text(path.read_text() + "B=2\n")
    take_out(env)
    assert path.read_text() == "A=1\nB=2\n"
    assert Path(env.path + BACKUP).read_text() == "A=1\n"
    put_in(env, TOOLS)
    assert Path(env.path + BACKUP).read_text() == "A=1\nB=2\n", "the backup is the last one before"


@pytest.mark.parametrize("work", [
    lambda env: put_in(env, TOOLS, dry_run=True),
    lambda env: take_out(env, dry_run=True),
], ids=["install", "uninstall"])
def test_a_dry_run_writes_nothing(env: EnvFile, work: Callable[[EnvFile], object]) -> None:
    put_in(env, "/elsewhere")
    before = Path(env.path).read_bytes()
    work(env)
    assert Path(env.path).read_bytes() == before and beside(env) == ["clarisse.env"]


def test_what_is_behind_a_link_is_written(env: EnvFile, tmp_path: Path) -> None:
    central = tmp_path / "central"
    central.mkdir()
    (central / "studio.env").write_text("A=1\n")
    Path(env.path).symlink_to(central / "studio.env")
    put_in(env, TOOLS)
    assert Path(env.path).is_symlink() and LOCATION in (central / "studio.env").read_text()
    take_out(env)
    assert (central / "studio.env").read_text() == "A=1\n"
    assert os.listdir(str(central)) == ["studio.env"]


def test_a_file_that_cannot_be_written_names_the_lines_to_add(tmp_path: Path) -> None:
    (tmp_path / "gone").mkdir()
    env = EnvFile("5.0", str(tmp_path / "gone" / "deeper" / "clarisse.env"), "linux")
    with pytest.raises(ConductorError) as caught:
        put_in(env, TOOLS)
    told = str(caught.value)
    assert env.path in told and "cannot be written" in told
    assert "%s=%s/conductor/clarisse/startup.py" % (STARTUP, TOOLS) in told


def test_a_file_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "clarisse.env").mkdir()
    with pytest.raises(ConductorError, match="cannot be read"):
        put_in(EnvFile("5.0", str(tmp_path / "clarisse.env"), "linux"), TOOLS)


@pytest.mark.parametrize("script", ["$CIO_DIR/cioclarisse/startup.py", "/x/cioclarisse/startup.py"])
def test_the_vendors_own_submitter_is_noticed(env: EnvFile, script: str) -> None:
    Path(env.path).write_text("%s=%s\n" % (STARTUP, script))
    (remark,) = put_in(env, TOOLS).remarks
    assert script in remark and "registers a ConductorJob too" in remark
    assert script in Path(env.path).read_text(), "told, not taken out"


# ---------------------------------------------------------------- the command


@pytest.fixture
def home(clean_home: Path) -> Path:
    """A HOME with the preferences of Clarisse 4 and 5."""
    for version in ("4.0", "5.0"):
        folder = Path(root_folder(this_system(), os.environ)) / version
        folder.mkdir(parents=True)
        (folder / "clarisse.env").write_text("ILISE_SERVER=license:40500\n")
    return clean_home


@pytest.fixture
def studio(tmp_path: Path) -> Path:
    """A plug-in that somebody built."""
    folder = tmp_path / "studio tools"
    folder.mkdir()
    (folder / MANIFEST).write_text(json.dumps({"files": {}, "version": "1"}))
    return folder


def env_text(version: str) -> str:
    root = Path(root_folder(this_system(), os.environ))
    return (root / version / "clarisse.env").read_text()


def test_the_studios_plugin_is_registered_and_taken_out(
    home: Path, studio: Path, run: Run
) -> None:
    told = run("clarisse", "install", "--use", str(studio))
    assert "skipped: it has only Python 2.7" in told and PUT_IN in told
    assert "Start Clarisse again" in told
    typed = [line.strip() for line in told.splitlines() if "sys.path.insert" in line]
    assert typed == ["import sys; sys.path.insert(0, %r)" % str(studio)]
    assert "%s=%s\n" % (LOCATION, studio) in env_text("5.0")
    assert "ILISE_SERVER=license:40500\n" in env_text("5.0")
    assert env_text("4.0") == "ILISE_SERVER=license:40500\n"
    run("clarisse", "install", "--uninstall")
    assert env_text("5.0") == "ILISE_SERVER=license:40500\n"


def test_clarisse_4_is_registered_when_it_is_named(home: Path, studio: Path, run: Run) -> None:
    run("clarisse", "install", "--use", str(studio), "--version", "4.0")
    assert LOCATION in env_text("4.0") and LOCATION not in env_text("5.0")


def test_json_says_what_was_done_with_each(home: Path, studio: Path, run: Run) -> None:
    told = json.loads(run("clarisse", "install", "--use", str(studio), "--dry-run", "--json"))
    assert told["location"] == str(studio) and told["dry_run"]
    assert [(each["version"], each["what"]) for each in told["files"]] == [
        ("4.0", "skipped: it has only Python 2.7"), ("5.0", PUT_IN)]
    assert env_text("5.0") == "ILISE_SERVER=license:40500\n"


def test_a_dry_run_says_so(
    home: Path, studio: Path, run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["clarisse", "install", "--use", str(studio), "--dry-run"]) == 0
    caught = capsys.readouterr()
    assert "Nothing was written." in caught.err and "Start Clarisse" not in caught.out


@pytest.mark.parametrize("arguments, told", [
    pytest.param("--use nothing-here", "is no folder of this plug-in", id="no plug-in there"),
    pytest.param("--use a --to b", "give one of them", id="both folders"),
    pytest.param("--uninstall --to b", "--uninstall takes no --to", id="uninstall with a folder"),
    pytest.param("--version 9", "No preferences of Clarisse 9", id="no such version"),
])
def test_what_cannot_be_meant_is_refused(
    home: Path, arguments: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run(["clarisse", "install", *shlex.split(arguments)]) == InputError.exit_code
    assert told in capsys.readouterr().err
