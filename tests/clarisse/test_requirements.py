"""Releases of other packages that are too old are told when Clarisse starts."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import pytest

from conductor.clarisse import startup
from conductor.clarisse.headless import driver, session
from conductor.clarisse.requirements import OLDEST, too_old

SETUP = Path(__file__).resolve().parent.parent.parent / "setup.py"


def having(**versions: str) -> Callable[[str], Any]:
    """Modules of these versions; the others are as old as they may be."""
    def load(name: str) -> ModuleType:
        module = ModuleType(name)
        version = versions.get(name, ".".join(map(str, OLDEST[name][1])))
        if version:
            module.__dict__["__version__"] = version
        module.__file__ = "/studio/%s/__init__.py" % name
        return module

    return load


@pytest.mark.parametrize("versions", [
    {}, {"requests": "2.100.0"}, {"yaml": "6.0.1"}, {"filelock": "3.12.2rc1"}, {"requests": ""},
], ids=["just new enough", "numbers, not letters", "a third number", "a candidate", "unknown"])
def test_what_is_new_enough_is_not_told(versions: dict[str, str]) -> None:
    assert too_old(having(**versions)) == []


@pytest.mark.parametrize("versions, told", [
    ({"requests": "2.9.1"}, ["requests 2.9.1 in /studio/requests/__init__.py is older than 2.28"]),
    ({"yaml": "5.4.1"}, ["PyYAML 5.4.1 in /studio/yaml/__init__.py is older than 6.0"]),
    ({"yaml": "3", "filelock": "3.0.12"}, ["PyYAML 3 in", "filelock 3.0.12 in"]),
], ids=["requests", "PyYAML by its name", "two"])
def test_what_is_too_old_is_named_with_its_place(versions: dict[str, str], told: list[str]) -> None:
    found = too_old(having(**versions))
    assert len(found) == len(told)
    assert all(line.startswith(start) for line, start in zip(found, told))


def test_setup_asks_for_the_same_releases() -> None:
    asked = dict(re.findall(r'"(requests|PyYAML|filelock)>=([\d.]+)"', SETUP.read_text("utf-8")))
    assert asked == {package: ".".join(map(str, oldest)) for package, oldest in OLDEST.values()}


def test_the_start_says_so_and_registers_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.setattr(yaml, "__version__", "5.1")
    with session() as ix:
        assert startup.start()
        (line,) = driver.log("warning")
        assert line.startswith("ConductorJob: PyYAML 5.1 in ") and "update it there" in line
        assert ix.application.get_factory().get_classes().exists("ConductorJob") is not None
