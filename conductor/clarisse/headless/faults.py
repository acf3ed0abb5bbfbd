"""What the stand-in raises where Clarisse itself would go down."""

from __future__ import annotations

from conductor.lib.errors import SceneError


class HostCrash(SceneError):
    """Clarisse would have crashed here: an exception left a handler, or an item was gone."""
