"""The log of a task, read piece by piece: what is new since the last question."""

from __future__ import annotations

from typing import Any, Mapping

from conductor.lib.api_client import ApiClient, job_id, task_id
from conductor.lib.errors import ServiceError
from conductor.lib.states import TaskState

_ENDED = frozenset(state.value for state in TaskState if state.is_ended)


class TaskLog:
    """What one task says, over all its attempts.

    Attributes:
        status: state of the task when it was last asked for; empty before.
    """

    def __init__(self, client: ApiClient, jid: str, tid: str) -> None:
        self._client = client
        self._jid, self._tid = job_id(jid), task_id(tid)
        self._counts: list[int] = []
        self.status = ""

    @property
    def is_ended(self) -> bool:
        """True when the task was over at the last question: nothing new is to come."""
        return self.status in _ENDED

    def read(self) -> str:
        """The lines since the last call, each with its end; empty when there are none yet.

        Raises:
            ServiceError, AuthError: as every request.
        """
        text = ""
        while True:
            part = self._part()
            text += part
            # A long log comes in portions; the first that is empty is its end.
            if not part:
                return text

    def _part(self) -> str:
        answer = self._client.call("GET", "/get_log_file", {
            "job": self._jid, "task": self._tid, "num_lines[]": self._counts or [0],
        })
        try:
            content = answer.json()
            logs = content.get("logs") or ()
        except (ValueError, AttributeError):
            raise ServiceError("the service answered the request for a log with no JSON") from None
        self.status = str(content.get("task_status") or "")
        text = "".join(self._new_lines(index, log) for index, log in enumerate(logs))
        counts = content.get("new_num_lines")
        if isinstance(counts, list) and len(counts) == len(logs):
            self._counts = [int(count) for count in counts]
        return text

    def _new_lines(self, index: int, log: Mapping[str, Any]) -> str:
        lines = log.get("log") or ()
        lines = lines.splitlines() if isinstance(lines, str) else list(lines)
        if index >= len(self._counts):
            self._counts.append(0)
        self._counts[index] += len(lines)
        return "".join(str(line).rstrip("\n") + "\n" for line in lines)
