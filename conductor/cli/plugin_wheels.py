"""The dependencies of the plug-in: fetched by pip, checked by hash, taken apart without pip.

pip only downloads. Unpacking is ours, so that nothing is compiled for this Python, no script and no
note of this machine is written, and what was compiled for one system stays out.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath
from typing import Iterator, Sequence

from conductor.cli.plugin_parts import PINS, Pin, sha256
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
    """The wheels of all pins.

    Args:
        folder: where pip brings them; it need not be asked when ``wheels`` is given.
        wheels: a folder that holds them already, under whatever names.

    Raises:
        PluginError: pip is not there, or failed; the message ends with what it said. Or the folder
            of wheels does not hold them all.
    """
    if wheels is not None:
        return _picked(wheels, pins)
    for has_compiled_part, platform in ((False, _ANY), (True, _ONE_SYSTEM)):
        wanted = [pin for pin in pins if pin.has_compiled_part == has_compiled_part]
        if wanted:
            _download(folder, wanted, platform)
    return sorted(folder.glob("*.whl"))


def _picked(wheels: Path, pins: Sequence[Pin]) -> list[Path]:
    known = {sha256(path.read_bytes()): path for path in wheels.glob("*.whl")}
    missing = [pin for pin in pins if pin.sha256 not in known]
    if missing:
        raise PluginError('The folder "%s" lacks these wheels:%s' % (wheels, "".join(
            "\n  %s %s with SHA-256 %s" % (pin.name, pin.version, pin.sha256) for pin in missing)))
    return [known[pin.sha256] for pin in pins]


def _download(folder: Path, pins: Sequence[Pin], platform: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        requirements = Path(scratch) / "requirements.txt"
        requirements.write_text("".join(pin.requirement + "\n" for pin in pins), encoding="utf-8")
        command = [
            sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
            "--no-input", "--no-deps", "--only-binary=:all:", "--require-hashes",
            "--python-version", "3.7", *platform, "--dest", str(folder), "-r", str(requirements),
        ]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            encoding="utf-8", errors="replace",
        )
    if done.returncode:
        raise PluginError(_failure(pins, done.stdout))


def _failure(pins: Sequence[Pin], said: str) -> str:
    names = ", ".join("%s %s" % (pin.name, pin.version) for pin in pins)
    if "No module named pip" in said:
        return (
            "%s has no pip, which fetches %s. Run this with a Python that has it "
            "(python -m ensurepip)." % (sys.executable, names))
    lines = [line for line in said.splitlines() if line.strip() and "WARNING" not in line]
    return (
        "pip could not fetch %s. Where no package index can be reached, copy a plug-in that was "
        "built elsewhere, or bring the wheels in a folder (--wheels). pip said:\n  %s" % (
            names, "\n  ".join(lines[-6:])))


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
