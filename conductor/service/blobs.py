"""Which contents the service has: the database's rows beside the files of the store."""

from __future__ import annotations

import json
import re
import time
from typing import Any, Iterable, Mapping, Optional, Tuple

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from conductor.lib.errors import ArgumentError
from conductor.service.database import Blob
from conductor.service.store import ContentStore, Stored

# In canonical form: the last of 22 digits holds but two bits.
_MD5 = re.compile(r"[A-Za-z0-9+/]{21}[AQgw]==")
# One parameter however many there are: as many as files cost more than the look-up itself.
_KNOWN = (
    "SELECT sha256, md5, size FROM blob WHERE md5 IN (SELECT value FROM json_each(?)) "
    "ORDER BY stored_at, sha256"
)
_REMEMBER = insert(Blob).on_conflict_do_nothing()


def checked_md5(value: object) -> str:
    """The wire's form of an MD5 digest, as given.

    Raises:
        ArgumentError: not the base64 of 16 bytes.
    """
    text = str(value)
    if not _MD5.fullmatch(text):
        raise ArgumentError('"%s" is no MD5: base64 of 16 bytes is expected' % value)
    return text


def remember(session: Session, *contents: Stored) -> None:
    """Note contents that have just been stored; known ones stay as they are."""
    now = time.time()
    if contents:
        session.connection().execute(_REMEMBER, [
            {"sha256": stored.sha256, "md5": stored.md5, "size": stored.size, "stored_at": now}
            for stored in contents
        ])


Key = Tuple[str, Optional[int]]
"""MD5 and size; None: any size."""


def known(
    session: Session, store: ContentStore, wanted: Iterable[tuple[str, int]]
) -> set[tuple[str, int]]:
    """Those of the contents wanted, by MD5 and size, that are here."""
    keys = set(wanted)
    return {
        (md5, size) for sha256, md5, size in _rows(session, keys)
        if (md5, size) in keys and store.has(sha256)
    }


def find(session: Session, store: ContentStore, wanted: Iterable[Key]) -> Mapping[Key, Stored]:
    """The contents there are, by MD5 and size; the oldest of several.

    A row whose file has vanished from the store counts as unknown: it is uploaded again.
    """
    keys = set(wanted)
    found: dict[Key, Stored] = {}
    for sha256, md5, size in _rows(session, keys):
        fitting = [key for key in ((md5, size), (md5, None)) if key in keys and key not in found]
        if fitting and store.has(sha256):
            found.update(dict.fromkeys(fitting, Stored(sha256, md5, size)))
    return found


def _rows(session: Session, keys: Iterable[Key]) -> Iterable[Any]:
    # Plain rows of the driver: this is asked for 100,000 files at a time.
    md5s = json.dumps([md5 for md5, _size in keys])
    return session.connection().exec_driver_sql(_KNOWN, (md5s,))
