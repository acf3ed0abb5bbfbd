"""What the plug-in's folder is made of: our own files, and pinned releases of others.

Every pin runs on Python 3.7, the interpreter of Clarisse 5, and is taken without compiled parts, so
that one folder serves every system. urllib3 stays at 1.26: 2.x refuses the OpenSSL 1.0 that a
Python 3.7 on CentOS 7 is usually built with. certifi is the list of authorities: renew it now and
then (``pip download --no-deps certifi``, then the SHA-256 of the wheel).
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Iterator, NamedTuple

import conductor

PACKAGE = Path(conductor.__file__).parent
"""The installed package ``conductor``."""

OUR_PARTS = ("lib", "clarisse")
"""The folders of it that run inside Clarisse."""


class Pin(NamedTuple):
    """One release of a dependency.

    Attributes:
        sha256: of its wheel, as the package index had it when the pin was set.
        has_compiled_part: its wheels are made per system; the part is left out, the rest does.
    """

    name: str
    version: str
    sha256: str
    has_compiled_part: bool = False

    @property
    def requirement(self) -> str:
        """As pip reads it, with the hash."""
        return "%s==%s --hash=sha256:%s" % (self.name, self.version, self.sha256)


PINS = (
    Pin("requests", "2.31.0", "58cd2187c01e70e6e26505bca751777aa9f2ee0b7f4300988b709f44e013003f"),
    Pin("urllib3", "1.26.20", "0ed14ccfbf1c30a9072c7ca157e4319b70d65f623e91e7b32fadb2853431016e"),
    Pin("idna", "3.10", "946d195a0d259cbba61165e88e65941f16e9b36ea6ddb97f00452bae8b1287d3"),
    Pin("certifi", "2026.10.18",
        "73191c47aaa79da394e8fee2dbc2ec827432cab56311122c9e47abf79e390f62"),
    Pin("charset-normalizer", "3.4.1",
        "d98b1668f06378c6dbefec3b92299716b931cd4e6061f3c875a71ced1780ab85"),
    Pin("filelock", "3.12.2", "cbb791cdea2a72f23da6ac5b5269ab0a0d161e9ef0100e653b69049a7706d1ec"),
    Pin("PyYAML", "6.0.1", "baa90d3f661d43131ca170712d903e6295d1f7a0f595074f151c0aed377c9b9c",
        has_compiled_part=True),
)


def our_files() -> Iterator[tuple[str, Path]]:
    """Our files by the name they get below the plug-in's folder, sorted."""
    found = [PACKAGE / "__init__.py"]
    for part in OUR_PARTS:
        found += (path for path in (PACKAGE / part).rglob("*") if path.is_file())
    for path in sorted(found):
        if "__pycache__" not in path.parts and path.suffix not in (".pyc", ".pyo"):
            yield "conductor/" + path.relative_to(PACKAGE).as_posix(), path


def sha256(content: bytes) -> str:
    """As the manifest notes it."""
    return hashlib.sha256(content).hexdigest()
