"""What the findings window says, and when one may go on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.panels import findings_model as model
from conductor.lib.checks import Finding, Level, error, info, warning

BAD = error("project-missing", "project", "No project is chosen.")
GONE = replace(
    warning("file-missing", "project://scene/tex.filename", '"/t/a.png" is not on disk.'),
    item="project://scene/tex", attribute="filename", files=("/t/a.png", "/t/b c.png"))
MANY = warning("tasks-absurd", "chunk_size", "The job has 14,400 tasks.")
HUGE = warning("upload-absurd", "files", "9 files with 2.0 TB would be uploaded.")
NOTE = info("tasks-many", "chunk_size", "The job has 1,200 tasks. Raise the chunk size.")


@pytest.mark.parametrize("findings, is_asked, boxes, headline", [
    ((), False, 0, None),
    ((NOTE,), False, 0, None),
    ((GONE,), True, 0, "1 warning: continue with these, or cancel"),
    ((GONE, NOTE, MANY), True, 1, "2 warnings, 1 note: tick what is meant"),
    ((MANY, HUGE), True, 2, "2 warnings: tick what is meant"),
    ((BAD, GONE, MANY), True, 1, "1 error, 2 warnings: correct the errors"),
    ((replace(MANY, level=Level.INFO), GONE), True, 0, "1 warning, 1 note: continue"),
], ids=["none", "notes", "warning", "absurd tasks", "both absurd", "error", "made a note"])
def test_what_is_asked(
    findings: tuple[Finding, ...], is_asked: bool, boxes: int, headline: str | None
) -> None:
    assert model.is_worth_asking(findings) is is_asked
    assert len(model.confirmations(findings)) == boxes
    if headline is not None:
        assert model.headline(findings).startswith(headline)


@pytest.mark.parametrize("findings, ticks, may", [
    ((GONE,), [], True), ((GONE, MANY), [False], False), ((GONE, MANY), [True], True),
    ((MANY, HUGE), [True, False], False), ((BAD, GONE), [], False), ((BAD, MANY), [True], False),
])
def test_when_one_may_go_on(
    findings: tuple[Finding, ...], ticks: list[bool], may: bool
) -> None:
    assert model.may_continue(findings, ticks) is may


def test_errors_come_first_each_with_place_message_and_remedy() -> None:
    text = model.findings_text([NOTE, GONE, BAD])
    order = [text.index(part) for part in (
        "ERRORS (1)", "\nproject\n", "    No project is chosen.",
        "    What helps: Choose one of the Project menu.",
        "WARNINGS (1)", "\nproject://scene/tex.filename\n", '    "/t/a.png" is not on disk.',
        "        /t/a.png\n        /t/b c.png\n", "    What helps: Restore the files",
        "NOTES (1)", "chunk_size\n")]
    assert order == sorted(order)
    assert text.count("Raise the chunk size.") == 1, "a remedy in the message is not repeated"


def test_a_level_without_findings_has_no_heading() -> None:
    assert "ERRORS" not in model.findings_text([GONE]) and model.findings_text([]) == ""


@pytest.mark.parametrize("findings, worst", [
    ((NOTE, BAD, GONE), Level.ERROR), ((NOTE, GONE), Level.WARNING), ((NOTE,), Level.INFO),
    ((), Level.INFO),
])
def test_the_worst_level_gives_the_colour(findings: tuple[Finding, ...], worst: Level) -> None:
    assert model.worst(findings) is worst
    assert worst in model.COLORS


words = st.lists(st.text("ab/.-", min_size=1, max_size=140), max_size=30)


@settings(max_examples=100)
@given(words)
def test_wrapping_loses_and_breaks_no_word(parts: list[str]) -> None:
    lines = model.wrapped(" ".join(parts))
    assert " ".join(lines).split() == parts
    for line in lines:
        assert len(line) <= model.WIDTH or len(line.split()) == 1
        assert line.startswith("    ")
