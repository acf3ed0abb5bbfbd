"""What a real Clarisse answered to the selfcheck, beside what the stand-in answers."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from conductor.clarisse import headless, selfcheck
from conductor.clarisse.headless import driver
from conductor.clarisse.headless.documented import DOCUMENTED
from conductor.clarisse.headless.switches import DEFAULTS
from conductor.lib.errors import InputError

FORMAT = 1
SCRIPT_NAME = "<selfcheck>"

SAME, DIFFERS, NOT_ASKED = "same", "differs", "not asked"


class Row(NamedTuple):
    """One question.

    Attributes:
        clarisse, stand_in: the answers; None where there is none.
        verdict: :data:`SAME`, :data:`DIFFERS` or :data:`NOT_ASKED`.
        advice: what to do about it, or why it was not asked.
    """

    name: str
    clarisse: Any
    stand_in: Any
    verdict: str
    advice: str


def script_text(report: str = "", risky: bool = False) -> str:
    """The script to run in Clarisse.

    Args:
        report: where it writes; empty means ``conductor-selfcheck.json`` in the home folder.
        risky: also ask what may end Clarisse.
    """
    names = {owner: sorted(set(re.findall(r"(\w+)\(", rows)) - {"__init__"})
             for owner, (_, rows) in DOCUMENTED.items()}
    folder = Path(selfcheck.__file__).parent
    text = "\n\n".join((folder / part).read_text(encoding="utf-8") for part in selfcheck.PARTS)
    for name, value in (("REPORT", report), ("RISKY", risky), ("NAMES", names)):
        before, _, after = re.split(r"(?m)^(%s = .*)$" % name, text, maxsplit=1)
        text = "%s%s = %r%s" % (before, name, value, after)
    return text


def answers_of_stand_in(**switches: Any) -> dict[str, Any]:
    """The report of the script when it runs on the stand-in, with these switches set."""
    with tempfile.TemporaryDirectory() as folder, headless.session() as ix:
        for name, value in switches.items():
            setattr(driver.host().switches, name, value)
        path = Path(folder) / "report.json"
        script = compile(script_text(str(path), risky=True), SCRIPT_NAME, "exec")
        exec(script, {"ix": ix, "__name__": "__main__"})
        return read_report(path)


def read_report(path: Path) -> dict[str, Any]:
    """A report as the script wrote it.

    Raises:
        InputError: it is none, or of another release.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise InputError('"%s" is no report of the selfcheck: %s' % (path, error)) from error
    if not isinstance(found, dict) or found.get("conductor_selfcheck") != FORMAT or not all(
            isinstance(found.get(part), dict) for part in ("answers", "skipped", "failed")):
        raise InputError(
            '"%s" is no report of this release\'s selfcheck: run the script that "conductor '
            'clarisse selfcheck" prints in Clarisse again.' % path)
    return found


def compare(report: dict[str, Any], own: dict[str, Any]) -> list[Row]:
    """Every question of both, those that differ first."""
    names = dict.fromkeys([*own["answers"], *own["failed"], *report["answers"],
                           *report["skipped"], *report["failed"]])
    rows = [_row(name, report, own) for name in names]
    return sorted(rows, key=lambda row: (DIFFERS, NOT_ASKED, SAME).index(row.verdict))


def only_in_stand_in(report: dict[str, Any], own: dict[str, Any]) -> list[str]:
    """Names that the stand-in offers and that Clarisse does not have."""
    return sorted(set(report.get("missing_names", ())) - set(own["missing_names"]))


def _row(name: str, report: dict[str, Any], own: dict[str, Any]) -> Row:
    expected = own["answers"].get(name)
    if name not in report["answers"]:
        reason = report["skipped"].get(name) or report["failed"].get(name, "an older script")
        return Row(name, None, expected, NOT_ASKED, reason)
    found = report["answers"][name]
    if name not in own["answers"]:
        return Row(name, found, None, DIFFERS, "the stand-in cannot tell; it is new knowledge")
    if found == expected and type(found) is type(expected):
        return Row(name, found, expected, SAME, "")
    return Row(name, found, expected, DIFFERS, _advice(name, found))


def _advice(name: str, found: Any) -> str:
    if name not in DEFAULTS:
        return "change the stand-in and docs/clarisse-host-notes.md"
    if type(found) is type(DEFAULTS[name]):
        return "set switches.%s = %r" % (name, found)
    return "the switch %s has no such position: change the stand-in" % name
