"""What a user installs: the wheel holds everything, and what must be executable is."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
BUILD_FILES = ("setup.py", "pyproject.toml", "README.md", "LICENSE")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built from a copy, so that the checkout stays clean."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    source.mkdir()
    for name in BUILD_FILES:
        shutil.copy(str(ROOT / name), str(source / name))
    shutil.copytree(
        str(ROOT / "conductor"), str(source / "conductor"),
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    subprocess.run(
        [
            sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation",
            "--wheel-dir", str(folder), str(source),
        ],
        check=True, stdin=subprocess.DEVNULL,
    )
    return zipfile.ZipFile(str(next(folder.glob("*.whl"))))


def test_every_file_of_the_package_is_in_the_wheel(wheel: zipfile.ZipFile) -> None:
    there = set(wheel.namelist())
    wanted = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "conductor").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert wanted <= there, sorted(wanted - there)
    strangers = {name for name in there - wanted if ".dist-info/" not in name}
    assert not strangers


def test_what_travels_to_the_render_node_is_executable(wheel: zipfile.ZipFile) -> None:
    mode = wheel.getinfo("conductor/clarisse/scripts/ct_cnode").external_attr >> 16
    assert mode & 0o111 == 0o111


def installed(wheel: zipfile.ZipFile, folder: Path) -> Path:
    """The wheel as pip unpacks it."""
    wheel.extractall(str(folder))
    return folder


def test_the_command_is_found_and_tells_an_old_python_what_it_needs(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    site = installed(wheel, tmp_path)
    found = importlib.metadata.PathDistribution(next(site.glob("*.dist-info")))
    command = next(point for point in found.entry_points if point.name == "conductor")
    assert command.group == "console_scripts"
    call = "import %s as m; m.%s()" % tuple(command.value.split(":"))
    told = [
        subprocess.run(
            [sys.executable, "-c", start + call, "--version"],
            capture_output=True, text=True, cwd=str(site), stdin=subprocess.DEVNULL,
        )
        for start in ("", "import sys; sys.version_info = (3, 7, 5); ")
    ]
    assert told[0].stdout == "conductor %s\n" % found.version
    assert (told[1].returncode, told[1].stdout) == (1, "")
    assert told[1].stderr.startswith("conductor: the command line needs Python 3.10 or newer")
    assert len(told[1].stderr.splitlines()) == 1


def test_a_plugin_built_from_an_installed_package_has_the_licence(
    wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    site = installed(wheel, tmp_path)
    code = (
        "from conductor.cli.plugin_folder import _texts; "
        "print(dict(_texts())['LICENSE'].decode())")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=str(site),
        env=dict(os.environ, PYTHONPATH=str(site)), stdin=subprocess.DEVNULL, check=True)
    assert done.stdout.strip() == (ROOT / "LICENSE").read_text(encoding="utf-8").strip()
