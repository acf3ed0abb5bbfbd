"""The dependencies of the plug-in: fetched by pip, checked by hash, taken apart without pip.

pip only downloads. Unpacking is ours, so that nothing is compiled for this Python, no script and no
note of this machine is written, and what was compiled for one system stays out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Iterator, Sequence

from conductor.cli.plugin_parts import PINS, Pin
from conductor.lib.errors import ConductorError

_COMPILED = (".so", ".pyd", ".dylib", ".dll")
_ANY = ("--implementation", "py", "--abi", "none", "--platform", "any")
# One of the systems: only what is the same on all of them is used.
_ONE_SYSTEM = ("--implementation", "cp", "--abi", "cp37m", "--platform", "manylinux2014_x86_64")
# Notes of an installer; the manifest of the folder says it all.
_INSTALLER_NOTES = ("RECORD", "WHEEL", "INSTALLER", "REQUESTED", "entry_points.txt")


class PluginError(ConductorError):
    """The plug-in's folder could not be made."""


def fetch(folder: Path, wheels: Path | None = None, pins: Sequence[Pin] = PINS) -> list[Path]:
    """Bring the wheels of all pins into a folder.

    Args:
        wheels: a folder that holds them already; no package index is asked then.

    Raises:
        PluginError: pip is not there, or failed; the message ends with what it said.
    """
    for has_compiled_part, platform in ((False, _ANY), (True, _ONE_SYSTEM)):
        wanted = [pin for pin in pins if pin.has_compiled_part == has_compiled_part]
        if wanted:
            _download(folder, wanted, platform, wheels)
    return sorted(folder.glob("*.whl"))


def _download(
    folder: Path, pins: Sequence[Pin], platform: Sequence[str], wheels: Path | None
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        requirements = Path(scratch) / "requirements.txt"
        requirements.write_text("".join(pin.requirement + "\n" for pin in pins), encoding="utf-8")
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-input", "--no-deps", "--only-binary=:all:", "--require-hashes",
            "--python-version", "3.7", *platform, "--dest", str(folder), "-r", str(requirements),
            *(("--no-index", "--find-links", str(wheels)) if wheels else ()),
        ]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace", env=_environment(bool(wheels)),
        )
    if done.returncode:
        raise PluginError(_failure(pins, wheels, done.stdout))


def _environment(is_offline: bool) -> dict[str, str]:
    """Ours; a folder of wheels must do alone."""
    kept = dict(os.environ)
    if is_offline:
        kept = {name: value for name, value in kept.items() if not name.startswith("PIP_")}
        kept["PIP_CONFIG_FILE"] = os.devnull
    return kept


def _failure(pins: Sequence[Pin], wheels: Path | None, said: str) -> str:
    names = ", ".join("%s %s" % (pin.name, pin.version) for pin in pins)
    if "No module named pip" in said:
        return (
            "%s has no pip, which fetches %s. Run this with a Python that has it "
            "(python -m ensurepip)." % (sys.executable, names))
    where = 'the folder "%s" does not hold them' % wheels if wheels else (
        "no package index was reached, or it does not have them; where there is none, bring the "
        "wheels in a folder and name it with --wheels")
    lines = [line for line in said.splitlines() if line.strip() and "WARNING" not in line]
    return "pip could not fetch %s: %s. It said:\n  %s" % (names, where, "\n  ".join(lines[-6:]))


def contents(wheel: Path) -> Iterator[tuple[str, bytes]]:
    """What of a wheel goes into the plug-in's folder: names with forward slashes, and bytes.

    Raises:
        PluginError: the file is no wheel, or would write outside the folder.
    """
    try:
        with zipfile.ZipFile(str(wheel)) as archive:
            for name in sorted(archive.namelist()):
                if not name.endswith("/") and _is_wanted(wheel, PurePosixPath(name)):
                    yield name, archive.read(name)
    except zipfile.BadZipFile as error:
        raise PluginError("%s is no wheel: %s" % (wheel.name, error)) from error


def _is_wanted(wheel: Path, name: PurePosixPath) -> bool:
    if name.is_absolute() or ".." in name.parts or "\\" in str(name) or ":" in str(name):
        raise PluginError('%s holds a file outside itself: "%s"' % (wheel.name, name))
    top = name.parts[0]
    if top.endswith(".data") or name.suffix in _COMPILED:
        return False
    return not (top.endswith(".dist-info") and name.name in _INSTALLER_NOTES)
