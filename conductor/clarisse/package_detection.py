"""Which of Conductor's packages is the Clarisse that runs here.

Clarisse says its version in two ways: ``5.0.5.8.0``, and as people do, ``5.0 SP8``. A service may
name its packages by either, and less exactly (``clarisse 5``).
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Mapping, Sequence, Tuple

from conductor.lib.package_utils import (
    PackageTree,
    package_name,
    package_version,
    version_parts,
)

PRODUCT = "clarisse"

_Release = Tuple[int, ...]


def detect(version_name: str, version: str, tree: PackageTree) -> str | None:
    """Path of the package for the running Clarisse; None when none is near enough.

    That is the one of this version, the most exact where several are; else the nearest release
    of the same major and minor version, a later one first, since it reads what an earlier one
    wrote. Another minor version is never taken.

    Args:
        version_name: ``5.0 SP8``; may be empty.
        version: ``5.0.5.8.0``; where only the head of a project tells it, it may be just ``5``.
    """
    running = [version_parts(text) for text in (version_name, version) if text.strip()]
    hosts = _hosts(tree)
    exact = [host for host in hosts if fits(_parts(host), running)]
    if exact:
        return package_name(max(exact, key=lambda host: len(_parts(host))))
    found = _nearest([host for host in hosts if _is_same_minor(_parts(host), running)], running)
    return package_name(found) if found else None


def fits(package: Sequence[str], running: Iterable[Sequence[str]]) -> bool:
    """True when the parts of a package's version begin one of the running versions."""
    return bool(package) and any(
        list(version[:len(package)]) == list(package) for version in running)


def advice(version_name: str, version: str, tree: PackageTree) -> str:
    """Which package to choose, in a sentence."""
    known_as = version_name or version
    path = detect(version_name, version, tree)
    if path:
        return 'Choose "%s", which is the nearest to Clarisse %s.' % (path, known_as)
    offered = list(dict.fromkeys(package_name(host) for host in _hosts(tree)))
    if not offered:
        return "Conductor offers no Clarisse: ask who runs it for a package of Clarisse %s." % (
            known_as)
    return ("Conductor has no Clarisse %s; it offers %s. Choose one that renders your scene alike."
            % (known_as, ", ".join(offered)))


def _hosts(tree: PackageTree) -> list[Mapping[str, Any]]:
    return [host for host in tree.hosts() if host.get("product") == PRODUCT]


def _parts(package: Mapping[str, Any]) -> list[str]:
    return version_parts(package_version(package))


def _is_same_minor(package: Sequence[str], running: Iterable[Sequence[str]]) -> bool:
    return len(package) > 1 and any(
        list(version[:2]) == list(package[:2][:len(version)]) for version in running)


def _nearest(
    hosts: Sequence[Mapping[str, Any]], running: Sequence[Sequence[str]],
) -> Mapping[str, Any] | None:
    """The next later release, else the last earlier one; None where the minor is in doubt."""
    if len({_parts(host)[1] for host in hosts}) != 1:
        return None
    here = {_is_service_pack(version): _release(version) for version in running}
    later = [host for host in hosts if _is_later(_parts(host), here)]
    if later:
        return min(later, key=lambda host: _release(_parts(host)))
    return max(hosts, key=lambda host: _release(_parts(host)))


def _is_later(package: Sequence[str], here: Mapping[bool, _Release]) -> bool:
    # A release that is counted in another way than the running one cannot be compared.
    running = here.get(_is_service_pack(package))
    return running is not None and running != () and _release(package) > running


def _is_service_pack(version: Sequence[str]) -> bool:
    return any(part.startswith("sp") for part in version[2:3])


def _release(version: Sequence[str]) -> _Release:
    """The numbers behind major and minor: ``5.0.sp8`` is ``(8,)``."""
    return tuple(int(number) for part in version[2:] for number in re.findall("[0-9]+", part)[:1])
