"""The oldest releases of other packages that the plug-in works with.

Clarisse's own Python, or another plug-in, may have brought older ones: they stay in force, since
modules are shared by all that runs in Clarisse.
"""

from __future__ import annotations

import importlib
import re
from typing import Any, Callable, Mapping

OLDEST: Mapping[str, tuple[str, tuple[int, ...]]] = {
    "requests": ("requests", (2, 28)),
    "yaml": ("PyYAML", (6, 0)),
    "filelock": ("filelock", (3, 4)),
}
"""By the name of the module: the package's name and its oldest release. setup.py asks the same."""


def too_old(load: Callable[[str], Any] = importlib.import_module) -> list[str]:
    """One sentence for each package whose loaded release is older than it may be.

    Args:
        load: gives a module by its name.

    Raises:
        ImportError: a package is not there at all.
    """
    found = []
    for module_name, (package, oldest) in OLDEST.items():
        module = load(module_name)
        version = str(getattr(module, "__version__", ""))
        if version and _numbers(version) < oldest:
            found.append(
                "%s %s in %s is older than %s, which ConductorJob needs: update it there" % (
                    package, version, getattr(module, "__file__", "Clarisse"),
                    ".".join(map(str, oldest))))
    return found


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])
