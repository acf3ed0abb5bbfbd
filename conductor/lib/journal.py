"""What became of each submission, one small file each: a lost answer must not make a second job."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from enum import Enum
from typing import Any, Callable, Iterable, Mapping

from conductor.lib.submission import PAYLOAD_ID, Submission

LOG = logging.getLogger(__name__)

FOLDER = "journal"
KEPT_DAYS = 30
_DAY_S = 86400
SETTLED_S = 600
"""A job that is not listed after this time was never made."""


class Outcome(str, Enum):
    """What is known of the job of a submission."""

    POSTING = "posting"
    """It is being sent; found later, it was interrupted there: as good as unknown."""
    UNKNOWN = "unknown"
    """The answer was lost."""
    SUBMITTED = "submitted"
    """The job exists."""
    REFUSED = "refused"
    """There is no job."""


@dataclass(frozen=True)
class Entry:
    """One submission.

    Attributes:
        url: the service it was sent to.
        fingerprint: equal for submissions that ask for the same work.
        time: epoch seconds of the last change.
        process: id of the process that wrote it.
    """

    submission_id: str
    url: str
    title: str
    project: str
    fingerprint: str
    outcome: Outcome
    job_id: str = ""
    time: float = 0.0
    process: int = 0

    @property
    def is_open(self) -> bool:
        """True while nobody knows whether the job exists."""
        return self.outcome in (Outcome.POSTING, Outcome.UNKNOWN)


def fingerprint(submission: Submission) -> str:
    """The same text for the same work: id, hashes and file stats do not count (the id is part of
    the render package's name)."""
    payload = replace(submission, upload_files=()).to_payload()
    lines = [json.dumps(payload, sort_keys=True)]
    lines.extend(file.destination for file in submission.upload_files)
    digest = hashlib.sha256()
    for line in lines:
        line = line.replace(submission.submission_id, "").replace(
            submission.submission_id[:8], "")
        digest.update(line.encode("utf-8", "surrogateescape") + b"\n")
    return digest.hexdigest()


class Journal:
    """The entries of one user. A folder that cannot be written is logged, never an error.

    Args:
        user_dir: the user's folder; entries lie in ``journal`` below it.
        clock: epoch seconds.
    """

    def __init__(self, user_dir: str, clock: Callable[[], float] = time.time) -> None:
        self.folder = os.path.join(user_dir, FOLDER)
        self._clock = clock

    def write(
        self, submission: Submission, url: str, outcome: Outcome, job_id: str = "",
    ) -> Entry:
        """Note what is known of a submission now."""
        entry = Entry(
            submission.submission_id, url, submission.job_title, submission.project,
            fingerprint(submission), outcome, job_id, self._clock(), os.getpid(),
        )
        self.settle(entry)
        return entry

    def settle(self, entry: Entry) -> None:
        """Replace the note of a submission."""
        try:
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=".entry.", dir=self.folder)
            with os.fdopen(handle, "w", encoding="utf-8") as stream:
                json.dump(dict(asdict(entry), outcome=entry.outcome.value), stream)
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(temporary, os.path.join(self.folder, entry.submission_id + ".json"))
        except OSError as error:
            LOG.warning("The journal is not kept: %s", error)

    def entries(self) -> list[Entry]:
        """All that can be read, oldest first; those past their time are removed."""
        try:
            names = sorted(os.listdir(self.folder))
        except OSError:
            return []
        found = []
        for name in names:
            path = os.path.join(self.folder, name)
            entry = _read(path) if name.endswith(".json") else None
            if entry is None:
                continue
            if self._clock() - entry.time > KEPT_DAYS * _DAY_S:
                _remove(path)
            else:
                found.append(entry)
        return sorted(found, key=lambda entry: entry.time)

    def open_entries(self, url: str) -> list[Entry]:
        """Those of a service whose outcome nobody knows, but for what this process is sending."""
        return [
            entry for entry in self.entries()
            if entry.url == url and entry.is_open
            and not (entry.outcome is Outcome.POSTING and entry.process == os.getpid())
        ]

    def resolve(self, url: str, jobs: Iterable[Mapping[str, Any]]) -> list[Entry]:
        """Compare the open entries with the jobs of the service, by the submission's id in their
        metadata; those found to have a job, noted as such.

        An entry without a job is closed too once it is old enough not to be on its way, but only
        if the list tells metadata at all.
        """
        known: dict[str, str] = {}
        tells = False
        for job in jobs:
            metadata = job.get("metadata")
            if isinstance(metadata, Mapping) and metadata.get(PAYLOAD_ID):
                tells = True
                job_id = job.get("jid") or job.get("jobid") or ""
                known[str(metadata[PAYLOAD_ID])] = str(job_id)
        found = []
        for entry in self.open_entries(url):
            if entry.submission_id in known:
                entry = replace(
                    entry, outcome=Outcome.SUBMITTED, job_id=known[entry.submission_id])
                found.append(entry)
            elif tells and self._clock() - entry.time > SETTLED_S:
                entry = replace(entry, outcome=Outcome.REFUSED)
            self.settle(entry)
        return found


def _read(path: str) -> Entry | None:
    try:
        with open(path, encoding="utf-8") as handle:
            data: dict[str, Any] = json.load(handle)
        return Entry(**dict(data, outcome=Outcome(data["outcome"])))
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError as error:
        LOG.debug("cannot remove %s: %s", path, error)
