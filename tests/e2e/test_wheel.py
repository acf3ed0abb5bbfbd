"""What a user installs: the wheel holds everything, and what must be executable is."""

from __future__ import annotations

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
