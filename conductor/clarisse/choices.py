"""What the artist chose at Conductor: project, machine and packages, found by name.

A name that is gone is an error, never silently another one. Without a catalogue names stay
unchecked, and one warning says so.
"""

from __future__ import annotations

import difflib
import itertools
from typing import Any, Iterable, Mapping

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.package_detection import PRODUCT, advice
from conductor.lib.catalog import Catalog, InstanceType
from conductor.lib.checks import Finding, error, warning
from conductor.lib.config import Config
from conductor.lib.package_utils import package_name, package_version, version_parts


def check_catalog(catalog: Catalog) -> tuple[Finding, ...]:
    """The one warning of a preview without a service."""
    if catalog.is_known:
        return ()
    return (warning("catalog-unknown", "refresh", (
        "Conductor was not asked, so project, instance type and packages are unchecked. Press "
        "Refresh to sign in.")),)


def choose_project(
    settings: JobSettings, catalog: Catalog, config: Config,
) -> tuple[str, tuple[Finding, ...]]:
    """The project's name; the configuration's where the item has none."""
    name = settings.project or config.get("project", "")
    return name, _check_name("project", name, catalog.projects, catalog)


def choose_machine(
    settings: JobSettings, catalog: Catalog, config: Config,
) -> tuple[InstanceType, tuple[Finding, ...]]:
    """The instance type; of an unknown one no more than the name tells."""
    name = settings.instance_type or config.get("instance_type", "")
    findings = _check_name(
        "instance_type", name, [machine.name for machine in catalog.instance_types], catalog)
    found = catalog.instance_type(name)
    if found is None:
        flavor = InstanceType.from_json({"name": name}).flavor
        found = InstanceType(name, name, 0, 0.0, flavor)
    return found, findings


def choose_packages(
    settings: JobSettings, catalog: Catalog, version: str = "", version_name: str = "",
) -> tuple[list[dict[str, Any]], tuple[Finding, ...]]:
    """The packages, hosts first.

    Args:
        version, version_name: of the running Clarisse, for advice where no package is chosen.
    """
    if not catalog.is_known:
        return [], ()
    findings = (*_check_packages(settings, catalog),
                *check_any_package(settings, catalog, version, version_name))
    offered = set(catalog.packages.paths())
    known = [path for path in settings.packages if path in offered]
    return catalog.packages.chosen(known), findings


def check_any_package(
    settings: JobSettings, catalog: Catalog, version: str, version_name: str,
) -> Iterable[Finding]:
    """A warning that says which package to choose, where none is chosen."""
    if not settings.packages:
        yield warning("packages-missing", "packages", (
            "No package is chosen, so the render machines have no Clarisse. %s" % (
                advice(version_name, version, catalog.packages) if version else
                "Choose the version that the scene needs.")))


def find_vanished(settings: JobSettings, catalog: Catalog) -> tuple[Finding, ...]:
    """An error for each name that was chosen and that Conductor does not offer any more."""
    machines = [machine.name for machine in catalog.instance_types]
    chosen = {
        "project": (settings.project, catalog.projects),
        "instance_type": (settings.instance_type, machines),
    }
    found = [_check_name(attribute, name, offered, catalog)
             for attribute, (name, offered) in chosen.items() if name]
    return tuple(itertools.chain(*found, _check_packages(settings, catalog)))


def _check_packages(settings: JobSettings, catalog: Catalog) -> Iterable[Finding]:
    offered = catalog.packages.paths()
    for path in settings.packages:
        yield from _check_name("packages", path, offered, catalog)


def check_version(
    packages: Iterable[Mapping[str, Any]], version: str, version_name: str = "",
) -> Iterable[Finding]:
    """A warning for a chosen Clarisse that is not the one the scene was made with.

    Args:
        version: dotted, such as ``5.0.5.8.0``; a shorter one is compared as far as it goes.
        version_name: the same in words, ``5.0 SP8``; a package may be named by it.
    """
    known = [_numbers(text) for text in (version, version_name) if text]
    for package in packages:
        chosen = _numbers(package_version(package))
        agrees = any(chosen[:len(one)] == one[:len(chosen)] for one in known)
        if package.get("product") == PRODUCT and known and not agrees:
            yield warning("package-version", "packages", (
                'The package "%s" is not of the version %s that the scene is made with: the '
                "images may differ. Choose the one of that version."
                % (package_name(package), version_name or version)))


def _numbers(version: str) -> list[str]:
    # "5.0 SP8" is 5.0.8.
    parts = version_parts(version)
    return [part[2:] if part.startswith("sp") else part for part in parts]


_WHERE = {
    "project": "Choose one of the Project menu.",
    "instance_type": "Choose one of the Instance Type menu.",
    "packages": "Choose others.",
}


def _check_name(
    attribute: str, name: str, offered: Iterable[str], catalog: Catalog,
) -> tuple[Finding, ...]:
    """An error for a name that is missing or not offered; nothing without a catalogue."""
    names = list(offered)
    if not catalog.is_known or name in names:
        return ()
    what = attribute.replace("_", " ").rstrip("s")
    if not name:
        return (error("%s-missing" % attribute.replace("_", "-"), attribute, (
            "No %s is set. %s" % (what, _WHERE[attribute]))),)
    near = difflib.get_close_matches(name, names, 1)
    hint = ' The nearest is "%s".' % near[0] if near else ""
    return (error("%s-unknown" % attribute.replace("_", "-"), attribute, (
        'Conductor has no %s "%s".%s %s' % (what, name, hint, _WHERE[attribute]))),)
