"""``conductor clarisse plugin``: what goes in, what stays out, and every way it can fail."""

from __future__ import annotations

import json
import os
import sys
import venv
import zipfile
from pathlib import Path
from typing import Callable

import pytest

from conductor.cli import main as command
from conductor.cli.plugin_folder import (
    MANIFEST,
    Difference,
    build,
    differences,
    exchange,
    read_manifest,
)
from conductor.cli.plugin_parts import PINS, Pin, our_files, sha256
from conductor.cli.plugin_wheels import PluginError, contents, fetch
from conductor.lib.errors import ChecksError, InputError

Run = Callable[..., str]
METADATA = "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n"
WHEEL = "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_of(folder: Path, files: dict[str, str], name: str = "thing-1.0-py3-none-any") -> Path:
    """A made-up wheel."""
    path = folder / (name + ".whl")
    with zipfile.ZipFile(str(path), "w") as archive:
        for inside, text in files.items():
            archive.writestr(inside, text)
        archive.writestr("thing-1.0.dist-info/METADATA", METADATA)
        archive.writestr("thing-1.0.dist-info/WHEEL", WHEEL)
        archive.writestr("thing-1.0.dist-info/RECORD", "")
    return path


def pin_of(wheel: Path) -> Pin:
    return Pin("thing", "1.0", sha256(wheel.read_bytes()))


# ---------------------------------------------------------------- wheels


def test_only_what_runs_everywhere_leaves_a_wheel(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, {
        "thing/__init__.py": "", "thing/_fast.cpython-37m-x86_64-linux-gnu.so": "ELF",
        "thing/_fast.pyd": "MZ", "thing/cacert.pem": "pem", "thing-1.0.data/scripts/thing": "#!",
        "thing-1.0.dist-info/LICENSE": "free", "thing-1.0.dist-info/entry_points.txt": "",
        "thing-1.0.dist-info/licenses/NOTICE": "thanks",
    })
    assert dict(contents(wheel)) == {
        "thing/__init__.py": b"", "thing/cacert.pem": b"pem",
        "thing-1.0.dist-info/LICENSE": b"free", "thing-1.0.dist-info/METADATA": METADATA.encode(),
        "thing-1.0.dist-info/licenses/NOTICE": b"thanks",
    }


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "thing/../../evil.py", "C:/evil.py"])
def test_a_wheel_cannot_write_elsewhere(tmp_path: Path, name: str) -> None:
    with pytest.raises(PluginError, match="outside itself"):
        dict(contents(wheel_of(tmp_path, {name: "boo"})))


def test_what_is_no_wheel_is_named(tmp_path: Path) -> None:
    (tmp_path / "thing-1.0-py3-none-any.whl").write_text("<html>not found</html>")
    with pytest.raises(PluginError, match=r"thing-1\.0-py3-none-any\.whl is no wheel"):
        dict(contents(tmp_path / "thing-1.0-py3-none-any.whl"))


def test_wheels_in_a_folder_are_known_by_their_content(tmp_path: Path) -> None:
    wheel = wheel_of(tmp_path, {"thing/__init__.py": "x = 1"})
    wheel.rename(tmp_path / "renamed.whl")
    pin = pin_of(tmp_path / "renamed.whl")
    assert fetch(tmp_path / "unused", tmp_path, [pin]) == [tmp_path / "renamed.whl"]
    with pytest.raises(PluginError) as caught:
        fetch(tmp_path, tmp_path, [pin, pin._replace(version="2.0", sha256="0" * 64)])
    assert str(caught.value).splitlines()[1:] == ["  thing 2.0 with SHA-256 " + "0" * 64]


