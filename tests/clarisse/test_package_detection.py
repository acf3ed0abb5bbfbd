"""Which package is the running Clarisse: by either of its version texts, never another minor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.package_detection import advice, detect
from conductor.lib.package_utils import VERSION_PARTS, PackageTree

RUNNING = ("5.0 SP8", "5.0.5.8.0")


def tree(*versions: str, product: str = "clarisse") -> PackageTree:
    """Hosts of these versions."""
    return PackageTree([
        dict(zip(VERSION_PARTS, version.split(".")), package_id="%s%d" % (product, place),
             product=product)
        for place, version in enumerate(versions)])


@pytest.mark.parametrize("offered, chosen", [
    pytest.param(["5.0.5.8"], "clarisse 5.0.5.8", id="the dotted version"),
    pytest.param(["5.0.sp8"], "clarisse 5.0.sp8", id="the service pack"),
    pytest.param(["5.0.SP8"], "clarisse 5.0.SP8", id="in capitals"),
    pytest.param(["5"], "clarisse 5", id="all of 5"),
    pytest.param(["5", "5.0", "5.0.5", "4.0"], "clarisse 5.0.5", id="the most exact"),
    pytest.param(["5.0.sp7", "5"], "clarisse 5", id="one that fits before a near one"),
    pytest.param(["5.0.sp6", "5.0.sp9", "5.0.sp10"], "clarisse 5.0.sp9", id="the next later"),
    pytest.param(["5.0.sp6", "5.0.sp7"], "clarisse 5.0.sp7", id="else the last earlier"),
    pytest.param(["5.0.4", "5.0.10", "5.0.7"], "clarisse 5.0.7", id="numbers, not letters"),
    pytest.param(["5.0.1", "5.0.sp9"], "clarisse 5.0.sp9", id="counted in both ways"),
    pytest.param(["5.5.sp8"], None, id="another minor version"),
    pytest.param(["4.0.sp8", "5.5.1"], None, id="other versions"),
    pytest.param(["50.0.5"], None, id="only alike in letters"),
    pytest.param([], None, id="none at all"),
    pytest.param([""], None, id="a package without a version"),
])
def test_detect(offered: list[str], chosen: str | None) -> None:
    assert detect(*RUNNING, tree(*offered)) == chosen


@pytest.mark.parametrize("names, offered, chosen", [
    pytest.param(("4.0", "4"), ["4.0.sp1", "4.0.sp3"], "clarisse 4.0.sp3", id="no service pack"),
    pytest.param(("", "4.0.0.0.3"), ["4.0.sp1", "4.0.sp3"], "clarisse 4.0.sp3",
                 id="cannot be compared: the newest"),
    pytest.param(("", "5"), ["5.0.4", "5.0.5"], "clarisse 5.0.5", id="only the head of a project"),
    pytest.param(("", "5"), ["5.0.4", "5.5.5"], None, id="the minor is in doubt"),
    pytest.param(("", "5"), ["5", "5.5"], "clarisse 5", id="as little as is known"),
    pytest.param(("4.0b", "4.0.0"), ["4.0b"], "clarisse 4.0b", id="a beta"),
    pytest.param(("5.0_SP8", ""), ["5.0.sp8"], "clarisse 5.0.sp8", id="underscores"),
    pytest.param(("", ""), ["5"], None, id="no version"),
])
def test_less_is_known(names: tuple[str, str], offered: list[str], chosen: str | None) -> None:
    assert detect(*names, tree(*offered)) == chosen


def test_other_products_and_plugins_are_not_clarisse() -> None:
    assert detect(*RUNNING, tree("5.0.5.8", product="arnold-clarisse")) is None
    below = PackageTree([{"package_id": "a", "product": "clarisse", "major_version": "5",
                          "plugin_host_product": "clarisse"}])
    assert detect(*RUNNING, below) is None


PARTS = st.lists(st.integers(0, 12).map(str), min_size=1, max_size=4).map(".".join)


@settings(max_examples=100, deadline=None)
@given(st.lists(PARTS, max_size=6), st.lists(st.integers(0, 12), min_size=5, max_size=5))
def test_never_another_minor_version(offered: list[str], running: list[int]) -> None:
    version = ".".join(map(str, running))
    found = detect("", version, tree(*offered))
    if found is not None:
        assert found.split()[1] in offered
        parts = found.split()[1].split(".")[:2]
        assert parts == version.split(".")[:len(parts)]
    if version in offered:
        assert found == "clarisse " + version


@pytest.mark.parametrize("offered, words", [
    (["5.0.sp8"], 'Choose "clarisse 5.0.sp8"'),
    (["4.0", "3.5"], "no Clarisse 5.0 SP8; it offers clarisse 4.0, clarisse 3.5."),
    ([], "offers no Clarisse: ask"),
], ids=["there", "others", "none"])
def test_advice(offered: list[str], words: str) -> None:
    assert words in advice(*RUNNING, tree(*offered))
    assert "5.0 SP8" in advice(*RUNNING, tree(*offered))
