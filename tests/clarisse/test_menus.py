"""Menus that Conductor fills keep their choice by name."""

from __future__ import annotations

import pytest

from conductor.clarisse.menus import entries, name_of, position
from conductor.lib.catalog import Catalog, InstanceType

SMALL = InstanceType("n1-standard-2", "2 core, 7.50GB Mem", 2, 7.5, "standard")
BARE = InstanceType("odd", "", 1, 1.0, "")
KNOWN = Catalog(projects=("atlas", "zephyr"), instance_types=(SMALL, BARE))


def labels(menu: str, catalog: Catalog, chosen: str) -> list[str]:
    return [choice.label for choice in entries(menu, catalog, chosen)]


@pytest.mark.parametrize("menu, catalog, chosen, expected", [
    ("projects", KNOWN, "", ["- not set -", "atlas", "zephyr"]),
    ("projects", KNOWN, "zephyr", ["- not set -", "atlas", "zephyr"]),
    ("projects", KNOWN, "old", ["- not set -", "atlas", "zephyr", "old (not at Conductor)"]),
    ("projects", Catalog.unknown(), "old", ["- not set -", "old"]),
    ("instance_types", KNOWN, "", ["- not set -", "2 core, 7.50GB Mem (n1-standard-2)", "odd"]),
], ids=[
    "nothing chosen", "chosen and there", "chosen and vanished", "nobody was asked",
    "machines by description",
])
def test_entries(menu: str, catalog: Catalog, chosen: str, expected: list[str]) -> None:
    assert labels(menu, catalog, chosen) == expected


@pytest.mark.parametrize("chosen, place", [("", 0), ("zephyr", 2), ("old", 3)])
def test_the_choice_has_a_place_whatever_happened_to_it(chosen: str, place: int) -> None:
    assert position(entries("projects", KNOWN, chosen), chosen) == place


@pytest.mark.parametrize("menu, label, chosen, name", [
    ("projects", "atlas", "zephyr", "atlas"),
    ("projects", "- not set -", "zephyr", ""),
    ("projects", "", "zephyr", "zephyr"),
    ("projects", "strange", "zephyr", "zephyr"),
    ("projects", "old (not at Conductor)", "old", "old"),
    ("instance_types", "2 core, 7.50GB Mem (n1-standard-2)", "", "n1-standard-2"),
    ("instance_types", "odd", "", "odd"),
], ids=[
    "another entry", "back to not set", "no entry applies, as after opening a project",
    "an entry nobody knows", "the vanished one again", "machine", "machine without description",
])
def test_name_of(menu: str, label: str, chosen: str, name: str) -> None:
    assert name_of(menu, KNOWN, label, chosen) == name
