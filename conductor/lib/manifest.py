"""From the paths a user names to the files of a submission, each once."""

from __future__ import annotations

import logging
import os
import re
import stat as stat_bits
from typing import Iterable, Iterator

from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import UploadError
from conductor.lib.path_patterns import PathPattern, varies
from conductor.lib.paths import destination, normalize
from conductor.lib.submission import FileStat, UploadFile

LOG = logging.getLogger(__name__)

_FRAME = re.compile(r"\$[0-9]?F(?![A-Za-z0-9_])")
_PRINTF = re.compile(r"%(?:0([1-9]))?d")
_WILD = re.compile(r"([*]+|[?]|#+|\$[0-9]?F(?![A-Za-z0-9_])|<(?i:udim)>)")
_WILDCARDS = {"*": ".*", "**": ".*", "?": "."}


def upload_files(paths: Iterable[str]) -> tuple[UploadFile, ...]:
    """Every file at or below `paths`, sorted by destination, none twice; stats taken, not hashed.

    ``~`` and environment variables are expanded where no such file exists literally; then numbers
    and tiles (``####``, ``%04d``, ``$F``, ``<UDIM>``) and ``*`` and ``?`` stand for all files on
    disk that fit. A bracket is always itself. Relative paths start at the current folder. Symbolic
    links are followed, to folders too (a loop ends at the folder it comes back to); the manifest
    names the link. In a folder, broken links and things that are no files are logged and left out;
    an empty folder adds nothing.

    Raises:
        UploadError: with every path that is absent or cannot be listed.
    """
    found: dict[str, UploadFile] = {}
    failures: list[tuple[str, str]] = []
    listing = DirectoryListing()
    for path in paths:
        for place in _places(_absolute(path), listing):
            for file in _at(place, failures):
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
        # $F is a frame number, whatever variable of that name there may be.
        kept = _FRAME.sub(lambda match: "\0" + match.group()[1:], os.path.expanduser(path))
        path = os.path.expandvars(kept).replace("\0", "$")
    return os.path.abspath(path)


def _places(path: str, listing: DirectoryListing) -> list[str]:
    """The path, or where there is no such thing what fits it as a pattern."""
    if os.path.lexists(path):
        return [path]
    pattern = _PRINTF.sub(lambda match: "#" * int(match.group(1) or 1), path)
    if "*" in pattern or "?" in pattern:
        found = _fitting(pattern)
    elif varies(pattern):
        found = listing.matching(PathPattern(normalize(pattern)).wildcards())
    else:
        return [path]
    return found or [path]


def _fitting(pattern: str) -> list[str]:
    """Files and folders that fit, component by component; ``*`` does not find hidden ones."""
    root, *parts = pattern.split(os.sep)
    found = [root + os.sep]
    for part in parts:
        if not ("*" in part or "?" in part or varies(part)):
            found = [path for path in (os.path.join(one, part) for one in found)
                     if os.path.lexists(path)]
            continue
        text = "".join(_WILDCARDS.get(piece) or _number(piece) or re.escape(piece)
                       for piece in _WILD.split(part) if piece)
        fits = re.compile(text + r"\Z", re.IGNORECASE if os.name == "nt" else 0).match
        found = [os.path.join(one, name) for one in found for name in _names(one)
                 if fits(name) and (not name.startswith(".") or part.startswith("."))]
    return found


def _number(piece: str) -> str:
    if not varies(piece):
        return ""
    return "[0-9]{%d,}" % len(piece) if piece.startswith("#") else "[0-9]+"


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


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
