"""Choosing packages without the window."""

from __future__ import annotations

from typing import Any

import pytest
from build_values import CATALOG

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.panels.package_chooser_model import (
    MOST_OPEN,
    UNKNOWN,
    PackageChooser,
    chooser_of,
)
from conductor.lib.catalog import Catalog
from conductor.lib.errors import ArgumentError
from conductor.lib.package_utils import PackageTree


def package(
    identity: str, product: str, version: str, *plugins: str, host: str = "", **more: Any,
) -> dict[str, Any]:
    parts = dict(zip(("major_version", "minor_version", "release_version"), version.split(".")))
    return dict(
        {"package_id": identity, "product": product, "platform": "linux",
         "plugins": list(plugins), "plugin_host_product": host}, **parts, **more)


def exclusive(value: str) -> dict[str, Any]:
    return {"environment": [{"name": "OCIO", "value": value, "merge_policy": "exclusive"}]}


TREE = PackageTree([
    package("c5", "clarisse", "5.0.5", "o2", "o1", "y5"),
    package("c4", "clarisse", "4.0.1", "o1"),
    package("o1", "ornatrix", "1.0", "s1", host="clarisse"),
    package("o2", "ornatrix", "2.0", host="clarisse"),
    package("s1", "styles", "3", host="ornatrix"),
    package("y5", "yeti", "5", host="clarisse", **exclusive("/yeti")),
    package("a", "aces/ocio", "1.2", **exclusive("/aces")),
    package("again", "clarisse", "5.0.5"),
])
C5, C4 = "clarisse 5.0.5", "clarisse 4.0.1"


def chooser(*chosen: str) -> PackageChooser:
    return PackageChooser(chosen, TREE)


# ---------------------------------------------------------------- offered


def test_the_tree_holds_every_path_once_below_its_host() -> None:
    offers = chooser().offers()
    assert [(offer.parent, offer.name) for offer in offers] == [
        ("", C5), (C5, "ornatrix 2.0"), (C5, "ornatrix 1.0"),
        (C5 + "/ornatrix 1.0", "styles 3"), (C5, "yeti 5"),
        ("", C4), (C4, "ornatrix 1.0"), (C4 + "/ornatrix 1.0", "styles 3"),
        ("", "aces/ocio 1.2"),
    ]


@pytest.mark.parametrize("words, names", [
    ("yeti", [C5, "yeti 5"]),
    ("YETI  5.0", [C5, "yeti 5"]),
    ("styles 4.0", [C4, "ornatrix 1.0", "styles 3"]),
    (C4, [C4, "ornatrix 1.0", "styles 3"]),
    ("ocio", ["aces/ocio 1.2"]),
    ("nothing such", []),
], ids=["a plug-in", "words in any order", "a plug-in of a host", "a host", "a separator", "none"])
def test_the_filter_narrows_and_keeps_what_is_above(words: str, names: list[str]) -> None:
    model = chooser()
    assert [offer.name for offer in model.offers(words)] == names
    assert model.summary(words) == "%d of 9 packages shown, 0 chosen" % len(names)


def test_a_small_tree_is_shown_opened() -> None:
    assert chooser().opens(MOST_OPEN)
    assert not chooser().opens(MOST_OPEN + 1)


# ---------------------------------------------------------------- added


@pytest.mark.parametrize("paths, chosen", [
    ([C5], [C5]),
    ([C5 + "/ornatrix 1.0"], [C5, C5 + "/ornatrix 1.0"]),
    ([C5 + "/ornatrix 1.0/styles 3"],
     [C5, C5 + "/ornatrix 1.0", C5 + "/ornatrix 1.0/styles 3"]),
    ([C5, C5 + "/yeti 5", C5 + "/ornatrix 1.0"], [C5, C5 + "/yeti 5", C5 + "/ornatrix 1.0"]),
    (["aces/ocio 1.2", C4], ["aces/ocio 1.2", C4]),
], ids=["a host", "a plug-in", "a plug-in's plug-in", "several", "two hosts"])
def test_a_plug_in_brings_its_host(paths: list[str], chosen: list[str]) -> None:
    model = chooser()
    assert model.add(paths) == "Added %s." % ", ".join(chosen)
    assert model.chosen == chosen
    assert model.is_changed
    assert TREE.ids(model.chosen), "the service knows them"


@pytest.mark.parametrize("before, path, reasons", [
    (C5, C4, [C5 + " is chosen", "one version of clarisse", "Remove it first to take " + C4]),
    (C5, C4 + "/ornatrix 1.0", [
        "%s/ornatrix 1.0 is a plug-in of %s, but %s is chosen." % (C4, C4, C5),
        "What fits is %s/ornatrix 2.0, %s/ornatrix 1.0." % (C5, C5)]),
    (C4, C5 + "/yeti 5", ["There is no yeti for that"]),
    (C5 + "/ornatrix 1.0", C5 + "/ornatrix 2.0", ["ornatrix 1.0 is chosen", "one version"]),
    (C5 + "/yeti 5", "aces/ocio 1.2", ["does not go with the others", '"/aces" and "/yeti"']),
    (C5, "gone 1", ['Conductor does not offer "gone 1"']),
    ("clarisse 3 SP1", C5, ["clarisse 3 SP1 is chosen"]),
], ids=["another host", "a plug-in of another host", "one that the host lacks", "another version",
        "an environment", "not offered", "a host that is gone"])
