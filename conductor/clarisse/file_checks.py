"""What is wrong with the files to upload themselves: empty, unreadable, too much in all."""

from __future__ import annotations

import os
import stat
from typing import Callable, Iterable, Iterator

from conductor.lib.checks import Finding, error, warning
from conductor.lib.progress import size_text

ABSURD_BYTES = 10 ** 12
LISTED = 20
"""Files of one kind that are named; the rest is counted."""

_EMPTY = '"%s" has no bytes. Write it again, or take it out of the scene.'
_UNREADABLE = '"%s" cannot be read (%s). Give yourself the right to read it.'


def check_files(
    files: Iterable[str], may_read: Callable[[str, int], bool] = os.access,
    limit: int = ABSURD_BYTES,
) -> tuple[Finding, ...]:
    """Look at each file once.

    Args:
        files: paths on this workstation; those that are not there are another check's.
        may_read: for tests: the administrator of a machine may read everything.
        limit: bytes of all files that are worth a question.
    """
    findings: list[Finding] = []
    total, count = 0, 0
    for path in files:
        try:
            about = os.stat(path)
        except FileNotFoundError:
            continue
        except OSError as problem:
            findings.append(error("file-unreadable", path, _UNREADABLE % (
                path, problem.strerror or problem)))
            continue
        if not stat.S_ISREG(about.st_mode):
            continue
        total, count = total + about.st_size, count + 1
        if not may_read(path, os.R_OK):
            findings.append(error("file-unreadable", path, _UNREADABLE % (path, "no permission")))
        elif not about.st_size:
            findings.append(warning("file-empty", path, _EMPTY % path))
    return (*_cut(findings), *_total(total, count, limit))


def total_bytes(files: Iterable[str]) -> int:
    """Size of the files that are on disk."""
    total = 0
    for path in files:
        try:
            total += os.stat(path).st_size
        except OSError:
            continue
    return total


def _cut(findings: list[Finding]) -> Iterator[Finding]:
    """The first of each kind, the others counted."""
    kinds: dict[str, list[Finding]] = {}
    for finding in findings:
        kinds.setdefault(finding.code, []).append(finding)
    for code, found in kinds.items():
        yield from found[:LISTED]
        if len(found) > LISTED:
            make = error if code == "file-unreadable" else warning
            yield make(code, "files", "... and %d more such files." % (len(found) - LISTED))


def _total(total: int, count: int, limit: int) -> Iterator[Finding]:
    if total > limit:
        yield warning("upload-absurd", "files", (
            "%d files with %s would be uploaded. Look for a folder or cache that is not needed."
            % (count, size_text(total))))
