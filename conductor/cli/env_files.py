"""A ``clarisse.env`` on disk: read as it is, changed as a whole, kept as it was beside."""

from __future__ import annotations

import os
import shutil
from typing import Any, NamedTuple

from conductor.cli.clarisse_env import (
    LOCATION,
    STARTUP,
    STARTUP_FILE,
    installed,
    location_text,
    other_submitters,
    removed,
)
from conductor.lib.errors import ConductorError

BACKUP = ".before-conductor"

PUT_IN, TAKEN_OUT, UNCHANGED, NOT_THERE = (
    "installed", "taken out", "is so already", "was not installed")


class EnvFile(NamedTuple):
    """One file.

    Attributes:
        version: of the Clarisse it belongs to; may be empty.
        path: it need not exist.
        system: ``linux``, ``macos`` or ``windows``.
    """

    version: str
    path: str
    system: str


class Outcome(NamedTuple):
    """What was done with one file.

    Attributes:
        what: in words.
        remarks: what the artist should know.
    """

    version: str
    path: str
    what: str
    remarks: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return dict(self._asdict(), remarks=list(self.remarks))


def put_in(file: EnvFile, location: str, dry_run: bool = False) -> Outcome:
    """Let Clarisse find the plug-in; writes nothing when it does already.

    The file as it was is kept beside it, once.

    Raises:
        InputError: the location cannot be written into such a file.
        ConductorError: the file cannot be read or written.
    """
    written = location_text(location, file.system)
    before = _read(file.path)
    text = installed(before or "", written, file.system)
    if text != before and not dry_run:
        # Of the file as the artist knows it, not of one that holds our lines.
        is_theirs = before is not None and removed(before, file.system) == before
        _replace(file.path, text, _by_hand(written), backup=is_theirs)
    remarks = tuple(_other_submitter(script) for script in other_submitters(text, file.system))
    return Outcome(file.version, file.path, UNCHANGED if text == before else PUT_IN, remarks)


def take_out(file: EnvFile, dry_run: bool = False) -> Outcome:
    """Make the file what it was, but for what others changed since.

    Raises:
        ConductorError: the file cannot be read or written.
    """
    before = _read(file.path)
    text = removed(before or "", file.system)
    if before is None or text == before:
        return Outcome(file.version, file.path, NOT_THERE, ())
    if not dry_run:
        _restore(file.path, text)
    return Outcome(file.version, file.path, TAKEN_OUT, ())


def _restore(path: str, text: str) -> None:
    path = os.path.realpath(path)
    kept = _read(path + BACKUP)
    hint = "Take the block of the Conductor submitter out of it by hand."
    if kept is None and not text:
        # There was none before.
        try:
            os.remove(path)
        except OSError as error:
            raise _refused(path, error, hint) from error
        return
    _replace(path, text, hint, backup=False)
    if kept == text:
        os.remove(path + BACKUP)


def _read(path: str) -> str | None:
    """The text, whose odd bytes survive; None without a file."""
    try:
        with open(path, "rb") as handle:
            return handle.read().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConductorError("%s cannot be read: %s" % (path, error.strerror or error)) from error


def _replace(path: str, text: str, hint: str, backup: bool) -> None:
    # The studio's may be a link: what is behind it is written, the link stays.
    path = os.path.realpath(path)
    temporary = path + ".conductor-new"
    try:
        if backup:
            shutil.copy2(path, path + BACKUP)
        with open(temporary, "wb") as handle:
            handle.write(text.encode("utf-8", "surrogateescape"))
        if os.path.exists(path):
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except OSError as error:
        if os.path.exists(temporary):
            os.remove(temporary)
        raise _refused(path, error, hint) from error


def _refused(path: str, error: OSError, hint: str) -> ConductorError:
    return ConductorError("%s cannot be written: %s. %s" % (path, error.strerror or error, hint))


def _by_hand(location: str) -> str:
    return (
        "Ask who owns it to add these lines, or set the script in Clarisse's preferences (General, "
        "Startup Script):\n    %s=%s\n    %s=%s/%s" % (
            LOCATION, location, STARTUP, location, STARTUP_FILE))


def _other_submitter(script: str) -> str:
    return (
        "%s registers a ConductorJob too. Clarisse keeps the one that comes first: take that "
        "script out of %s to work with this one." % (script, STARTUP))
