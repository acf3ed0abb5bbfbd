"""Findings, the table of checks, and the levels that a configuration gives them."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest

from conductor.lib import checks
from conductor.lib.checks import (
    BY_CODE,
    CHECKS,
    Level,
    error,
    info,
    read_levels,
    warning,
    with_levels,
)
from conductor.lib.config import Config
from conductor.lib.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent.parent


def codes_in(path: Path) -> set[str]:
    """First arguments of every finding that is made in a file, and names put together there."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
            "error", "warning", "info", "make",
        ) and node.args and not isinstance(node.args[0], (ast.Name, ast.BinOp, ast.Subscript)):
            found.add(str(ast.literal_eval(node.args[0])))
    return found


def used() -> set[str]:
    folders = [ROOT / "conductor" / "lib", ROOT / "conductor" / "clarisse"]
    return set().union(*(codes_in(path) for folder in folders for path in folder.glob("*.py")))


def test_every_finding_belongs_to_a_check_of_the_table() -> None:
    assert used() - set(BY_CODE) == set()


def test_every_check_of_the_table_is_made_somewhere() -> None:
    # Their names are put together, or handed on.
    made = {"%s-%s" % (name, end) for name in ("project", "instance-type", "packages")
            for end in ("missing", "unknown")} | {"output-path-folder", "output-path-relative"}
    assert set(BY_CODE) - used() - made == set()
    assert len(BY_CODE) == len(CHECKS)


@pytest.mark.parametrize("row", CHECKS, ids=[row.code for row in CHECKS])
def test_each_check_says_when_and_what_to_do_in_a_sentence(row: checks.Check) -> None:
    for text in (row.about, row.remedy):
        assert text.endswith(".") and text[0].isupper() and "|" not in text
    assert row.code == row.code.lower()


def test_the_page_of_the_documentation_is_the_table() -> None:
    page = (ROOT / "docs" / "checks.md").read_text(encoding="utf-8")
    assert page == checks.documentation(), (
        "write it anew: python -c 'from conductor.lib import checks; "
        "print(checks.documentation(), end=\"\")' > docs/checks.md")


FOUND = (error("file-unreadable", "/a", "A."), warning("file-empty", "/b", "B."),
         info("tasks-many", "chunk_size", "C."))


@pytest.mark.parametrize("table, levels", [
    pytest.param({}, ["error", "warning", "info"], id="as they are"),
    pytest.param({"file-empty": "off"}, ["error", "info"], id="off"),
    pytest.param({"file-empty": False}, ["error", "info"], id="off as YAML reads it"),
    pytest.param({"file-empty": "error", "tasks-many": "Warning"}, ["error", "error", "warning"],
                 id="stricter"),
    pytest.param({"file-unreadable": "info"}, ["info", "warning", "info"], id="milder"),
])
def test_the_configuration_decides_the_level(table: dict[str, Any], levels: list[str]) -> None:
    assert [one.level.value for one in with_levels(FOUND, read_levels(table))] == levels


@pytest.mark.parametrize("table, told", [
    pytest.param({"file-emty": "off"}, 'Did you mean "file-empty"?', id="misspelled"),
    pytest.param({"zzz": "off"}, 'no check "zzz"', id="nothing near"),
    pytest.param({"file-empty": "loud"}, '"loud"', id="no level"),
    pytest.param({"file-empty": True}, "off, error, warning, info", id="on"),
])
def test_levels_that_make_no_sense(table: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_levels(table)
    assert told in str(caught.value)


def test_levels_come_from_file_and_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text("checks:\n  file-empty: off\n  tasks-many: warning\n", encoding="utf-8")
    config = Config.load({"CONDUCTOR_CHECKS": '{"tasks-many": "off"}', "HOME": "/no"}, str(path))
    assert read_levels(config["checks"]) == {"file-empty": "off", "tasks-many": "off"}


def test_json_holds_all_that_a_window_shows() -> None:
    assert FOUND[1].to_json() == {
        "level": "warning", "code": "file-empty", "subject": "/b", "item": "/b", "attribute": "",
        "text": "", "message": "B.", "remedy": BY_CODE["file-empty"].remedy, "files": [],
    }
    assert error("of-another-version", "x", "Y.").to_json()["remedy"] == ""
    assert error("a", "b", "c").level is Level.ERROR
