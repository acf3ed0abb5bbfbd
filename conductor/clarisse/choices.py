"""What the artist chose at Conductor: project, machine and packages, found by name.

A name that is gone is an error, never silently another one. Without a catalogue names stay
unchecked, and one warning says so.
"""

from __future__ import annotations

import difflib
from typing import Any, Iterable, Mapping

from conductor.clarisse.attributes import JobSettings
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
    settings: JobSettings, catalog: Catalog,
) -> tuple[list[dict[str, Any]], tuple[Finding, ...]]:
    """The packages, hosts first."""
    if not catalog.is_known:
        return [], ()
    known: list[str] = []
    findings: list[Finding] = []
    offered = catalog.packages.paths()
    for path in settings.packages:
        complaint = _check_name("packages", path, offered, catalog)
        findings.extend(complaint)
        if not complaint:
            known.append(path)
    if not settings.packages:
        findings.append(warning("packages-missing", "packages", (
            "No package is chosen, so the render machines have no Clarisse. Choose the version "
            "that the scene needs.")))
    return catalog.packages.chosen(known), tuple(findings)


def check_version(packages: Iterable[Mapping[str, Any]], version: str) -> Iterable[Finding]:
    """A warning for a chosen Clarisse that is not the one the scene was made with.

    Args:
        version: dotted, such as ``5.0.5.8.0``; a shorter one is compared as far as it goes.
    """
    running = _numbers(version)
    for package in packages:
        chosen = _numbers(package_version(package))
        shared = min(len(chosen), len(running))
        if package.get("product") == "clarisse" and chosen[:shared] != running[:shared]:
            yield warning("package-version", "packages", (
                'The package "%s" is not of the version %s that the scene is made with: the '
                "images may differ. Choose the one of that version."
                % (package_name(package), version)))


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
