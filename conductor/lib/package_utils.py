"""Software packages: their names, the tree of hosts and plug-ins, their environments merged.

A package is the dictionary the service gives. Names repeat in real catalogues and links may dangle;
nothing here takes either for granted.
"""

from __future__ import annotations

import re
from typing import Any, Iterable, Iterator, Mapping, Sequence

from conductor.lib.errors import ArgumentError, InputError, PackageConflictError

Package = Mapping[str, Any]

VERSION_PARTS = ("major_version", "minor_version", "release_version", "build_version")
PATH_SEPARATOR = "/"
ENVIRONMENT_SEPARATOR = ":"


def package_version(package: Package) -> str:
    """The non-empty version parts, joined by dots."""
    return ".".join(str(package[part]) for part in VERSION_PARTS if package.get(part))


def package_name(package: Package) -> str:
    """Product and version: ``clarisse 5.0.5``."""
    return ("%s %s" % (package.get("product", ""), package_version(package))).strip()


def with_relative_path(package: Mapping[str, Any]) -> dict[str, Any]:
    """A copy that has a ``relative_path`` (below the folder of all packages), made from product
    and version where the service gives none."""
    copy = dict(package)
    if not copy.get("relative_path"):
        copy["relative_path"] = package_name(package).replace(" ", "/")
    return copy


class PackageTree:
    """Hosts with their plug-ins, found by path: ``clarisse 5.0.5/ornatrix 1.0``.

    Where two packages share a path, the first in the catalogue has it, Linux before Windows.
    """

    def __init__(self, packages: Iterable[Package]) -> None:
        ordered = sorted(packages, key=lambda package: package.get("platform") == "windows")
        self.packages: tuple[Package, ...] = tuple(ordered)
        self._by_id = {str(package.get("package_id")): package for package in reversed(ordered)}
        self._trails: dict[str, tuple[Package, ...]] = {}
        for host in self.hosts():
            for trail in self._walk((host,)):
                path = PATH_SEPARATOR.join(package_name(package) for package in trail)
                self._trails.setdefault(path, trail)

    def hosts(self) -> list[Package]:
        """The packages that are nobody's plug-in."""
        return [package for package in self.packages if not package.get("plugin_host_product")]

    def _walk(self, trail: tuple[Package, ...]) -> Iterator[tuple[Package, ...]]:
        yield trail
        for plugin_id in trail[-1].get("plugins") or ():
            plugin = self._by_id.get(str(plugin_id))
            # Dangling ids lead nowhere; a package below itself would never end.
            if plugin is not None and not any(plugin is above for above in trail):
                yield from self._walk(trail + (plugin,))

    def paths(self) -> list[str]:
        """Every path, hosts in the catalogue's order, plug-ins below theirs."""
        return list(self._trails)

    def find_by_path(self, path: str) -> dict[str, Any] | None:
        """The last package of a path; None when there is no such path."""
        trail = self._trails.get(path)
        return dict(trail[-1]) if trail else None

    def chosen(self, paths: Iterable[str]) -> list[dict[str, Any]]:
        """The packages that `paths` name, the hosts on the way included: hosts first, none twice.

        Raises:
            ArgumentError: a path is not in the tree.
        """
        trails = [self._trail(path) for path in paths]
        deepest = max((len(trail) for trail in trails), default=0)
        found: dict[str, dict[str, Any]] = {}
        for depth in range(deepest):
            for trail in trails:
                if depth < len(trail):
                    package = trail[depth]
                    found.setdefault(str(package.get("package_id")), dict(package))
        return list(found.values())

    def ids(self, paths: Iterable[str]) -> tuple[str, ...]:
        """The ids of :meth:`chosen`, in its order."""
        return tuple(str(package["package_id"]) for package in self.chosen(paths))

    def _trail(self, path: str) -> tuple[Package, ...]:
        try:
            return self._trails[path]
        except KeyError:
            raise ArgumentError(
                'The service has no package "%s"; choose one of its list.' % path
            ) from None


def version_parts(version: str) -> list[str]:
    """A version as lower-case parts; blanks and underscores count as dots: ``4.0 SP1``."""
    return [part for part in re.split(r"[.\s_]+", version.strip().lower()) if part]


def merge_package_environments(
    packages: Sequence[Package], base_env: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """The environment of the given packages, on top of `base_env` (which is not changed).

    ``append`` puts a value behind the one there is, ``prepend`` before it (joined by ``:``),
    ``exclusive`` sets it and tolerates no other. Packages and variables count in their order.

    Raises:
        PackageConflictError: an exclusive value differs from the value there is.
        InputError: a merge policy nobody knows.
    """
    merged = dict(base_env or {})
    owners: dict[str, list[str]] = {name: ["your environment"] for name in merged}
    for package in packages:
        for variable in package.get("environment") or ():
            name, value = str(variable["name"]), str(variable["value"])
            owners.setdefault(name, []).append(package_name(package))
            policy = str(variable.get("merge_policy", ""))
            merged[name] = _merge(policy, name, merged.get(name), value, owners[name])
    return merged


def _merge(policy: str, name: str, old: str | None, value: str, owners: Sequence[str]) -> str:
    if policy == "append":
        return ENVIRONMENT_SEPARATOR.join([old, value]) if old else value
    if policy == "prepend":
        return ENVIRONMENT_SEPARATOR.join([value, old]) if old else value
    if policy == "exclusive":
        if old is not None and old != value:
            raise PackageConflictError(
                'The variable %s can have one value only, but is to be "%s" and "%s" (%s). '
                "Leave out one of them." % (name, old, value, ", ".join(owners))
            )
        return value
    raise InputError(
        'The variable %s of "%s" has the unknown merge policy "%s"; known are append, prepend '
        "and exclusive." % (name, owners[-1], policy)
    )
