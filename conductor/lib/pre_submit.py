"""The studio's own look at a submission before anything is written or sent.

``config.yml`` names a command or a Python function::

    hooks:
      pre_submit: python3 /studio/farm/check_job.py --strict    # or a list of words
      pre_submit_seconds: 30

    hooks:
      pre_submit: studio_farm.checks:look_at                    # module:function

It gets ``{"payload": ..., "submission_id": ..., "files": [...]}``: a command as JSON on its
standard input, a function as a dictionary of its own. It answers with findings, a list of
``{"level", "code", "subject", "message"}`` (a command as JSON on its standard output; nothing at
all is fine too), or refuses: a command by an exit code that is not 0, its error output being the
reason, a function by raising. Whatever it does, the payload stays as it was shown.

No shell is involved, and nothing of the submission stands in the command's arguments. The hook runs
beside the thread that asks; when its time is over, or the user cancels, a command is ended with all
it has started. A function cannot be ended: it is left alone, and its answer is ignored.
"""

from __future__ import annotations

import difflib
import importlib
import json
import os
import queue
import re
import shlex
import signal
import subprocess
import tempfile
import threading
import time
from typing import Any, Callable, List, Mapping, Optional, Tuple, Union

from conductor.lib.checks import Finding, Level, error, errors_of
from conductor.lib.config import Config
from conductor.lib.errors import Cancelled, ChecksError, ConfigError
from conductor.lib.submission import Submission

HOOK, LIMIT = "pre_submit", "pre_submit_seconds"
SECONDS = 60.0
"""How long a hook may take when the studio does not say."""

_FUNCTION = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_POLL_S = 0.1
_KEPT = 2000
_Answer = Tuple[Any, Optional[str]]
"""What a hook answered, and why it refused."""
_Ask = Callable[[Mapping[str, Any], "_Patience"], _Answer]
_Told = Union[str, List[str]]


def ask_pre_submit(
    submission: Submission, config: Config, cancel: threading.Event | None = None,
) -> tuple[Finding, ...]:
    """What the studio's hook finds; nothing where none is configured.

    A refusal, a time-out and an answer that cannot be read are findings of level error.

    Args:
        cancel: ends the hook when set.

    Raises:
        ConfigError: the configuration of the hook is not usable.
        Cancelled: ``cancel`` was set.
    """
    told, limit_s = _configured(config)
    if not told:
        return ()
    ask = _function(told) if isinstance(told, str) else _command(told)
    # Of its own: what the hook does to it changes nothing that is sent.
    given = json.loads(json.dumps(_given(submission)))
    try:
        answer, refusal = ask(given, _Patience(limit_s, cancel))
    except TimeoutError:
        return (error("pre-submit-failed", HOOK, (
            "The studio's check gave no answer within %g seconds (hooks.%s in config.yml)."
            % (limit_s, LIMIT))),)
    findings, complaint = _read(answer)
    if refusal is not None:
        findings.append(error("pre-submit-refused", HOOK, refusal))
    elif complaint:
        findings.append(error("pre-submit-failed", HOOK, complaint))
    return tuple(findings)


def enforce_pre_submit(
    submission: Submission, config: Config, cancel: threading.Event | None = None,
) -> tuple[Finding, ...]:
    """As :func:`ask_pre_submit`; ChecksError, with the messages, for findings of level error."""
    findings = ask_pre_submit(submission, config, cancel)
    errors = errors_of(findings)
    if errors:
        raise ChecksError("The studio's check stops the submission:\n" + "\n".join(
            "  %s: %s" % (one.subject, one.message) for one in errors))
    return findings


def has_pre_submit(config: Config) -> bool:
    """True where the studio has a hook; raises ConfigError."""
    return bool(_configured(config)[0])


def _given(submission: Submission) -> dict[str, Any]:
    return {
        "submission_id": submission.submission_id,
        "payload": submission.to_payload(),
        "files": [file.path for file in submission.upload_files],
    }


# ---------------------------------------------------------------- configured


def _configured(config: Config) -> tuple[_Told, float]:
    """The function, or the command's words; and seconds. Raises ConfigError."""
    table = config.get("hooks", {})
    for name in table:
        if name not in (HOOK, LIMIT):
            near = difflib.get_close_matches(name, (HOOK, LIMIT), 1)
            hint = ' Did you mean "%s"?' % near[0] if near else ""
            raise ConfigError('hooks: there is no hook "%s".%s' % (name, hint))
    return _words(table.get(HOOK)), _seconds(table.get(LIMIT, SECONDS))


