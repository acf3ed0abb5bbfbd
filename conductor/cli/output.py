"""How the command line writes: tables and JSON to standard output, the rest to standard error."""

from __future__ import annotations

import json
import os
from typing import Any, Iterable, Sequence

import click
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from conductor.lib.checks import Finding, Level

_PIPE_WIDTH = 160
_STYLES = {Level.ERROR: "bold red", Level.WARNING: "yellow", Level.INFO: "dim"}
_STATE_STYLES = {
    "success": "green", "downloaded": "green", "failed": "bold red", "killed": "red",
    "running": "cyan", "holding": "yellow",
}


def console(stderr: bool = False) -> Console:
    """A console for standard output (or error); in a pipe plain text that is not wrapped early."""
    found = Console(stderr=stderr, highlight=False, soft_wrap=False)
    if not found.is_terminal and "COLUMNS" not in os.environ:
        found.width = _PIPE_WIDTH
    return found


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


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


def state_text(state: str) -> Text:
    """The state of a job or task, coloured on a terminal."""
    return Text(state, style=_STATE_STYLES.get(state, ""))


def print_findings(findings: Iterable[Finding], target: Console) -> None:
    """One line for each finding."""
    for finding in findings:
        text = Text(finding.level.value, style=_STYLES[finding.level])
        text.append(" ", style="")
        target.print(text.append("%s: %s [%s]" % (
            finding.subject, finding.message, finding.code), style="none"))
