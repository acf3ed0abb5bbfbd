"""How the command line writes: tables and JSON to standard output, the rest to standard error."""

from __future__ import annotations

import json
import os
from datetime import datetime, timezone
from typing import Any, Iterable, Sequence

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conductor.lib.checks import Finding, Level

# A pipe has no edge: a path broken in two is no path.
_PIPE_WIDTH = 4000
_STYLES = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "dim"}
_STATE_STYLES = {
    "success": "green", "downloaded": "green", "failed": "bold red", "killed": "red",
    "running": "cyan", "holding": "yellow",
}


def console(stderr: bool = False) -> Console:
    """A console for standard output (or error); in a pipe plain text that is not wrapped early.

    Where the environment has NO_COLOR the text is plain on a terminal too.
    """
    found = Console(
        stderr=stderr, highlight=False, soft_wrap=False,
        color_system=None if os.environ.get("NO_COLOR") else "auto",
    )
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _PIPE_WIDTH
    return found


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def note(text: str) -> None:
    """One line beside the result: on standard error, so that a pipe holds the result alone."""
    click.echo(text, err=True)


def table(
    headings: Sequence[str], rows: Iterable[Sequence[Any]], numbers: Sequence[str] = ()
) -> Table:
    """A table of plain texts; the columns named in ``numbers`` are aligned right."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        made.add_column(heading, justify="right" if heading in numbers else "left",
                        overflow="fold")
    for row in rows:
        made.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
    return made


def facts(rows: Iterable[tuple[str, Any]]) -> Table:
    """Names and values, one pair a line."""
    made = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    made.add_column(no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        made.add_row(Text(name), value if isinstance(value, Text) else Text(str(value)))
    return made


def state_text(state: str) -> Text:
    """The state of a job or task, coloured on a terminal."""
    return Text(state, style=_STATE_STYLES.get(state, ""))


def time_text(value: Any) -> str:
    """A time of the wire (ISO text or epoch seconds) as the clock on the wall shows it.

    What is neither stays as it is; nothing is empty.
    """
    if value in (None, ""):
        return ""
    try:
        if isinstance(value, (int, float)):
            when = datetime.fromtimestamp(value, timezone.utc)
        else:
            # Without a zone the wire means UTC; "Z" is understood from Python 3.11 on only.
            when = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except (ValueError, OverflowError, OSError):
        return str(value)
    when = when if when.tzinfo else when.replace(tzinfo=timezone.utc)
    return when.astimezone().strftime("%Y-%m-%d %H:%M:%S")


def seconds_text(seconds: float | None) -> str:
    """``1.25`` below a minute, then ``3:20``, then ``2:05:00``; nothing is empty."""
    if seconds is None:
        return ""
    if seconds < 60:
        return "%.2f" % seconds
    minutes, rest = divmod(int(round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return "%d:%02d:%02d" % (hours, minutes, rest) if hours else "%d:%02d" % (minutes, rest)


def counted(number: int, noun: str) -> str:
    """``1 file``, ``3 files``."""
    return "%d %s%s" % (number, noun, "" if number == 1 else "s")


def print_findings(findings: Iterable[Finding], target: Console) -> None:
    """One line for each finding."""
    for finding in findings:
        text = Text(finding.level.value, style=_STYLES[finding.level])
        text.append(" ", style="")
        target.print(text.append("%s: %s [%s]" % (
            finding.subject, finding.message, finding.code), style="none"))
