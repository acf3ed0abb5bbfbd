"""Which contents the service has: the database's rows beside the files of the store."""

from __future__ import annotations

import base64
import binascii
import time
from typing import AbstractSet, Iterable, Mapping, Optional, Tuple

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from conductor.lib.errors import ArgumentError
from conductor.service.database import Blob
from conductor.service.store import ContentStore, Stored

LOOK_UP_AT_ONCE = 30_000
"""SQLite takes 32,766 values in one statement."""


def checked_md5(value: object) -> str:
    """The wire's form of an MD5 digest, as given.

    Raises:
        ArgumentError: not the base64 of 16 bytes.
    """
    try:
        digest = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        digest = b""
    if len(digest) != 16:
        raise ArgumentError('"%s" is no MD5: base64 of 16 bytes is expected' % value)
    return str(value)


def remember(session: Session, stored: Stored) -> None:
    """Note a content that has just been stored; known ones stay as they are."""
    row = insert(Blob).values(
        sha256=stored.sha256, md5=stored.md5, size=stored.size, stored_at=time.time()
    )
    session.execute(row.on_conflict_do_nothing())


Key = Tuple[str, Optional[int]]
"""MD5 and size; None: any size."""


def known(session: Session, store: ContentStore, wanted: Iterable[Key]) -> AbstractSet[Key]:
    """Those of the contents wanted that are here."""
    return find(session, store, wanted).keys()


def find(session: Session, store: ContentStore, wanted: Iterable[Key]) -> Mapping[Key, Stored]:
    """The contents there are, by MD5 and size.

    A row whose file has vanished from the store counts as unknown: it is uploaded again.
    """
    keys = set(wanted)
    by_md5 = _rows(session, list({md5 for md5, _size in keys}))
    found = {}
    for md5, size in keys:
        for row in by_md5.get(md5, ()):
            if size in (None, row.size) and store.has(row.sha256):
                found[md5, size] = row
                break
    return found


def _rows(session: Session, md5s: list[str]) -> dict[str, list[Stored]]:
    by_md5: dict[str, list[Stored]] = {}
    columns = select(Blob.sha256, Blob.md5, Blob.size).order_by(Blob.stored_at, Blob.sha256)
    for start in range(0, len(md5s), LOOK_UP_AT_ONCE):
        part = md5s[start:start + LOOK_UP_AT_ONCE]
        # Rows as they are: objects that a session keeps track of cost ten times as much.
        for sha256, md5, size in session.execute(columns.where(Blob.md5.in_(part))):
            by_md5.setdefault(md5, []).append(Stored(sha256, md5, size))
    return by_md5
