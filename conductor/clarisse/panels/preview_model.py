"""What the preview says: a summary, the tasks, the files, and the payload itself."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import dataclass
from typing import Any, Iterable, Sequence

from conductor.clarisse.frames_info import frames_info
from conductor.clarisse.panels import findings_model
from conductor.clarisse.pointing import in_words
from conductor.clarisse.prepared import Prepared
from conductor.lib.checks import Level
from conductor.lib.errors import ConductorError
from conductor.lib.progress import size_text
from conductor.lib.submission import Task

SHOWN = 50
"""Tasks and files that the text lists; the rest is counted."""


@dataclass(frozen=True)
class Preview:
    """One preview; made by :func:`of`.

    Attributes:
        sent: what became of it, empty before it was sent.
    """

    prepared: Prepared
    sent: str = ""

    @property
    def headline(self) -> str:
        """One line above everything: what there is to see, or what became of it."""
        if self.sent:
            return self.sent + ". To send it once more, press Preview or Submit again."
        found = findings_model.counts(self.prepared.findings) or "no findings"
        summary = self.summary()
        size = " with " + size_text(summary["bytes"]) if summary["bytes"] else ""
        return "%d tasks, %d files%s, %s" % (summary["tasks"], summary["files"], size, found)

    @property
    def level(self) -> Level:
        """What colours the headline."""
        return findings_model.worst(() if self.sent else self.prepared.findings)

    def summary(self) -> dict[str, Any]:
        """The figures at the top, by the names that ``--json`` prints."""
        submission, settings = self.prepared.submission, self.prepared.settings
        return {
            "title": submission.job_title,
            "project": submission.project,
            "frames": frames_info(settings, self.prepared.scene.images),
            "tasks": len(submission.tasks),
            "files": len(submission.upload_files),
            "bytes": submission.upload_size or self.prepared.upload_bytes,
            "instance_type": submission.instance_type,
            "preemptible": submission.preemptible,
            "packages": list(settings.packages),
            "output_path": submission.output_path,
            "render_package": self.prepared.plan.path,
        }

    def to_json(self) -> dict[str, Any]:
        """Payload, summary and findings as plain values."""
        return {
            "payload": self.prepared.submission.to_payload(),
            "summary": self.summary(),
            "findings": [finding.to_json() for finding in self.prepared.findings],
        }

    def to_text(self) -> str:
        """The whole preview as text; long lists are cut at :data:`SHOWN` and counted."""
        submission = self.prepared.submission
        parts = [
            self._summary_lines(), self._finding_lines(),
            _section("Tasks", ["\n".join(_task(one)) for one in submission.tasks]),
            _section("Files to upload", [file.path for file in submission.upload_files]),
            ["Payload", json.dumps(shortened(submission.to_payload()), indent=2)],
        ]
        return "\n\n".join("\n".join(part) for part in parts if part)

    def _summary_lines(self) -> list[str]:
        summary = self.summary()
        preemptible = "preemptible" if summary["preemptible"] else "non-preemptible"
        size = ", " + size_text(summary["bytes"]) if summary["bytes"] else ""
        rows = [
            ("Title", summary["title"]),
            ("Project", summary["project"]),
            ("Frames", summary["frames"]),
            ("Tasks", str(summary["tasks"])),
            ("Files", "%d%s" % (summary["files"], size)),
            ("Machine", "%s, %s" % (summary["instance_type"] or "- not set -", preemptible)),
            ("Packages", ", ".join(summary["packages"]) or "none"),
            ("Output", summary["output_path"]),
            ("Render package", summary["render_package"]),
            ("Findings", findings_model.counts(self.prepared.findings) or "none"),
        ]
        # No columns: the font of Clarisse's text widget need not be one of equal widths.
        return ["%s: %s" % row for row in rows]

    def _finding_lines(self) -> list[str]:
        lines = [
            line for finding in self.prepared.findings for line in findings_model.wrapped(
                "%s: %s: %s" % (
                    finding.level.value, finding.subject, in_words(finding.message)), 2)
        ]
        return ["Findings"] + lines if lines else []


def of(prepared: Prepared, sent: str = "") -> Preview:
    """The preview of a prepared submission."""
    return Preview(prepared, sent)


def save_json(preview: Preview, path: str) -> str:
    """Write the whole payload, readable for this user only: its environment may hold secrets.

    Args:
        path: gets the extension ``.json`` when it has none.

    Returns:
        The path written.

    Raises:
        ConductorError: when it cannot be written; what was there is untouched.
    """
    whole = path if os.path.splitext(path)[1] else path + ".json"
    text = json.dumps(preview.prepared.submission.to_payload(), indent=2) + "\n"
    try:
        number, beside = tempfile.mkstemp(".part", dir=os.path.dirname(whole) or ".")
        try:
            with os.fdopen(number, "w", encoding="utf-8") as handle:
                handle.write(text)
            os.replace(beside, whole)
        except BaseException:
            os.remove(beside)
            raise
    except OSError as problem:
        raise ConductorError('"%s" cannot be written: %s. Choose another folder.' % (
            whole, problem.strerror or problem)) from problem
    return whole


def shortened(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload with its long lists cut and counted; for reading, never for sending."""
    return {key: _cut(value) if isinstance(value, list) else value
            for key, value in payload.items()}


def _cut(values: Sequence[Any]) -> list[Any]:
    more = len(values) - SHOWN
    return list(values[:SHOWN]) + (["... and %d more" % more] if more > 0 else [])


def _section(title: str, lines: Iterable[str]) -> list[str]:
    rows = list(lines)
    return ["%s (%d)" % (title, len(rows))] + ["  " + line for line in _cut(rows)]


def _task(task: Task) -> list[str]:
    # Clarisse's text widget is not known to wrap, and the frames stand at the end of a command.
    lines = findings_model.wrapped("%s: %s" % (task.frames, task.command), 2)
    return [lines[0][2:], *lines[1:]]
