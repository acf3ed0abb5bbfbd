"""What the findings window says, and when the artist may go on."""

from __future__ import annotations

import textwrap
from typing import Iterable, Iterator, Mapping, Sequence

from conductor.clarisse.pointing import in_words
from conductor.lib.checks import Finding, Level

WIDTH = 110
"""Signs in a line: Clarisse's text widget is not known to wrap."""
GROUPS = ((Level.ERROR, "Errors"), (Level.WARNING, "Warnings"), (Level.INFO, "Notes"))
COLORS: Mapping[Level, tuple[int, int, int]] = {
    Level.ERROR: (235, 105, 95), Level.WARNING: (230, 170, 80), Level.INFO: (150, 190, 150),
}
CONFIRMED = {
    "tasks-absurd": "Yes, so many tasks are meant",
    "upload-absurd": "Yes, so much is meant to be uploaded",
}
"""Findings that are not only read but ticked, by code; the text of the check box."""


def is_worth_asking(findings: Iterable[Finding]) -> bool:
    """True when something stops the submission or must be accepted."""
    return any(finding.level is not Level.INFO for finding in findings)


def confirmations(findings: Iterable[Finding]) -> list[str]:
    """Check boxes that must be ticked before the artist may go on."""
    codes = {finding.code for finding in findings if finding.level is Level.WARNING}
    return [text for code, text in CONFIRMED.items() if code in codes]


def may_continue(findings: Iterable[Finding], ticks: Iterable[bool] = ()) -> bool:
    """True without errors and with every check box ticked."""
    return all(ticks) and not any(finding.level is Level.ERROR for finding in findings)


def counts(findings: Sequence[Finding]) -> str:
    """``1 error, 2 warnings``; empty without any."""
    numbers = [
        (sum(finding.level is level for finding in findings), title)
        for level, title in GROUPS
    ]
    return ", ".join(
        "%d %s" % (number, title.lower()[:None if number > 1 else -1])
        for number, title in numbers if number)


def worst(findings: Iterable[Finding]) -> Level:
    """The worst level, that of a note without findings."""
    levels = {finding.level for finding in findings}
    return next((level for level, _ in GROUPS if level in levels), Level.INFO)


def headline(findings: Sequence[Finding]) -> str:
    """What is to be done with them, in one line."""
    if not may_continue(findings):
        return counts(findings) + ": correct the errors, nothing is sent before"
    if confirmations(findings):
        return counts(findings) + ": tick what is meant, then continue or cancel"
    return counts(findings) + ": continue with these, or cancel"


def findings_text(findings: Sequence[Finding]) -> str:
    """All findings by level: where, what, the files that are meant, and what helps."""
    blocks = []
    for level, title in GROUPS:
        found = [finding for finding in findings if finding.level is level]
        if found:
            heading = "%s (%d)" % (title.upper(), len(found))
            blocks.append("\n\n".join([heading, *("\n".join(_lines(one)) for one in found)]))
    return "\n\n\n".join(blocks)


def _lines(finding: Finding) -> Iterator[str]:
    yield place(finding)
    yield from wrapped(in_words(finding.message))
    for path in finding.files:
        yield "        " + path
    remedy = finding.remedy
    if remedy and remedy not in finding.message:
        yield from wrapped("What helps: " + remedy)


def place(finding: Finding) -> str:
    """``project://scene/rock.filename``: the item and its attribute, else the subject."""
    if finding.item and finding.attribute:
        return "%s.%s" % (finding.item, finding.attribute)
    return finding.item or finding.subject


def wrapped(text: str, indent: int = 4) -> list[str]:
    """Lines of at most :data:`WIDTH` signs; a path is never broken: it is there to be copied."""
    margin = indent * " "
    return [
        line for part in text.split("\n") for line in textwrap.wrap(
            part, WIDTH, initial_indent=margin, subsequent_indent=margin + "  " * (indent < 4),
            break_long_words=False, break_on_hyphens=False)]
