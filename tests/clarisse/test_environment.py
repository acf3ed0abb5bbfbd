"""The environment of the tasks: which values are paths, and how those of item, configuration and
packages meet."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.environment import make_environment
from conductor.lib.paths import PathMap

STUDIO = PathMap([["Z:/show", "/mnt/show"], ["/home/me", "/mnt/me"]])


def entry(name: str, value: str, policy: str = "append") -> dict[str, str]:
    return {"name": name, "value": value, "merge_policy": policy}


def package(*entries: dict[str, str]) -> dict[str, object]:
    return {"product": "clarisse", "major_version": "5", "environment": list(entries)}


@pytest.mark.parametrize("value, on_node", [
    pytest.param("Z:/show/a", "/mnt/show/a", id="one path"),
    pytest.param("Z:\\show\\a b", "/mnt/show/a b", id="backslashes"),
    pytest.param("D:/tools", "/tools", id="a drive without a rule"),
    pytest.param("//nas/show/a", "/nas/show/a", id="a server"),
    pytest.param("Z:/show/a;D:/b", "/mnt/show/a:/b", id="a list of Windows"),
    pytest.param("Z:/show/a;", "/mnt/show/a:", id="a list that ends with its sign"),
    pytest.param("Z:/show/a;$PATH", "/mnt/show/a:$PATH", id="with a variable, Windows"),
    pytest.param("/opt/x:Z:/show", "/opt/x:/mnt/show", id="a list of the node with a drive"),
    pytest.param("Z:\\show:D:\\b", "/mnt/show:/b", id="drives between colons"),
    pytest.param("/home/me/a:/opt/x", "/mnt/me/a:/opt/x", id="a list of the node"),
    pytest.param("/home/me/a:$LIBS:$HOME/x", "/mnt/me/a:$LIBS:$HOME/x", id="with variables"),
    pytest.param("$HOME/tex", "$HOME/tex", id="a variable"),
    pytest.param("$A:$B", "$A:$B", id="variables"),
    pytest.param("/a//b/../c", "/a//b/../c", id="a path of the node stays as typed"),
    pytest.param("/a;/b", "/a;/b", id="what no list is"),
    pytest.param("4101@server:/x", "4101@server:/x", id="a licence"),
    pytest.param("http://host/Z:/show", "http://host/Z:/show", id="an address"),
    pytest.param("-opt Z:/show", "-opt Z:/show", id="a path inside a text"),
    pytest.param("a:b", "a:b", id="two words"),
    pytest.param("Z:", "Z:", id="a drive alone"),
    pytest.param("", "", id="nothing"),
])
@pytest.mark.parametrize("place", ["item", "configuration"])
def test_paths_of_the_workstation_become_the_nodes(place: str, value: str, on_node: str) -> None:
    extra = json.dumps([entry("A", value, "exclusive")]) if place == "item" else ""
    base = {"A": value} if place == "configuration" else {}
    assert make_environment((), extra, base, STUDIO) == ({"A": on_node}, ())


@pytest.mark.parametrize("policy, merged", [
    ("append", "/opt/x:/mnt/show"), ("prepend", "/mnt/show:/opt/x"),
])
def test_a_path_that_joins_those_of_a_package_is_the_nodes(policy: str, merged: str) -> None:
    made, findings = make_environment(
        [package(entry("LIBS", "/opt/x"))], json.dumps([entry("LIBS", "Z:/show", policy)]), {},
        STUDIO)
    assert (made, findings) == ({"LIBS": merged}, ())


def test_a_path_of_a_package_is_the_nodes_already() -> None:
    made, _ = make_environment([package(entry("LIBS", "/home/me/a"))], "", {}, STUDIO)
    assert made == {"LIBS": "/home/me/a"}


def test_the_same_place_in_two_spellings_is_no_conflict() -> None:
    packages = [package(entry("ROOT", "/mnt/show", "exclusive"))]
    extra = json.dumps([entry("ROOT", "Z:\\show", "exclusive")])
    assert make_environment(packages, extra, {}, STUDIO) == ({"ROOT": "/mnt/show"}, ())
    extra = json.dumps([entry("ROOT", "Z:\\other", "exclusive")])
    assert [one.code for one in make_environment(packages, extra, {}, STUDIO)[1]] == [
        "environment-conflict"]


@settings(max_examples=100)
@given(st.text("aZ:/;\\$ .", max_size=14))
def test_without_drives_servers_and_rules_nothing_changes(value: str) -> None:
    made, _ = make_environment((), json.dumps([entry("A", value)]), {}, PathMap())
    is_windows = ":/" in value or ":\\" in value or "//" in value or "\\\\" in value or (
        "/\\" in value or "\\/" in value)
    assert is_windows or made == {"A": value}
