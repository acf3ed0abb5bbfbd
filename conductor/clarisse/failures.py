"""What the artist reads when something went wrong."""

from __future__ import annotations

import logging
import os
import traceback
from typing import Mapping

from conductor.clarisse.pointing import one_line
from conductor.lib.errors import ConductorError

LOGGER = logging.getLogger("conductor")
"""Root of all our loggers; its file handlers make the log file."""


def log_file() -> str:
    """Path of the log file, empty when none is written."""
    for handler in LOGGER.handlers:
        if isinstance(handler, logging.FileHandler):
            return handler.baseFilename
    return ""


def is_developing(environ: Mapping[str, str] = os.environ) -> bool:
    """True when stack traces are asked for by the environment."""
    return environ.get("CONDUCTOR_MODE", "").lower() == "dev"


def reason(error: BaseException) -> str:
    """The error in words: ours as it is, a stranger's with its type."""
    if isinstance(error, ConductorError):
        return one_line(str(error))
    if isinstance(error, KeyboardInterrupt):
        return "interrupted"
    text = one_line(str(error))
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


def describe(what: str, error: BaseException, with_traceback: bool) -> str:
    """One clear line, and where to read more."""
    told = "ConductorJob, %s: %s" % (what, reason(error))
    path = log_file()
    if path:
        told += " (log file: %s)" % path
    if with_traceback:
        lines = traceback.format_exception(type(error), error, error.__traceback__)
        told += "\n" + "".join(lines).rstrip()
    return told