def test_what_does_not_fit_is_refused_with_the_reason(
    before: str, path: str, reasons: list[str]
) -> None:
    model = chooser(before)
    with pytest.raises(ArgumentError) as refused:
        model.add(["aces/ocio 1.2", path] if path == C4 else [path])
    assert all(reason in str(refused.value) for reason in reasons), str(refused.value)
    assert model.chosen == [before], "none of them is chosen"
    assert not model.is_changed


def test_what_is_chosen_is_not_chosen_again() -> None:
    model = chooser(C5)
    assert "already" in model.add([C5])
    assert not model.is_changed


def test_nothing_to_add() -> None:
    assert chooser().add([]) == "Choose what to add first."


# ---------------------------------------------------------------- removed


def test_a_host_goes_with_its_plug_ins_and_says_so() -> None:
    model = chooser()
    model.add([C5 + "/ornatrix 1.0/styles 3", C5 + "/yeti 5"])
    told = model.remove([C5, C5 + "/yeti 5"])
    assert told == ("Removed %s, %s/yeti 5. Its plug-ins went too: %s/ornatrix 1.0, "
                    "%s/ornatrix 1.0/styles 3." % (C5, C5, C5, C5))
    assert model.chosen == []


def test_a_plug_in_goes_alone() -> None:
    model = chooser()
    model.add([C5 + "/yeti 5"])
    assert model.remove([C5 + "/yeti 5"]) == "Removed %s/yeti 5." % C5
    assert model.chosen == [C5]
    assert model.remove([]) == "Choose what to remove first."


# ---------------------------------------------------------------- detected


def test_the_running_version_is_found() -> None:
    model = chooser()
    assert model.detect("5.0 SP5", "5.0.5.8.0") == (
        "%s fits the running Clarisse 5.0 SP5. Added %s." % (C5, C5))
    assert model.chosen == [C5]


@pytest.mark.parametrize("before, version, reason", [
    ((), "3.6.1", "no Clarisse 3.6.1; it offers clarisse 5.0.5, clarisse 4.0.1"),
    ((C4,), "5.0.5", C4 + " is chosen"),
])
def test_what_is_found_must_fit(before: tuple[str, ...], version: str, reason: str) -> None:
    model = chooser(*before)
    with pytest.raises(ArgumentError, match=reason):
        model.detect("", version)
    assert model.chosen == list(before)


def test_a_catalogue_without_clarisse() -> None:
    with pytest.raises(ArgumentError, match="offers no Clarisse"):
        PackageChooser((), PackageTree([])).detect("", "5.0")


# ---------------------------------------------------------------- said


def test_what_is_gone_is_marked_and_can_be_removed() -> None:
    model = chooser("clarisse 3", C5)
    assert model.lines() == ["clarisse 3   (no longer offered)", C5]
    assert "Remove what Conductor no longer offers" in model.hint()
    model.remove(["clarisse 3"])
    assert model.hint() == ""


def test_before_refresh_nothing_is_offered_and_nothing_is_claimed() -> None:
    model = chooser_of(JobSettings(packages=(C5,)), Catalog.unknown())
    assert model.offers() == []
    assert model.hint() == UNKNOWN and "Refresh" in model.summary()
    assert model.lines() == [C5]
    with pytest.raises(ArgumentError, match="press Refresh"):
        model.detect("", "5.0.5")
    with pytest.raises(ArgumentError, match="does not offer"):
        model.add([C4])
    assert UNKNOWN in model.log_text()


def test_the_log_names_what_is_chosen_and_offered() -> None:
    text = chooser_of(JobSettings(packages=(C5,)), CATALOG).log_text()
    assert text.splitlines() == [
        "Chosen packages:", C5, "Conductor offers:", C5, C5 + "/ornatrix 1"]
    assert "none" in chooser().log_text()
    assert "Detect" in chooser().hint()


def test_many_packages_of_the_same_names() -> None:
    tree = PackageTree(
        [package("h%d" % one, "clarisse", "5.%d" % (one % 40), *("p%d" % p for p in range(12)))
         for one in range(250)]
        + [package("p%d" % one, "plug", str(one % 6), host="clarisse") for one in range(250)])
    model = PackageChooser((), tree)
    assert len(model.offers()) == 40 * 7
    assert {offer.parent for offer in model.offers("plug 3")} == {""} | {
        "clarisse 5.%d" % minor for minor in range(40)}
    model.add(["clarisse 5.39/plug 5"])
    assert model.chosen == ["clarisse 5.39", "clarisse 5.39/plug 5"]
