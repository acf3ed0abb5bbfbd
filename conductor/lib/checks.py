"""Findings: what is worth telling before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Iterable


class Level(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Stops a submission."""
    WARNING = "warning"
    """Shown; the user may go on."""
    INFO = "info"
    """Logged."""


@dataclass(frozen=True)
class Finding:
    """One thing found.

    Attributes:
        code: stable name of the check, such as ``output-path-missing``; configuration turns
            checks off by it.
        subject: what it is about: an item, an attribute, a file, a setting.
        message: one sentence that quotes the text and says what to do.
    """

    level: Level
    code: str
    subject: str
    message: str

    def to_json(self) -> dict[str, str]:
        """A plain dictionary, as ``--json`` prints it."""
        return {
            "level": self.level.value, "code": self.code,
            "subject": self.subject, "message": self.message,
        }


def error(code: str, subject: str, message: str) -> Finding:
    """A finding that stops a submission."""
    return Finding(Level.ERROR, code, subject, message)


def warning(code: str, subject: str, message: str) -> Finding:
    """A finding that may be accepted."""
    return Finding(Level.WARNING, code, subject, message)


def info(code: str, subject: str, message: str) -> Finding:
    """A finding that is only logged."""
    return Finding(Level.INFO, code, subject, message)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Those that stop a submission."""
    return [finding for finding in findings if finding.level is Level.ERROR]
