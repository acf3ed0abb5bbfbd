"""Remembers the MD5 of files that have not changed, between runs and between processes.

Only a help: whatever goes wrong with its file, hashing goes on without it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
import threading
import time
from typing import Callable, Container, Iterator, Sequence, Tuple

from conductor.lib.local_disks import read_local_devices

LOG = logging.getLogger(__name__)

FILE_NAME = "hashes.sqlite3"
# A new meaning of the columns gets a new table: older clients keep theirs.
TABLE = "hashes_3"
YOUNG_S = 2.0
KEPT_DAYS = 90
BUSY_S = 5.0
FLUSH_ROWS = 500
# Older SQLite takes 999 parameters.
ASKED_AT_ONCE = 500
_DAY_S = 86400
_LARGEST = (1 << 63) - 1


State = Tuple[str, int, int, int]
"""Path, size in bytes, time of the last change in ns, inode (0 where it does not count)."""


class HashCache:
    """MD5 by path, size, time of last change, and on local disks inode. Threads may share it.

    Args:
        path: its file; made when absent, readable by the user alone.
        clock: epoch seconds.
        local: devices on which the inode counts: a file that another took the place of, with its
            size and time kept, is another file.
    """

    def __init__(
        self, path: str, clock: Callable[[], float] = time.time,
        local: Container[int] | None = None,
    ) -> None:
        self.path = path
        self._clock = clock
        self._local = read_local_devices() if local is None else local
        self._lock = threading.Lock()
        self._new: list[tuple[bytes, int, int, int, str, int]] = []
        self._connection: sqlite3.Connection | None = None
        with self._trouble_means_none():
            self._connection = self._open()

    @property
    def works(self) -> bool:
        """False after the first trouble."""
        return self._connection is not None

    def state(self, path: str, size: int, mtime_ns: int, device: int, inode: int) -> State:
        """What a file is known by, from its path and the results of ``os.stat``."""
        # SQLite has no more than 63 bits.
        return path, size, mtime_ns, inode & _LARGEST if device in self._local else 0

    def get(self, state: State) -> str | None:
        """The MD5 of the file in that state, if it is remembered."""
        return self.get_many([state])[0]

    def get_many(self, states: Sequence[State]) -> list[str | None]:
        """:meth:`get` of many at once, in their order."""
        keys = [_key(state[0]) for state in states]
        rows: list[tuple[bytes, int, int, int, str]] = []
        with self._lock, self._trouble_means_none():
            for start in range(0, len(keys), ASKED_AT_ONCE):
                some = keys[start:start + ASKED_AT_ONCE]
                if self._connection is not None:
                    rows += self._connection.execute(
                        "SELECT path, size, mtime_ns, inode, md5 FROM %s WHERE path IN (%s)" % (
                            TABLE, ",".join("?" * len(some))), some).fetchall()
        known = {row[0]: row for row in rows}
        found = [known.get(key) for key in keys]
        return [
            row[4] if row is not None and row[1:4] == state[1:] else None
            for row, state in zip(found, states)
        ]

    def put(self, state: State, md5: str) -> None:
        """Remember, unless the file is so young that a further write may leave no trace."""
        path, size, mtime_ns, inode = state
        now = self._clock()
        if now - mtime_ns / 1e9 < YOUNG_S:
            return
        with self._lock:
            self._new.append((_key(path), size, mtime_ns, inode, md5, int(now)))
            if len(self._new) >= FLUSH_ROWS:
                self._flush()

    def forget(self, path: str) -> None:
        """Drop what is remembered of a file: it proved wrong."""
        with self._lock, self._trouble_means_none():
            self._flush()
            if self._connection is not None:
                with self._connection:
                    self._connection.execute(
                        "DELETE FROM %s WHERE path = ?" % TABLE, (_key(path),)
                    )

    def close(self) -> None:
        """Write what is new, drop what is old, close the file."""
        with self._lock:
            if self._new:
                self._flush(prune=True)
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def __enter__(self) -> HashCache:
        return self

    def __exit__(self, *details: object) -> None:
        self.close()

    def _open(self) -> sqlite3.Connection:
        os.makedirs(os.path.dirname(os.path.abspath(self.path)), mode=0o700, exist_ok=True)
        # Made here so that its mode is ours: anybody who can write it can plant hashes.
        os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(self.path, timeout=BUSY_S, check_same_thread=False)
        try:
            with connection:
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS %s (path BLOB PRIMARY KEY, size INTEGER NOT NULL,"
                    " mtime_ns INTEGER NOT NULL, inode INTEGER NOT NULL, md5 TEXT NOT NULL,"
                    " used INTEGER NOT NULL) WITHOUT ROWID" % TABLE
                )
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def _flush(self, prune: bool = False) -> None:
        rows, self._new = self._new, []
        with self._trouble_means_none():
            if self._connection is None:
                return
            with self._connection:
                self._connection.executemany(
                    "INSERT OR REPLACE INTO %s VALUES (?, ?, ?, ?, ?, ?)" % TABLE, rows
                )
                if prune:
                    oldest = int(self._clock()) - KEPT_DAYS * _DAY_S
                    self._connection.execute("DELETE FROM %s WHERE used < ?" % TABLE, (oldest,))

    @contextlib.contextmanager
    def _trouble_means_none(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            LOG.warning('Going on without the hash cache "%s": %s', self.path, error)
            connection, self._connection = self._connection, None
            if connection is not None:
                with contextlib.suppress(sqlite3.Error):
                    connection.close()


def _key(path: str) -> bytes:
    """File names need not be text that SQLite can hold."""
    return os.fsencode(path)
