"""The log of the command: a rotating file in the user's folder, warnings on the terminal too.

Nothing is written, and no folder made, before there is something to log.
"""

from __future__ import annotations

import logging
import logging.handlers
import os
from typing import Any

import click

from conductor.lib.config import Config
from conductor.lib.errors import ConfigError

FILE_NAME = "conductor.log"
FOLDER = "log"
LARGEST = 1_000_000
"""Bytes of one file; then it is kept under another name and a new one begun."""
KEPT = 5
_FORMAT = "%(asctime)s %(process)d %(levelname)-7s %(name)s: %(message)s"
_OWN = "conductor_command"
_LOG = logging.getLogger("conductor")


def is_dev_mode() -> bool:
    """True when whoever works on this program wants to see everything on the terminal."""
    return os.environ.get("CONDUCTOR_MODE", "").lower() == "dev"


def log_path(config: Config | None = None) -> str:
    """The file that is written now; without a configuration the usual place."""
    folder = os.path.join(os.path.expanduser("~"), ".conductor", FOLDER)
    if config is not None:
        folder = config["log_dir"] or os.path.join(config["user_dir"], FOLDER)
    return os.path.join(folder, FILE_NAME)


class _File(logging.handlers.RotatingFileHandler):
    """Makes its folder when the first record comes; a full or read-only disk stops no work."""

    def _open(self) -> Any:
        os.makedirs(os.path.dirname(self.baseFilename), exist_ok=True)
        return super()._open()

    def handleError(self, record: logging.LogRecord) -> None:
        """Nobody to tell: the log is where one would look."""


class _Terminal(logging.Handler):
    """One line on standard error, wherever that leads at the moment (above a progress bar)."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write it; a level below warning is not worth its name."""
        level = "%s: " % record.levelname.lower() if record.levelno >= logging.WARNING else ""
        text = record.getMessage()
        if record.exc_text and is_dev_mode():
            text += "\n" + record.exc_text
        try:
            click.echo("conductor: %s%s" % (level, text), err=True)
        except OSError:
            self.handleError(record)


def start(config: Config | None, terminal: int | None = logging.WARNING) -> str:
    """Begin to log, in place of what an earlier call began; returns the file's path.

    Args:
        config: where and how much; the usual when it could not be read.
        terminal: lowest level that is shown on standard error too; None for nothing.
    """
    level = _level(config)
    path = log_path(config)
    write_to(path)
    if terminal is not None:
        _add(_Terminal(level if is_dev_mode() else terminal))
    _LOG.setLevel(level)
    return path


def write_to(path: str) -> None:
    """Log to this file alone, in place of what an earlier call began."""
    stop()
    _add(_File(path, maxBytes=LARGEST, backupCount=KEPT, encoding="utf-8", delay=True))
    _LOG.setLevel(logging.INFO)


def _add(handler: logging.Handler) -> None:
    from conductor.lib.transport import RedactingFilter

    handler.set_name(_OWN)
    handler.setFormatter(logging.Formatter(_FORMAT))
    handler.addFilter(RedactingFilter())
    _LOG.addHandler(handler)


def _level(config: Config | None) -> int:
    if config is None:
        return logging.INFO
    name = str(config["log_level"]).upper()
    level = logging.getLevelName(name)
    if not isinstance(level, int):
        raise ConfigError('The setting log_level (%s) cannot be "%s": it must be CRITICAL, ERROR, '
                          "WARNING, INFO or DEBUG." % (config.origin("log_level"), name))
    return level


def stop() -> None:
    """End what :func:`start` began; without it nothing happens."""
    for handler in [one for one in _LOG.handlers if one.get_name() == _OWN]:
        _LOG.removeHandler(handler)
        handler.close()


def current_path() -> str | None:
    """The file that is being written, None when no log was started."""
    for handler in _LOG.handlers:
        if isinstance(handler, _File):
            return handler.baseFilename
    return None
