"""The plug-in as one folder for Clarisse: built whole, exchanged at once, checked later.

::

    <folder>/conductor/            our lib and clarisse
    <folder>/dependencies/         what they need, pure Python 3.7, each with its licence
    <folder>/conductor-plugin.json what is in it, with hashes
    <folder>/README.txt            what to set in Clarisse

Nothing in it names its own place or is written later: it can be copied, moved, and lie on a share
that artists may only read.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any, Iterable, Iterator, NamedTuple

from conductor import __version__
from conductor.cli.plugin_parts import PACKAGE, PINS, our_files, sha256
from conductor.cli.plugin_wheels import PluginError, contents, fetch
from conductor.lib.errors import InputError

MANIFEST = "conductor-plugin.json"
DEPENDENCIES = "dependencies"
_README = """Conductor's submitter for Clarisse 5, version %s

Set in Clarisse's clarisse.env, with the path of this folder in both places:

    CONDUCTOR_LOCATION=<this folder>
    CLARISSE_STARTUP_SCRIPT=<this folder>/conductor/clarisse/startup.py

"conductor clarisse install --use <this folder>" does it. The folder can be moved and copied, and
nothing is written into it. %s lists its files,
"conductor clarisse plugin --check <this folder>" compares. The licences of others are in
dependencies/*.dist-info.
"""


class Difference(NamedTuple):
    """One file that is not as the manifest says: ``changed``, ``missing`` or ``unknown``."""

    what: str
    path: str


def build(target: Path, wheels: Path | None = None) -> dict[str, Any]:
    """Make the folder, or replace the one that is there; returns its manifest.

    It is put together beside its place and exchanged by renaming: whoever looks sees the old one
    or the new one. One that is up to date already is left alone.

    Args:
        wheels: a folder with the wheels of the dependencies, for a machine without package index.

    Raises:
        InputError: there is something else at that place.
        PluginError: the dependencies could not be had.
        OSError: it cannot be written.
    """
    # A studio's "current" may be a link: the folder behind it is exchanged, not the link.
    target = Path(os.path.realpath(str(target)))
    present = read_manifest(target) if _holds_plugin(target) else None
    if present is not None and _is_current(present) and not differences(target):
        return present
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=".%s." % target.name, dir=str(target.parent)))
    try:
        made = scratch / "plugin"
        manifest = _fill(made, wheels)
        exchange(made, target, scratch / "old")
    finally:
        shutil.rmtree(str(scratch), ignore_errors=True)
    return manifest


def read_manifest(folder: Path) -> dict[str, Any]:
    """What the folder holds.

    Raises:
        InputError: it is no folder of ours, or its manifest cannot be read.
    """
    path = folder / MANIFEST
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(found, dict) and isinstance(found.get("files"), dict):
            return found
    except FileNotFoundError:
        raise InputError(
            '"%s" is no folder of this plug-in: it has no %s. Make one with\n'
            "    conductor clarisse plugin DIR" % (folder, MANIFEST)) from None
    except ValueError:
        pass
    raise InputError('"%s" is damaged. Build the folder again.' % path)


def differences(folder: Path) -> list[Difference]:
    """Where the folder is not as its manifest says; what Python compiled by itself is left out.

    Raises:
        InputError: as :func:`read_manifest`.
    """
    noted = dict(read_manifest(folder)["files"])
    found = []
    for name, path in _files(folder):
        expected = noted.pop(name, None)
        if expected is None:
            found.append(Difference("unknown", name))
        elif sha256(path.read_bytes()) != expected:
            found.append(Difference("changed", name))
    return found + [Difference("missing", name) for name in noted]


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts and path.name != MANIFEST:
            yield path.relative_to(folder).as_posix(), path


def _holds_plugin(target: Path) -> bool:
    """True for a plug-in's folder; False where the place is free.

    Raises:
        InputError: something else is there, which is not ours to replace.
    """
    if not target.exists() or (target.is_dir() and not os.listdir(str(target))):
        return False
    if (target / MANIFEST).is_file():
        return True
    raise InputError(
        'There is something else at "%s": name a folder that does not exist yet, is empty, or '
        "holds an older plug-in." % target)


def _is_current(manifest: dict[str, Any]) -> bool:
    ours = {name: sha256(path.read_bytes()) for name, path in our_files()}
    noted = {name: found for name, found in manifest["files"].items()
             if name.startswith("conductor/")}
    return ours == noted and manifest.get("dependencies") == _dependencies()


def _dependencies() -> list[dict[str, str]]:
    return [{"name": pin.name, "version": pin.version, "sha256": pin.sha256} for pin in PINS]


def _fill(folder: Path, wheels: Path | None) -> dict[str, Any]:
    """Write everything, the manifest last."""
    with tempfile.TemporaryDirectory() as downloads:
        for wheel in fetch(Path(downloads), wheels):
            _write(folder, (("%s/%s" % (DEPENDENCIES, name), data)
                            for name, data in contents(wheel)))
    _write(folder, ((name, path.read_bytes()) for name, path in our_files()))
    _write(folder, _texts())
    manifest = {
        "name": "conductor-clarisse", "version": __version__, "python": "3.7 and newer",
        "dependencies": _dependencies(),
        "files": {name: sha256(path.read_bytes()) for name, path in _files(folder)},
    }
    _write(folder, [(MANIFEST, (json.dumps(manifest, indent=1) + "\n").encode())])
    _open_to_all(folder)
    return manifest


def _texts() -> Iterator[tuple[str, bytes]]:
    yield "README.txt", (_README % (__version__, MANIFEST)).encode()
    licence = _licence()
    if licence:
        yield "LICENSE", licence


def _licence() -> bytes:
    """From the checkout, or from what came with the installed package; empty without either."""
    checkout = PACKAGE.parent / "LICENSE"
    if checkout.is_file():
        return checkout.read_bytes()
    try:
        found = importlib.metadata.files("conductor-clarisse") or []
    except importlib.metadata.PackageNotFoundError:
        return b""
    files = [file for file in found if file.name == "LICENSE" and ".dist-info" in str(file)]
    return files[0].read_binary() if files else b""


def _write(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    for name, content in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _open_to_all(folder: Path) -> None:
    """Everybody may read, whatever the umask of who builds; the render script may be run."""
    for path in [folder, *folder.rglob("*")]:
        runs = path.is_dir() or (path.parent.name == "scripts" and not path.suffix)
        path.chmod(0o755 if runs else 0o644)


def exchange(made: Path, target: Path, aside: Path) -> None:
    """Put the new folder where the old one is, which goes aside.

    Raises:
        PluginError: the old one is in use and cannot be moved; it stays.
    """
    try:
        if target.exists():
            os.rename(str(target), str(aside))
        os.rename(str(made), str(target))
    except OSError as error:
        if aside.exists() and not target.exists():
            os.rename(str(aside), str(target))
        raise PluginError(
            '"%s" cannot be replaced: %s. Close every Clarisse that uses it, or build into '
            "another folder." % (target, error.strerror or error)) from error
