"""Tables, sizes, findings and progress, on a terminal and in a pipe."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from conductor.cli.output import console, print_findings, state_text, table
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
