"""Whether a folder may be written to."""

from __future__ import annotations

import os


def is_read_only(folder: str) -> bool:
    """True for a folder that is there and cannot be written to."""
    return os.path.isdir(folder) and not os.access(folder, os.W_OK)
