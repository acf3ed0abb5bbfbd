"""Where Clarisse keeps an artist's preferences, on each system: one folder a version.

The folders were seen in submitters that shipped (cioclarisse 0.3.2, clarisse-add).
"""

from __future__ import annotations

import os
import platform
import re
from typing import Mapping, NamedTuple

from conductor.lib.errors import InputError

SYSTEMS = ("linux", "macos", "windows")
ENV_FILE = "clarisse.env"
OLDEST = (5,)
"""The first version of Clarisse that has Python 3."""

_VERSION = re.compile(r"\d+(\.\d+)*")
_PLACES = {
    "linux": ("{home}", ".isotropix", "clarisse"),
    "macos": ("{home}", "Library", "Preferences", "Isotropix", "Clarisse"),
    "windows": ("{appdata}", "Isotropix", "Clarisse"),
}


class PreferenceFolder(NamedTuple):
    """The preferences of one version.

    Attributes:
        version: as the folder is named, ``5.0``; empty for a folder that was named by hand.
        path: of the folder.
    """

    version: str
    path: str

    @property
    def env_file(self) -> str:
        """Path of the file that Clarisse reads its environment from; it need not exist."""
        return os.path.join(self.path, ENV_FILE)

    @property
    def has_python3(self) -> bool:
        """False for Clarisse 4 and older. An unknown version counts as new."""
        return not self.version or _numbers(self.version) >= OLDEST


def this_system(kernel: str = platform.system()) -> str:
    """One of :data:`SYSTEMS`; whatever is neither Windows nor macOS is laid out as Linux."""
    return {"Windows": "windows", "Darwin": "macos"}.get(kernel, "linux")


def root_folder(system: str, environ: Mapping[str, str]) -> str:
    """The folder that holds one folder a version; empty where the environment does not tell."""
    appdata, profile = environ.get("APPDATA", ""), environ.get("USERPROFILE", "")
    if not appdata and profile:
        appdata = os.path.join(profile, "AppData", "Roaming")
    values = {"home": environ.get("HOME", ""), "appdata": appdata}
    parts = [part.format(**values) for part in _PLACES[system]]
    return os.path.join(*parts) if parts[0] else ""


def find_folders(
    system: str, environ: Mapping[str, str], config_dir: str = "", version: str = ""
) -> list[PreferenceFolder]:
    """The preference folders, oldest version first.

    Args:
        system: one of :data:`SYSTEMS`.
        config_dir: where to look instead: a folder of folders, or one version's folder.
        version: only this one; ``5`` means all of Clarisse 5. Empty means all.

    Raises:
        InputError: there is none; the message says where it was looked for.
    """
    root = config_dir or root_folder(system, environ)
    found = _versions_in(root)
    if config_dir and not found and os.path.isdir(config_dir):
        name = os.path.basename(os.path.abspath(config_dir))
        found = [PreferenceFolder(name if _VERSION.fullmatch(name) else "", config_dir)]
    wanted = [folder for folder in found if _matches(folder.version, version)]
    if not wanted:
        raise InputError(_nothing_found(root, version, found))
    return wanted


def _versions_in(root: str) -> list[PreferenceFolder]:
    names = os.listdir(root) if root and os.path.isdir(root) else []
    found = [PreferenceFolder(name, os.path.join(root, name)) for name in names
             if _VERSION.fullmatch(name) and os.path.isdir(os.path.join(root, name))]
    return sorted(found, key=lambda folder: _numbers(folder.version))


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _matches(version: str, wanted: str) -> bool:
    return not wanted or version == wanted or version.startswith(wanted + ".")


def _nothing_found(root: str, version: str, found: list[PreferenceFolder]) -> str:
    looked = 'in "%s"' % root if root else "anywhere: neither HOME nor APPDATA is set"
    if found:
        return 'No preferences of Clarisse %s %s, only of %s.' % (
            version, looked, ", ".join(folder.version for folder in found))
    return (
        "No preferences of Clarisse %s. Clarisse makes the folder when it is started for the first "
        "time. If it lies elsewhere, name it with --config-dir." % (
            looked if root else "were looked for " + looked))
