"""Which file systems are on this machine's own disks: only there does an inode number stay with
its file, and no other machine hands the same one out."""

from __future__ import annotations

import os
from typing import Iterable

MOUNTS = "/proc/self/mountinfo"
LOCAL = frozenset((
    "btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "reiserfs", "tmpfs", "xfs", "zfs",
))


def local_devices(mounts: Iterable[str]) -> frozenset[int]:
    """Device numbers (``st_dev``) of the local file systems.

    Args:
        mounts: lines as Linux writes them: id, parent, ``major:minor``, ... ``-``, type, source.
    """
    found = set()
    for line in mounts:
        fields, _, rest = line.partition(" - ")
        words, kind = fields.split(), rest.split()[:1]
        if len(words) > 2 and kind and kind[0] in LOCAL:
            major, _, minor = words[2].partition(":")
            found.add(os.makedev(int(major), int(minor)))
    return frozenset(found)


def read_local_devices() -> frozenset[int]:
    """Those of this machine; none where the system does not tell."""
    try:
        with open(MOUNTS, encoding="utf-8", errors="replace") as handle:
            return local_devices(handle)
    except (OSError, ValueError):
        return frozenset()
