"""From the paths a user names to the files of a submission, each once."""

from __future__ import annotations

import logging
import os
import stat as stat_bits
from typing import Iterable, Iterator

from conductor.lib.errors import UploadError
from conductor.lib.paths import destination
from conductor.lib.submission import FileStat, UploadFile

LOG = logging.getLogger(__name__)


def upload_files(paths: Iterable[str]) -> tuple[UploadFile, ...]:
    """Every file at or below `paths`, sorted by destination, none twice; stats taken, not hashed.

    ``~`` and environment variables are expanded where no such file exists literally; relative paths
    start at the current folder. Symbolic links are followed, to folders too (a loop ends at the
    folder it comes back to); the manifest names the link. In a folder, broken links and things
    that are no files are logged and left out; an empty folder adds nothing.

    Raises:
        UploadError: with every path that is absent or cannot be listed.
    """
    found: dict[str, UploadFile] = {}
    failures: list[tuple[str, str]] = []
    for path in paths:
        for file in _at(_absolute(path), failures):
            found.setdefault(file.destination, file)
    if failures:
        raise UploadError("%d of the paths to upload cannot be used:" % len(failures), failures)
    return tuple(found[name] for name in sorted(found))


def read_path_list(path: str) -> list[str]:
    """The lines of a text file that lists paths; empty lines are left out.

    Raises:
        UploadError: the file cannot be read.
    """
    try:
        with open(path, encoding="utf-8") as handle:
            return [line.strip() for line in handle if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise UploadError("The list of paths cannot be read:", [(path, str(error))]) from error


def _absolute(path: str) -> str:
    if not os.path.lexists(path):
        path = os.path.expandvars(os.path.expanduser(path))
    return os.path.abspath(path)


def _at(path: str, failures: list[tuple[str, str]]) -> Iterator[UploadFile]:
    try:
        found = os.stat(path)
    except OSError as error:
        failures.append((path, error.strerror or str(error)))
        return
    if stat_bits.S_ISDIR(found.st_mode):
        yield from _below(path, failures, ())
    elif stat_bits.S_ISREG(found.st_mode):
        yield UploadFile(path, destination(path), None, FileStat.of(found))
    else:
        failures.append((path, "It is neither a file nor a folder."))


def _below(
    folder: str, failures: list[tuple[str, str]], above: tuple[tuple[int, int], ...],
) -> Iterator[UploadFile]:
    """Files below `folder`; `above` identifies the folders on the way, to notice loops."""
    try:
        here = os.stat(folder)
        names = sorted(os.listdir(folder))
    except OSError as error:
        failures.append((folder, error.strerror or str(error)))
        return
    identity = (here.st_dev, here.st_ino)
    if identity in above:
        LOG.warning('"%s" leads back to a folder above it and is left out.', folder)
        return
    base, here_too = destination(folder).rstrip("/") + "/", os.path.join(folder, "")
    for name in names:
        path = here_too + name
        try:
            found = os.stat(path)
        except OSError as error:
            LOG.warning('"%s" is left out: %s', path, error.strerror or error)
            continue
        if stat_bits.S_ISREG(found.st_mode):
            target = destination(path) if "\\" in name else base + name
            # One text for both where they are equal: there may be 100,000.
            yield UploadFile(
                path, path if target == path else target, None, FileStat.of(found))
        elif stat_bits.S_ISDIR(found.st_mode):
            yield from _below(path, failures, above + (identity,))
        else:
            LOG.warning('"%s" is left out: it is neither a file nor a folder.', path)
