"""States of jobs, tasks and uploads, shared by the client and the service.

The words are the wire's own (those of clients that use the live service), so a member compares
equal to the text that travels.
"""

from __future__ import annotations

from enum import Enum


class TaskState(str, Enum):
    """What a task is doing."""

    SYNC_PENDING = "sync_pending"
    """Waits for its inputs; goes to PENDING or HOLDING when they are there."""
    HOLDING = "holding"
    """Not a scout task: waits for the user; goes to PENDING when released."""
    PENDING = "pending"
    """Ready, waits for a free slot; goes to RUNNING."""
    RUNNING = "running"
    """An attempt is under way; goes to SUCCESS, FAILED, KILLED, or back to PENDING for a retry."""
    SUCCESS = "success"
    """Exit code 0 and outputs collected; goes to DOWNLOADED."""
    DOWNLOADED = "downloaded"
    """A downloader reported all outputs fetched. An end."""
    FAILED = "failed"
    """The last attempt allowed ended badly. Goes to PENDING when the user retries."""
    KILLED = "killed"
    """Stopped by the user. Goes to PENDING when the user retries."""

    @property
    def is_ended(self) -> bool:
        """True when nothing more happens by itself."""
        return self in (
            TaskState.SUCCESS, TaskState.DOWNLOADED, TaskState.FAILED, TaskState.KILLED,
        )


class JobState(str, Enum):
    """What a job is doing as a whole; follows from its tasks."""

    UPLOAD_PENDING = "upload_pending"
    """Waits for an uploader daemon. Our own word: the vendor's is not known."""
    SYNC_PENDING = "sync_pending"
    """Waits for its inputs."""
    PENDING = "pending"
    """Some task is ready, none runs."""
    RUNNING = "running"
    """Some task runs."""
    HOLDING = "holding"
    """Nothing runs or is ready; some tasks wait for the user."""
    SUCCESS = "success"
    """Every task succeeded."""
    DOWNLOADED = "downloaded"
    """Every task succeeded and was downloaded."""
    FAILED = "failed"
    """Every task ended, at least one failed."""
    KILLED = "killed"
    """Every task ended, none failed, at least one was killed."""

    @property
    def is_ended(self) -> bool:
        """True when nothing more happens by itself."""
        return self in (JobState.SUCCESS, JobState.DOWNLOADED, JobState.FAILED, JobState.KILLED)


class UploadState(str, Enum):
    """What happens to the files of a job that an uploader daemon brings."""

    PENDING = "pending"
    """Waits for a daemon of its location."""
    RUNNING = "running"
    """A daemon has claimed it."""
    SERVER_PENDING = "server_pending"
    """The daemon says all is sent."""
    FAILED = "failed"
    """The daemon gave up; the job cannot run."""
