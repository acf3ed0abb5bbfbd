"""Tables, sizes, findings and progress, on a terminal and in a pipe."""

from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from conductor.cli.output import (
    console,
    counted,
    facts,
    print_findings,
    seconds_text,
    state_text,
    table,
    time_text,
)
from conductor.cli.progress_bar import ProgressBar, StageBar
from conductor.lib import checks
from conductor.lib.progress import Progress

ESCAPE = "\x1b"


def pipe() -> Console:
    return Console(file=io.StringIO(), width=100)


def terminal() -> Console:
    return Console(file=io.StringIO(), width=100, force_terminal=True, color_system="standard")


def written(target: Console) -> str:
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def test_a_table_shows_every_cell_as_it_is() -> None:
    target = pipe()
    target.print(table(("name", "size"), [("[bold]odd[/] name", 12), ("b", 3)], numbers=("size",)))
    lines = written(target).splitlines()
    assert [line.split() for line in lines if "odd" in line] == [["[bold]odd[/]", "name", "12"]]
    assert [line for line in lines if line.startswith("b")][0].rstrip().endswith(" 3")


def test_in_a_pipe_nothing_is_cut(capsys: pytest.CaptureFixture[str],
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    console().print(table(("path",), [("/a" * 70,)]))
    assert "/a" * 70 in capsys.readouterr().out


def test_states_are_coloured_on_a_terminal_only() -> None:
    for target, colored in ((terminal(), True), (pipe(), False)):
        target.print(state_text("failed"))
        assert (ESCAPE in written(target)) is colored
        assert "failed" in written(target)


@pytest.mark.parametrize(("value", "shown"), [
    pytest.param("2026-11-22T03:38:42.125+00:00", "2026-11-22 05:38:42", id="iso"),
    pytest.param("2026-11-22T03:38:42Z", "2026-11-22 05:38:42", id="zulu"),
    pytest.param("2026-11-22T03:38:42", "2026-11-22 05:38:42", id="without zone it is UTC"),
    pytest.param("2026-11-22T03:38:42-05:00", "2026-11-22 10:38:42", id="another zone"),
    pytest.param(0, "1970-01-01 02:00:00", id="epoch"),
    pytest.param("yesterday", "yesterday", id="no time"),
    pytest.param(1e30, "1e+30", id="no time of this world"),
    pytest.param(None, "", id="none"),
    pytest.param("", "", id="empty"),
])
def test_times_are_those_of_the_wall(
    value: object, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "XYZ-2")
    time.tzset()
    try:
        assert time_text(value) == shown
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


@pytest.mark.parametrize(("seconds", "shown"), [
    (None, ""), (0, "0.00"), (1.254, "1.25"), (59.9, "59.90"), (60, "1:00"), (200.4, "3:20"),
    (3599.7, "1:00:00"), (7500, "2:05:00"),
])
def test_how_long(seconds: float | None, shown: str) -> None:
    assert seconds_text(seconds) == shown


def test_counted() -> None:
    assert [counted(number, "file") for number in (0, 1, 2)] == ["0 files", "1 file", "2 files"]


def test_facts_are_a_pair_a_line() -> None:
    target = pipe()
    target.print(facts([("job", "[x]"), ("a long name", 3)]))
    assert [line.split() for line in written(target).splitlines()] == [
        ["job", "[x]"], ["a", "long", "name", "3"]]


def test_findings_are_a_line_each() -> None:
    target = pipe()
    print_findings([
        checks.error("output-path-missing", "project://scene/image", "has no save_as [x]"),
        checks.warning("catalogue-unknown", "service", "names are not checked"),
    ], target)
    assert written(target) == (
        "error project://scene/image: has no save_as [x] [output-path-missing]\n"
        "warning service: names are not checked [catalogue-unknown]\n"
    )


STEPS = [
    Progress("hashing", 1, 2, 10, 30, 0.1), Progress("hashing", 2, 2, 30, 30, 0.2),
    Progress("uploading", 1, 1, 2000, 2000, 0.5),
]


def test_progress_in_a_pipe_is_a_line_for_each_stage() -> None:
    target = pipe()
    with ProgressBar(target) as bar:
        for step in STEPS:
            bar(step)
    assert written(target) == (
        "hashing: 2 of 2 files, 30 B in 0.2 s\nuploading: 1 of 1 files, 2.0 kB in 0.5 s\n"
    )


def test_progress_on_a_terminal_is_a_bar_for_each_stage() -> None:
    target = terminal()
    with ProgressBar(target) as bar:
        for step in STEPS:
            assert bar(step) is None, "a progress bar never asks to stop"
    assert ESCAPE in written(target)
    for word in ("hashing", "uploading", "2/2", "1/1"):
        assert word in written(target)


def test_work_without_progress_writes_nothing() -> None:
    target = pipe()
    with ProgressBar(target):
        pass
    assert not written(target)


def test_a_window_s_line_is_written_when_its_stage_ends() -> None:
    target = pipe()
    with StageBar(target) as bar:
        for line, done in (("Starting", 0), ("Hashing: 1 of 2 files", 1),
                           ("Hashing: 2 of 2 files", 2), ("Uploading: 2 of 2 files", 2)):
            bar.show(line, done, 2)
    assert written(target).split("\n") == [
        "  Hashing: 2 of 2 files", "  Uploading: 2 of 2 files", "",
    ]


def test_a_window_s_line_is_a_bar_on_a_terminal() -> None:
    target = terminal()
    with StageBar(target) as bar:
        bar.show("Uploading: 1 of 2 files", 1, 2)
    assert "Uploading: 1 of 2 files" in written(target)
    assert ESCAPE in written(target)
