"""What surrounds an attempt on the node: its inputs in place, its outputs found and stored.

Outputs are told from everything else by comparing two listings of the output folder, before and
after the command. Therefore no two attempts run at once whose output folders overlap.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

from conductor.lib.errors import Cancelled, TransferError
from conductor.lib.submission import md5_text
from conductor.service.store import ContentStore, Stored, blocks

_Print = tuple[int, int, int]
"""Size, modification time in nanoseconds, inode."""


@dataclass(frozen=True)
class Input:
    """One file an attempt needs: where, which content, which permission bits."""

    node_path: str
    md5: str
    sha256: str
    size: int
    mode: int


@dataclass(frozen=True)
class Written:
    """One file an attempt wrote, already stored."""

    relative_path: str
    stored: Stored


class InputProblem(TransferError):
    """An input is not on the node as the job needs it; running again would not help."""


class JobInputs:
    """The inputs of one job; remembers which files it has checked as long as they do not change."""

    def __init__(self, store: ContentStore, inputs: tuple[Input, ...]) -> None:
        self._store = store
        self._inputs = inputs
        self._checked: dict[str, _Print] = {}
        # Two attempts of a job may be prepared at once.
        self._lock = threading.Lock()

    def place(self, stopped: Callable[[], bool]) -> None:
        """Have every input at its place: used where it is right, written where it is missing.

        Raises:
            InputProblem: one is there with other content, or cannot be read or written.
            Cancelled: ``stopped`` answered True.
        """
        with self._lock:
            for needed in self._inputs:
                if stopped():
                    raise Cancelled("stopped while preparing inputs")
                try:
                    self._place(needed, stopped)
                except OSError as error:
                    raise InputProblem(
                        'input "%s" cannot be put in place: %s' % (needed.node_path, error)
                    ) from error

    def gone(self) -> str | None:
        """The first input that is no longer as it was placed; None when all are.

        Whoever submitted from this machine may tidy up at any time: the service has the bytes.
        """
        for needed in self._inputs:
            try:
                found = _fingerprint(Path(needed.node_path))
            except OSError:
                found = None
            if found is None or self._checked.get(needed.node_path, found) != found:
                return needed.node_path
        return None

    def _place(self, needed: Input, stopped: Callable[[], bool]) -> None:
        path = Path(needed.node_path)
        found = _fingerprint(path)
        if found is None:
            self._write(needed, path)
            found = _fingerprint(path)
        if found is None or self._checked.get(needed.node_path) == found:
            return
        if found[0] != needed.size or _md5_of(path, stopped) != needed.md5:
            raise InputProblem(
                'input "%s" is on this machine with other content than the job was submitted with; '
                "it is left as it is. Submit again, or move the file away" % path
            )
        self._checked[needed.node_path] = found

    def _write(self, needed: Input, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(".%s.%d" % (path.name[:200], threading.get_ident()))
        try:
            _copy(self._store.path(needed.sha256), beside)
            beside.chmod(needed.mode)
            # A link fails where the name exists meanwhile: nothing is ever overwritten.
            os.link(beside, path)
        except FileExistsError:
            pass
        finally:
            beside.unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> None:
    with source.open("rb") as reading, target.open("wb") as writing:
        for block in blocks(reading):
            writing.write(block)


def _fingerprint(path: Path) -> _Print | None:
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino


def _md5_of(path: Path, stopped: Callable[[], bool]) -> str:
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as handle:
        for block in blocks(handle):
            if stopped():
                raise Cancelled('stopped while reading "%s"' % path)
            digest.update(block)
    return md5_text(digest.digest())


def listing(folder: Path) -> dict[str, _Print]:
    """All regular files below a folder by their relative path; links are not followed."""
    return {
        os.path.relpath(path, folder): (found.st_size, found.st_mtime_ns, found.st_ino)
        for path, found in _walk(folder)
    }


def _walk(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    todo = [str(folder)]
    while todo:
        with os.scandir(todo.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
                elif entry.is_file(follow_symlinks=False):
                    # Somebody else may tidy up meanwhile.
                    with suppress(FileNotFoundError):
                        yield entry.path, entry.stat(follow_symlinks=False)


def note_before(output_folder: Path, note: Path) -> None:
    """Make the output folder and write down what lies in it before the command runs.

    Raises:
        InputProblem: the folder cannot be made or read.
    """
    try:
        output_folder.mkdir(parents=True, exist_ok=True)
        before = listing(output_folder)
    except OSError as error:
        raise InputProblem(
            'output folder "%s" cannot be used: %s' % (output_folder, error)
        ) from error
    beside = note.with_name(note.name + ".new")
    beside.write_text(json.dumps(before), encoding="utf-8")
    os.replace(beside, note)


def collect(
    output_folder: Path, note: Path, store: ContentStore, stopped: Callable[[], bool]
) -> list[Written]:
    """Store every file that is new or changed since :func:`note_before`, in order of path.

    Raises:
        Cancelled: ``stopped`` answered True.
        TransferError: a file has a name that cannot travel.
        OSError: a file cannot be read, or the store not written.
    """
    noted = json.loads(note.read_text(encoding="utf-8"))
    before = {path: tuple(print_) for path, print_ in noted.items()}
    after = listing(output_folder)
    changed = sorted(path for path, print_ in after.items() if before.get(path) != print_)
    for path in changed:
        if not _is_utf8(path):
            raise TransferError("the output %a has a name that is not UTF-8" % path)
    return [Written(path, store.add_file(output_folder / path, stopped)) for path in changed]


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def overlaps(one: str, other: str) -> bool:
    """True when two folders are the same or one lies in the other; the empty path is no folder."""
    if not one or not other:
        return False
    one, other = one.rstrip("/") + "/", other.rstrip("/") + "/"
    return one.startswith(other) or other.startswith(one)
