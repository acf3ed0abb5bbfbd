"""``conductor clarisse selfcheck``: ask a real Clarisse what nobody could verify."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Sequence

import click

from conductor.cli.options import examples, json_option
from conductor.cli.output import console, counted, note, print_json, table
from conductor.cli.selfcheck_report import (
    DIFFERS,
    NOT_ASKED,
    SAME,
    Row,
    answers_of_stand_in,
    compare,
    only_in_stand_in,
    read_report,
    script_text,
)
from conductor.lib.errors import ArgumentError


@click.command(epilog=examples(
    "conductor clarisse selfcheck > selfcheck.py",
    "conductor clarisse selfcheck --compare conductor-selfcheck.json",
))
@click.option("--compare", "report", metavar="REPORT",
              type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="Say where this report of the script and the stand-in differ.")
@click.option("--report", "target", metavar="FILE", default="",
              help="Where the script writes; default: conductor-selfcheck.json in the home folder.")
@click.option("--risky", is_flag=True, help="Let the script also ask what may end Clarisse.")
@json_option
def selfcheck(report: Path | None, target: str, risky: bool, as_json: bool) -> None:
    """Print a script that asks Clarisse how it behaves where the stand-in had to guess.

    Run it in Clarisse's script editor, in a new and empty project: it takes seconds, removes what
    it made, and writes a small report without anything of a scene in it.
    """
    if report is None:
        if as_json:
            raise ArgumentError("--json belongs to --compare: without it a script is printed")
        click.echo(script_text(target, risky), nl=False)
        return
    if target or risky:
        raise ArgumentError("--report and --risky change the script: give them without --compare")
    found = read_report(report)
    own = answers_of_stand_in()
    rows, extra = compare(found, own), only_in_stand_in(found, own)
    if as_json:
        print_json({"clarisse": found.get("clarisse"), "python": found.get("python"),
                    "only_in_stand_in": extra, "rows": [row._asdict() for row in rows]})
    else:
        _tell(found, rows, extra)


def _tell(report: dict[str, Any], rows: Sequence[Row], extra: Sequence[str]) -> None:
    target = console()
    target.print("Clarisse %s, Python %s" % (report.get("clarisse"), report.get("python")))
    shown = [row for row in rows if row.verdict != SAME]
    if shown:
        target.print(table(
            ("question", "Clarisse", "stand-in", "what to do"),
            [(row.name, _text(row.clarisse), _text(row.stand_in), _what(row)) for row in shown]))
    if extra:
        target.print("The stand-in has what this Clarisse lacks: " + ", ".join(extra))
    note("%s the same, %d differing, %d not asked" % (
        counted(sum(row.verdict == SAME for row in rows), "answer"),
        sum(row.verdict == DIFFERS for row in rows),
        sum(row.verdict == NOT_ASKED for row in rows)))


def _what(row: Row) -> str:
    return "not asked: " + row.advice if row.verdict == NOT_ASKED else row.advice


def _text(value: Any) -> str:
    return "" if value is None else repr(value)