def _words(told: Any) -> _Told:
    if told is None or told in ("", []):
        return ""
    if isinstance(told, str):
        if _FUNCTION.fullmatch(told):
            return told
        try:
            # Backslashes are parts of paths on Windows.
            return [word.strip("\"'") for word in shlex.split(told, posix=False)] \
                if os.name == "nt" else shlex.split(told)
        except ValueError as problem:
            raise ConfigError('hooks: %s="%s" is no command: %s' % (HOOK, told, problem)) from None
    if not isinstance(told, list) or not all(isinstance(word, str) and word for word in told):
        raise ConfigError("hooks: %s must be a command, a list of its words, or a function written "
                          'as module:function, not "%s"' % (HOOK, told))
    return told


def _seconds(told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, (int, float)) or told <= 0:
        raise ConfigError('hooks: %s must be a number above 0, not "%s"' % (LIMIT, told))
    return float(told)


# ---------------------------------------------------------------- asked


class _Patience:
    """How long a hook may still take; :meth:`check` is called again and again while waiting."""

    def __init__(self, limit_s: float, cancel: threading.Event | None) -> None:
        self._end = time.monotonic() + limit_s
        self._cancel = cancel

    def check(self) -> None:
        """Raises TimeoutError and Cancelled."""
        if self._cancel is not None and self._cancel.is_set():
            raise Cancelled("The submission was stopped while the studio's check ran.")
        if time.monotonic() > self._end:
            raise TimeoutError

    def slice_s(self) -> float:
        """How long to wait before the next :meth:`check`."""
        return max(0.0, min(_POLL_S, self._end - time.monotonic()))


def _command(words: list[str]) -> _Ask:
    def ask(given: Mapping[str, Any], patience: _Patience) -> _Answer:
        try:
            process = _start(words, json.dumps(given).encode("utf-8"))
        except OSError as problem:
            return None, 'the command "%s" cannot be started: %s' % (words[0], problem.strerror)
        try:
            out, err = _listen(process, patience)
        finally:
            _end(process)
        refusal = None
        if process.returncode:
            told = _text(err)[-_KEPT:].strip()
            refusal = told or "the command ended with exit code %d" % process.returncode
        return _text(out), refusal

    return ask


def _start(words: list[str], given: bytes) -> subprocess.Popen[bytes]:
    # Not through a pipe: waiting in slices forgets what was not written in the first one.
    with tempfile.TemporaryFile() as nameless:
        nameless.write(given)
        nameless.seek(0)
        return subprocess.Popen(
            words, stdin=nameless, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True)


def _listen(process: subprocess.Popen[bytes], patience: _Patience) -> tuple[bytes, bytes]:
    while True:
        patience.check()
        try:
            return process.communicate(timeout=patience.slice_s())
        except subprocess.TimeoutExpired:
            continue


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command that still runs, with all it has started."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except (AttributeError, OSError):  # Windows has no groups of this kind
            process.kill()
        process.communicate()


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _function(name: str) -> _Ask:
    def ask(given: Mapping[str, Any], patience: _Patience) -> _Answer:
        answers: queue.Queue[_Answer] = queue.Queue()
        threading.Thread(
            target=_run, args=(name, given, answers), name="conductor-hook", daemon=True,
        ).start()
        while True:
            patience.check()
            try:
                return answers.get(timeout=patience.slice_s())
            except queue.Empty:
                continue

    return ask


def _run(name: str, given: Mapping[str, Any], answers: queue.Queue[_Answer]) -> None:
    try:
        answers.put((_found(name)(given), None))
    except BaseException as problem:  # noqa: BLE001  a thread ends here: to raise is to refuse
        answers.put((None, str(problem) or type(problem).__name__))


def _found(name: str) -> Callable[[Mapping[str, Any]], Any]:
    module_name, _, function_name = name.partition(":")
    try:
        function: Callable[[Mapping[str, Any]], Any] = getattr(
            importlib.import_module(module_name), function_name)
    except (ImportError, AttributeError) as problem:
        raise ConfigError('hooks: %s="%s" cannot be found: %s' % (HOOK, name, problem)) from problem
    return function


# ---------------------------------------------------------------- answered


def _read(answer: Any) -> tuple[list[Finding], str]:
    """The findings of an answer, and what is wrong with the rest of it."""
    if isinstance(answer, str):
        if not answer.strip():
            return [], ""
        try:
            answer = json.loads(answer)
        except ValueError:
            return [], 'The studio\'s check answered no JSON: "%s".' % answer.strip()[:200]
    findings: list[Finding] = []
    for entry in answer if isinstance(answer, list) else [] if answer is None else [answer]:
        found = _finding(entry)
        if found is None:
            return findings, (
                "The studio's check must answer a list of objects with level (error, warning or "
                'info), code, subject and message, not "%s".' % str(entry)[:200])
        findings.append(found)
    return findings, ""


def _finding(entry: Any) -> Finding | None:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("message"), str):
        return None
    try:
        level = Level(str(entry.get("level", Level.ERROR.value)).lower())
    except ValueError:
        return None
    return Finding(level, str(entry.get("code") or "studio"), str(entry.get("subject") or HOOK),
                   entry["message"])
