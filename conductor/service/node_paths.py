"""Where a workstation's path lies on the render node."""

from __future__ import annotations

import posixpath
import re
from typing import Sequence

from conductor.lib.errors import ArgumentError

_WINDOWS = re.compile(r"[A-Za-z]:|\\\\")
_WINDOWS_PREFIX = re.compile(r"[A-Za-z]:|//")
_DRIVE = re.compile(r"^([A-Za-z]:)?(/.*)$", re.DOTALL)


class NodePaths:
    """The farm's path map; a path that no rule names only loses its drive.

    Args:
        rules: pairs of prefixes, workstation first. The longest matching one wins; prefixes match
            whole folder names, Windows ones whatever their case.
    """

    def __init__(self, rules: Sequence[tuple[str, str]] = ()) -> None:
        cleaned = [(_slashes(source).rstrip("/"), target.rstrip("/")) for source, target in rules]
        self._rules = sorted(cleaned, key=lambda rule: -len(rule[0]))

    def node_path(self, path: str) -> str:
        """The absolute node path of a manifest's ``destination`` or of an ``output_path``.

        Raises:
            ArgumentError: the path is not absolute, climbs with "..", or is the root itself.
        """
        plain = _slashes(path)
        for source, target in self._rules:
            if _starts_with(plain, source):
                return _checked(target + plain[len(source):], path)
        match = _DRIVE.match(plain)
        if not match:
            raise ArgumentError('"%s" is not an absolute path' % path)
        return _checked(match.group(2), path)


def _slashes(path: str) -> str:
    return path.replace("\\", "/") if _WINDOWS.match(path) else path


def _starts_with(path: str, prefix: str) -> bool:
    if _WINDOWS_PREFIX.match(prefix):
        path, prefix = path.lower(), prefix.lower()
    return path == prefix or path.startswith(prefix + "/")


def _checked(path: str, original: str) -> str:
    if "\0" in path or ".." in path.split("/"):
        raise ArgumentError('"%s" may hold neither ".." nor a zero character' % original)
    clean = "/" + posixpath.normpath(path).lstrip("/")
    if clean == "/":
        raise ArgumentError('"%s" is the root: name a folder or file below it' % original)
    return clean
