"""The folders a daemon may touch: it reads and writes on behalf of others."""

from __future__ import annotations

import os
from typing import Iterable

from conductor.lib.errors import ConfigError, TransferError


class OutsideRoots(TransferError):
    """A path that does not lie below any of the folders a daemon was given."""


class Roots:
    """Folders with all that lies really below them, links followed.

    Args:
        folders: at least one; each must exist.

    Raises:
        ConfigError: none given, or one is no folder.
    """

    def __init__(self, folders: Iterable[str]) -> None:
        self._folders = [os.path.realpath(os.path.expanduser(folder)) for folder in folders]
        if not self._folders:
            raise ConfigError(
                "A daemon reads and writes on behalf of others: say below which folders it may "
                "(--root DIR, or the setting roots).")
        for folder in self._folders:
            if not os.path.isdir(folder):
                raise ConfigError('The root "%s" is not a folder.' % folder)

    def check(self, path: str) -> str:
        """The real path, which need not exist.

        Raises:
            OutsideRoots: it lies elsewhere, be it by ``..`` or by a link.
        """
        real = os.path.realpath(path)
        for root in self._folders:
            if real == root or real.startswith(os.path.join(root, "")):
                return real
        raise OutsideRoots(
            '"%s" is refused: it lies outside the folders this daemon may use (%s).' % (
                path, ", ".join('"%s"' % root for root in self._folders)))
