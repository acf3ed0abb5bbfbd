"""Packages: names, the tree of hosts and plug-ins, merged environments."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor.lib.errors import ArgumentError, InputError, PackageConflictError
from conductor.lib.package_utils import (
    PackageTree,
    merge_package_environments,
    package_name,
    with_relative_path,
)


def package(number: str, product: str, version: str, host: str = "", plugins: Any = (),
            **others: Any) -> dict[str, Any]:
    parts = (version.split(".") + ["", "", "", ""])[:4]
    names = ("major_version", "minor_version", "release_version", "build_version")
    return dict(
        zip(names, parts), package_id=number, product=product, plugin_host_product=host,
        plugins=list(plugins), **others)


def generated(count: int = 500) -> list[dict[str, Any]]:
    """A catalogue of the size and the oddities of a real one: one host in six, plug-ins below
    several hosts, names that repeat, links to packages that are not there."""
    hosts = [n for n in range(count) if n % 6 == 0]
    plugins = [n for n in range(count) if n % 6]
    found = []
    for place, n in enumerate(hosts):
        links = [plugins[(place * 5 + k * 7) % len(plugins)] for k in range(24)]
        found.append(package(
            "id%d" % n, "host%d" % (place % 20), "%d.%d" % (place % 7, place % 3),
            plugins=["id%d" % one for one in links] + ["dangling%d" % n]))
    for place, n in enumerate(plugins):
        deeper = ["id%d" % plugins[place + 1]] if place % 9 == 0 else ["gone"]
        found.append(package("id%d" % n, "plugin%d" % (place % 15), "%d" % (place % 9),
                             host="host%d" % (place % 20), plugins=deeper))
    return found


SMALL = [
    package("h1", "clarisse", "5.0.5", plugins=["p1", "p2", "none"]),
    package("h2", "clarisse", "4.0b", plugins=["p2"]),
    package("p1", "ornatrix", "1.0", host="clarisse", plugins=["p3"]),
    package("p2", "arnold", "2", host="clarisse"),
    package("p3", "shaders", "", host="arnold"),
]


def test_names() -> None:
    assert [package_name(one) for one in SMALL] == [
        "clarisse 5.0.5", "clarisse 4.0b", "ornatrix 1.0", "arnold 2", "shaders"]


def test_paths() -> None:
    assert PackageTree(SMALL).paths() == [
        "clarisse 5.0.5", "clarisse 5.0.5/ornatrix 1.0", "clarisse 5.0.5/ornatrix 1.0/shaders",
        "clarisse 5.0.5/arnold 2", "clarisse 4.0b", "clarisse 4.0b/arnold 2",
    ]


def test_finding() -> None:
    tree = PackageTree(SMALL)
    found = tree.find_by_path("clarisse 5.0.5/ornatrix 1.0")
    assert found is not None and found["package_id"] == "p1"
    assert tree.find_by_path("clarisse 4.0b/ornatrix 1.0") is None


def test_hosts_come_first_and_nothing_twice() -> None:
    tree = PackageTree(SMALL)
    paths = ["clarisse 5.0.5/ornatrix 1.0/shaders", "clarisse 5.0.5/arnold 2", "clarisse 5.0.5"]
    assert tree.ids(paths) == ("h1", "p1", "p2", "p3")
    assert [one["product"] for one in tree.chosen(paths)][0] == "clarisse"
    assert tree.ids([]) == ()


def test_an_unknown_path() -> None:
    with pytest.raises(ArgumentError, match='no package "clarisse 9"'):
        PackageTree(SMALL).ids(["clarisse 9"])


def test_a_repeated_name_is_the_first_and_linux_before_windows() -> None:
    tree = PackageTree([
        package("w", "clarisse", "5", platform="windows"),
        package("a", "clarisse", "5", platform="linux"),
        package("b", "clarisse", "5", platform="linux"),
    ])
    assert tree.paths() == ["clarisse 5"]
    assert tree.ids(["clarisse 5"]) == ("a",)


def test_circles_end() -> None:
    tree = PackageTree([
        package("h", "host", "1", plugins=["p"]), package("p", "plug", "1", "host", ["p", "q"]),
        package("q", "plug", "2", "host", ["p"]),
    ])
    assert tree.paths() == ["host 1", "host 1/plug 1", "host 1/plug 1/plug 2"]


def test_500_packages_take_milliseconds() -> None:
    packages = generated()
    best = min(_seconds(lambda: PackageTree(packages).paths()) for _ in range(5))
    paths = PackageTree(packages).paths()
    assert len(paths) > 1500
    assert best < 0.1
    assert all(PackageTree(packages).find_by_path(path) for path in paths[:5])


def _seconds(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def test_relative_paths() -> None:
    assert with_relative_path(SMALL[0])["relative_path"] == "clarisse/5.0.5"
    assert with_relative_path({"relative_path": "a/b"})["relative_path"] == "a/b"
    assert "relative_path" not in SMALL[0]


def variables(*rows: Any, product: str = "tool") -> dict[str, Any]:
    return dict(package("x", product, "1"), environment=[
        {"name": name, "value": value, "merge_policy": policy} for name, value, policy in rows])


@pytest.mark.parametrize(
    "base, packages, merged",
    [
        pytest.param({}, [], {}, id="nothing"),
        pytest.param({"A": "1"}, [], {"A": "1"}, id="the user's alone"),
        pytest.param({}, [variables(("P", "/a", "append"))], {"P": "/a"}, id="append to nothing"),
        pytest.param({"P": "/u"}, [variables(("P", "/a", "append"))], {"P": "/u:/a"},
                     id="the user's values come first"),
        pytest.param({"P": ""}, [variables(("P", "/a", "append"))], {"P": "/a"},
                     id="append to an empty value"),
        pytest.param({}, [variables(("P", "/a", "append")), variables(("P", "/b", "append"))],
                     {"P": "/a:/b"}, id="packages in their order"),
        pytest.param({}, [variables(("P", "/a", "append"), ("P", "/a", "append"))],
                     {"P": "/a:/a"}, id="repeated values are kept"),
        pytest.param({"P": "/u"}, [variables(("P", "/a", "prepend"), ("P", "/b", "prepend"))],
                     {"P": "/b:/a:/u"}, id="later prepends come first"),
        pytest.param({}, [variables(("P", "/a", "prepend"))], {"P": "/a"}, id="prepend alone"),
        pytest.param({}, [variables(("L", "x", "exclusive"))], {"L": "x"}, id="exclusive"),
        pytest.param({"L": "x"}, [variables(("L", "x", "exclusive"))], {"L": "x"},
                     id="exclusive and equal"),
        pytest.param({}, [variables(("L", "x", "exclusive"), ("L", "y", "append"))],
                     {"L": "x:y"}, id="append after exclusive"),
        pytest.param({}, [package("x", "t", "1")], {}, id="a package without environment"),
        pytest.param({}, [variables(("N", 0, "exclusive"))], {"N": "0"}, id="numbers become text"),
    ],
)
def test_merging(base: dict[str, str], packages: Any, merged: dict[str, str]) -> None:
    before = dict(base)
    assert merge_package_environments(packages, base) == merged
    assert base == before


def test_conflicts_name_both_values_and_everyone() -> None:
    with pytest.raises(PackageConflictError) as caught:
        merge_package_environments([
            variables(("L", "x", "exclusive"), product="one"),
            variables(("L", "y", "exclusive"), product="two"),
        ])
    for text in ("L", '"x"', '"y"', "one 1", "two 1"):
        assert text in str(caught.value)


def test_conflict_with_the_user() -> None:
    with pytest.raises(PackageConflictError, match="your environment"):
        merge_package_environments([variables(("L", "x", "exclusive"))], {"L": "mine"})


def test_an_unknown_policy() -> None:
    with pytest.raises(InputError, match='unknown merge policy "replace"'):
        merge_package_environments([variables(("L", "x", "replace"))])


@given(st.lists(st.tuples(
    st.sampled_from("ABC"), st.text("xy/", max_size=3), st.sampled_from(["append", "prepend"]))))
def test_nothing_is_lost(rows: Any) -> None:
    merged = merge_package_environments([variables(*rows)])
    for name in "ABC":
        values = [value for one, value, _ in rows if one == name]
        assert sorted("".join(values)) == sorted(merged.get(name, "").replace(":", ""))
