"""The narrow door to whatever runs attempts.

An *attempt* is one run of one task. The service names it, and an engine runs it at most once: it
never retries, holds, orders by dependency or moves files. All calls may be repeated safely.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Callable, Iterable, Mapping


class Outcome(str, Enum):
    """What an engine says of an attempt."""

    QUEUED = "queued"
    """Accepted, not started."""
    RUNNING = "running"
    """Started on ``host``."""
    SUCCEEDED = "succeeded"
    """Ended with exit code 0."""
    FAILED = "failed"
    """Ended otherwise: exit code, signal, or a time limit."""
    LOST = "lost"
    """The machine or the runner is gone, and no result was left."""
    CANCELLED = "cancelled"
    """Stopped on request; its processes are gone."""
    UNKNOWN = "unknown"
    """The engine has no memory of it."""

    @property
    def is_over(self) -> bool:
        """True when nothing of the attempt runs any more."""
        return self not in (Outcome.QUEUED, Outcome.RUNNING)


@dataclass(frozen=True)
class AttemptRequest:
    """Everything needed to run one attempt.

    Attributes:
        attempt_id: unique for ever.
        command: a shell command.
        environment: the whole environment of the command.
        log_path: gets standard output and error, appended.
        result_path: gets the result as JSON, atomically, by the runner.
        memory_gb: gigabytes wanted; not enforced by every engine.
        time_limit_s: seconds after which the attempt is stopped and counts as failed; None: never.
    """

    attempt_id: str
    command: str
    environment: Mapping[str, str]
    cwd: Path
    log_path: Path
    result_path: Path
    cores: int = 1
    memory_gb: float = 0.0
    features: tuple[str, ...] = ()
    priority: int = 5
    time_limit_s: float | None = None


@dataclass(frozen=True)
class AttemptStatus:
    """An engine's answer about one attempt; times are seconds since 1970."""

    outcome: Outcome
    host: str = ""
    started: float | None = None
    ended: float | None = None
    exit_code: int | None = None
    signal: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class EngineCapabilities:
    """What an engine can do.

    Attributes:
        cores: that may be used at once, over all attempts.
        poll_interval_s: how often polling makes sense; changes are told earlier by the
            ``on_change`` callback where the engine can.
    """

    name: str
    cores: int
    largest_cores: int
    largest_memory_gb: float
    holds_natively: bool = False
    is_reachable: bool = True
    poll_interval_s: float = 1.0


class Engine(ABC):
    """Runs attempts.

    Attributes:
        on_change: set by the service; called, from any thread, when :meth:`poll` has something
            new to say.
    """

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = _nothing

    @abstractmethod
    def capabilities(self) -> EngineCapabilities:
        """Limits and features."""

    @abstractmethod
    def validate(self, request: AttemptRequest) -> str | None:
        """None, or the reason why this can never run here."""

    @abstractmethod
    def submit(self, request: AttemptRequest) -> str:
        """Accept an attempt; the engine's reference to it. A known attempt id starts nothing."""

    @abstractmethod
    def poll(self, refs: Iterable[str]) -> dict[str, AttemptStatus]:
        """What is known of each reference, all in one go."""

    @abstractmethod
    def cancel(self, ref: str) -> bool:
        """Ask for an end; done when :meth:`poll` says so. False when there is nothing to ask."""

    @abstractmethod
    def set_priority(self, ref: str, priority: int) -> bool:
        """Change the place in the engine's queue; False when it has none."""

    @abstractmethod
    def list_mine(self) -> dict[str, str]:
        """References by attempt id of everything the engine still has."""

    @abstractmethod
    def close(self) -> None:
        """End what cannot outlive the service, and let go of the engine."""


def _nothing() -> None:
    """Nobody listens yet."""
