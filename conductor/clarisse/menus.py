"""Menus that Conductor fills: what they list, and which name an entry stands for.

A choice is kept by name. A name that Conductor no longer lists stays in its menu, marked, and is
never exchanged for a neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

from conductor.clarisse.attributes import NOT_SET
from conductor.lib.catalog import Catalog, InstanceType

GONE = "%s (not at Conductor)"


@dataclass(frozen=True)
class Choice:
    """One entry of a menu: the name that is stored and the label that is shown."""

    name: str
    label: str


def entries(menu: str, catalog: Catalog, chosen: str) -> list[Choice]:
    """All entries of a menu (``projects`` or ``instance_types``), ``- not set -`` first."""
    offered = _OFFERED[menu](catalog)
    if chosen and chosen not in [choice.name for choice in offered]:
        offered.append(Choice(chosen, GONE % chosen if catalog.is_known else chosen))
    return [Choice("", NOT_SET)] + offered


def position(choices: list[Choice], name: str) -> int:
    """Where a name stands; 0 (``- not set -``) for the empty name."""
    return [choice.name for choice in choices].index(name)


def name_of(menu: str, catalog: Catalog, label: str, chosen: str) -> str:
    """The name behind a label; what is chosen now when the label says nothing."""
    for choice in entries(menu, catalog, chosen):
        if choice.label == label:
            return choice.name
    return chosen


def instance_label(instance: InstanceType) -> str:
    """``2 core, 7.50GB Mem (n1-standard-2)``."""
    if not instance.description:
        return instance.name
    return "%s (%s)" % (instance.description, instance.name)


def _projects(catalog: Catalog) -> list[Choice]:
    return [Choice(name, name) for name in catalog.projects]


def _instance_types(catalog: Catalog) -> list[Choice]:
    return [Choice(one.name, instance_label(one)) for one in catalog.instance_types]


_OFFERED = {"projects": _projects, "instance_types": _instance_types}
