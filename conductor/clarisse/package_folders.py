"""Whether a folder may be written to."""

from __future__ import annotations

import os


def is_read_only(folder: str) -> bool:
    """True for a folder that is there and cannot be written to."""
    return os.path.isdir(folder) and not os.access(folder, os.W_OK)


def can_be_filled(folder: str) -> bool:
    """True for an absolute path of a folder that may be written to, or that may be made."""
    if not os.path.isabs(folder):
        return False
    while not os.path.lexists(folder) and os.path.dirname(folder) != folder:
        folder = os.path.dirname(folder)
    return os.path.isdir(folder) and not is_read_only(folder)