@pytest.fixture
def only_this_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """For pip there is no index, and these wheels."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    folder = tmp_path / "only here"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", folder.as_uri())
    return folder


def test_pip_brings_what_the_pins_name_and_nothing_else(
    only_this_folder: Path, tmp_path: Path
) -> None:
    wheel = wheel_of(only_this_folder, {"thing/__init__.py": "x = 1"})
    target = tmp_path / "target"
    (found,) = fetch(target, None, [pin_of(wheel)])
    assert found.parent == target and found.read_bytes() == wheel.read_bytes()
    with pytest.raises(PluginError) as caught:
        fetch(target, None, [pin_of(wheel)._replace(sha256="0" * 64)])
    assert "HASHES" in str(caught.value) and "0" * 64 in str(caught.value)


def test_a_python_without_pip_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv.create(str(tmp_path / "bare"), with_pip=False)
    bare = tmp_path / "bare" / ("Scripts" if os.name == "nt" else "bin") / "python"
    monkeypatch.setattr(sys, "executable", str(bare))
    with pytest.raises(PluginError, match=r"has no pip, which fetches requests .* ensurepip"):
        fetch(tmp_path)


def test_an_index_that_has_nothing_points_at_the_ways_without(
    only_this_folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(PluginError) as caught:
        fetch(tmp_path)
    told = str(caught.value)
    assert told.startswith("pip could not fetch requests 2.31.0, urllib3") and "--wheels" in told
    assert "No matching distribution found" in told


# ---------------------------------------------------------------- our files


def test_our_part_is_what_runs_in_clarisse() -> None:
    names = dict(our_files())
    assert {"conductor/__init__.py", "conductor/lib/errors.py", "conductor/clarisse/startup.py",
            "conductor/clarisse/scripts/ct_cnode",
            "conductor/clarisse/headless/__init__.py"} <= set(names)
    assert {name.split("/")[1] for name in names} == {"__init__.py", "lib", "clarisse"}
    assert not [name for name in names if "__pycache__" in name or name.endswith(".pyc")]


def test_the_pins_are_what_we_ask_for() -> None:
    """setup.py and .ci/run name the same packages; the vendored rest is what requests needs."""
    names = {pin.name for pin in PINS}
    assert names >= {"requests", "PyYAML", "filelock"}
    assert all(len(pin.sha256) == 64 for pin in PINS)


# ---------------------------------------------------------------- the folder


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A folder as built, but small."""
    folder = tmp_path / "tools"
    (folder / "conductor").mkdir(parents=True)
    (folder / "conductor" / "a.py").write_text("a = 1\n")
    (folder / MANIFEST).write_text(json.dumps({
        "name": "conductor-clarisse", "version": "0.9", "python": "3.7 and newer",
        "dependencies": [], "files": {"conductor/a.py": sha256(b"a = 1\n")},
    }))
    return folder


@pytest.mark.parametrize("change, expected", [
    pytest.param(lambda folder: None, [], id="as built"),
    pytest.param(lambda folder: (folder / "conductor" / "a.py").write_text("a = 2\n"),
                 [Difference("changed", "conductor/a.py")], id="changed"),
    pytest.param(lambda folder: (folder / "conductor" / "a.py").unlink(),
                 [Difference("missing", "conductor/a.py")], id="missing"),
    pytest.param(lambda folder: (folder / "b.py").write_text(""),
                 [Difference("unknown", "b.py")], id="unknown"),
])
def test_what_is_not_as_it_was_built(
    plugin: Path, change: Callable[[Path], object], expected: list[Difference], run: Run
) -> None:
    change(plugin)
    assert differences(plugin) == expected
    code = ChecksError.exit_code if expected else 0
    told = run("clarisse", "plugin", str(plugin), "--check", code=code)
    assert all(each.path in told for each in expected)
    report = json.loads(run("clarisse", "plugin", str(plugin), "--check", "--json", code=code))
    assert report["differences"] == [each._asdict() for each in expected]
    assert report["version"] == "0.9"


def test_what_python_compiles_by_itself_is_no_change(plugin: Path) -> None:
    (plugin / "conductor" / "__pycache__").mkdir()
    (plugin / "conductor" / "__pycache__" / "a.cpython-37.pyc").write_bytes(b"")
    assert differences(plugin) == []


@pytest.mark.parametrize("text", ["{", "[]", '{"files": 3}'])
def test_a_damaged_manifest_is_told(plugin: Path, text: str) -> None:
    (plugin / MANIFEST).write_text(text)
    with pytest.raises(InputError, match="is damaged. Build the folder again"):
        read_manifest(plugin)


@pytest.mark.parametrize("make", [
    lambda path: (path.mkdir(), (path / "thesis.txt").write_text("mine")),
    lambda path: path.write_text("a file"),
], ids=["a folder of something else", "a file"])
def test_what_is_not_ours_is_left_alone(
    tmp_path: Path, make: Callable[[Path], object], capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "precious"
    make(place)
    assert command.run(["clarisse", "plugin", str(place)]) == InputError.exit_code
    assert str(place) in capsys.readouterr().err
    assert place.exists() and [path.name for path in tmp_path.iterdir()] == ["precious"]


def test_a_failed_build_leaves_the_older_one_and_nothing_else(
    plugin: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    before = {path: path.read_bytes() for path in plugin.rglob("*") if path.is_file()}
    assert command.run(["clarisse", "plugin", str(plugin), "--wheels", str(empty)]) == 1
    assert 'The folder "%s" lacks these wheels' % empty in capsys.readouterr().err
    assert {path: path.read_bytes() for path in plugin.rglob("*") if path.is_file()} == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty", "tools"]


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        build(tmp_path / "file" / "below")


@pytest.mark.parametrize("busy", ["aside", "made"])
def test_an_exchange_that_fails_keeps_the_older_one(
    plugin: Path, tmp_path: Path, busy: str
) -> None:
    """As Windows does while a Clarisse holds files open."""
    made, aside = tmp_path / "made", tmp_path / "aside"
    if busy == "aside":
        made.mkdir()
        aside.mkdir()
        (aside / "in use").write_text("")
    with pytest.raises(PluginError, match="cannot be replaced.*Close every Clarisse"):
        exchange(made, plugin, aside)
    assert (plugin / "conductor" / "a.py").is_file()
