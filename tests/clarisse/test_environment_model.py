"""The extra environment without its window."""

from __future__ import annotations

import json
from typing import Any

import pytest
from build_values import CATALOG, PACKAGES, SETTINGS, config
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.environment import make_environment
from conductor.clarisse.panels.environment_model import POLICIES, Environment, environment_of
from conductor.lib.catalog import Catalog
from conductor.lib.errors import ArgumentError
from conductor.lib.paths import PathMap

A = '[{"name": "A", "value": "$X", "merge_policy": "prepend"}]'


def entry(name: str, value: str, policy: str = "append") -> dict[str, str]:
    return {"name": name, "value": value, "merge_policy": policy}


@pytest.mark.parametrize("stored, lines", [
    ("", []),
    ("  ", []),
    ("[]", []),
    (A, ["A = $X   (prepend)"]),
    ('[{"name": "A"}]', ["A =    (append)"]),
    ('[{"name": "A", "value": 5}]', ["A = 5   (append)"]),
    ('[{"nam": 1}]', ['{"nam": 1}   (cannot be used)']),
    ('["x"]', ['"x"   (cannot be used)']),
    ('[{"name": "A", "merge_policy": "odd"}]',
     ['{"name": "A", "merge_policy": "odd"}   (cannot be used)']),
    ('["%s"]' % ("x" * 300), ['"%s...   (cannot be used)' % ("x" * 199)]),
], ids=["empty", "blank", "none", "one", "short form", "a number", "no name", "no object",
        "odd policy", "long"])
def test_every_entry_is_a_row(stored: str, lines: list[str]) -> None:
    model = Environment(stored)
    assert model.lines() == lines
    assert not model.problem
    assert model.summary() == "%d variables" % len(lines)


@pytest.mark.parametrize("stored", ["[{", '{"name": "A"}', '"A"', "5", "[" * 100000], ids=[
    "no JSON", "an object", "a text", "a number", "too deep"])
def test_a_text_that_cannot_be_read_stays(stored: str) -> None:
    model = Environment(stored)
    assert model.problem and stored in model.told()
    assert "stays as it is" in model.told()
    with pytest.raises(ArgumentError, match="Nothing can be added"):
        model.add("B", "x", "append")
    assert model.text() == stored
    assert not model.is_changed
    assert "given up" in model.start_anew()
    assert model.is_changed and model.text() == ""
    model.add("B", "x", "append")
    assert json.loads(model.text()) == [entry("B", "x")]


def test_a_text_that_can_be_read_is_not_given_up() -> None:
    model = Environment(A)
    assert "can be read" in model.start_anew()
    assert model.text() == A


def test_what_is_not_edited_stays_as_it_was_stored() -> None:
    odd: list[Any] = [{"name": "A", "value": 5, "note": "mine"}, {"nam": 1}, entry("C", "c")]
    model = Environment(json.dumps(odd))
    model.change(2, "D", "d", "exclusive")
    model.add("E", "é $CT_JOB", "append")
    assert json.loads(model.text()) == [
        *odd[:2], entry("D", "d", "exclusive"), entry("E", "é $CT_JOB")]
    assert model.text().isascii(), "the project's text may be any encoding"


@pytest.mark.parametrize("name, policy, reason", [
    ("", "append", "Type a name"),
    ("  ", "append", "Type a name"),
    ("A B", "append", "cannot be the name of a variable"),
    ("A=B", "append", "cannot be the name of a variable"),
    ("9A", "append", "no digit at the beginning"),
    ("A\n", "odd", '"odd"; known are append, prepend, exclusive'),
    ("Ä", "append", "cannot be the name of a variable"),
    ("A", "prepend", "already"),
], ids=["empty", "blank", "with a blank", "with =", "digit", "policy", "not ASCII", "twice"])
def test_what_is_refused(name: str, policy: str, reason: str) -> None:
    model = Environment(A)
    with pytest.raises(ArgumentError, match=reason):
        model.add(name, "$X", policy)
    assert model.text() == A


@pytest.mark.parametrize("place", [-1, 1])
def test_there_is_no_row_to_change(place: int) -> None:
    model = Environment(A)
    with pytest.raises(ArgumentError, match="Choose a row first"):
        model.change(place, "B", "x", "append")
    with pytest.raises(ArgumentError, match="Choose a row first"):
        model.remove(place)


def test_a_row_may_be_changed_to_what_it_is() -> None:
    model = Environment(A)
    assert model.change(0, "A", "$X", "prepend") == "Changed A."
    assert json.loads(model.text()) == [entry("A", "$X", "prepend")]


def test_an_entry_that_cannot_be_used_can_be_removed() -> None:
    model = Environment('[5, {"name": "A"}]')
    assert "no usable name" in model.told()
    assert model.remove(0) == "Removed the entry."
    assert model.remove(0) == "Removed A."
    assert model.text() == ""


# ---------------------------------------------------------------- others that set it too


def beside(*entries: dict[str, str], **others: Any) -> list[str]:
    return Environment(json.dumps(entries), PACKAGES, **others).notes()


def test_an_exclusive_value_conflicts_with_that_of_a_package() -> None:
    told, = beside(entry("LICENCE", "x@y", "exclusive"))
    assert "LICENCE can have one value only" in told
    assert '"4101@server" and "x@y"' in told
    assert "(clarisse 5.0.5, Extra Environment)" in told


def test_the_same_exclusive_value_is_no_conflict() -> None:
    assert beside(entry("LICENCE", "4101@server", "exclusive")) == [
        "LICENCE is set by clarisse 5.0.5 too and becomes 4101@server"]


def test_every_conflict_is_told_not_only_the_first() -> None:
    told = beside(entry("LICENCE", "x", "exclusive"), entry("PATH", "y", "exclusive"),
                  entry("B", "1", "exclusive"), entry("B", "2", "exclusive"))
    assert [line.split(" can")[0] for line in told] == [
        "The variable LICENCE", "The variable PATH", "The variable B"]


@pytest.mark.parametrize("policy, value", [
    ("append", "/base:/opt/clarisse:/opt/ornatrix:$HOME/bin"),
    ("prepend", "$HOME/bin:/base:/opt/clarisse:/opt/ornatrix"),
])
def test_the_merged_value_is_shown(policy: str, value: str) -> None:
    told, = beside(entry("PATH", "$HOME/bin", policy), base={"PATH": "/base"})
    assert told == "PATH is set by clarisse 5.0.5, ornatrix 1, the configuration too and " \
        "becomes " + value


def test_the_merged_value_is_the_node_s() -> None:
    told, = beside(entry("SHOW", "Z:/show/bin"), base={"SHOW": ""},
                   path_map=PathMap([("Z:/show", "/mnt/show")]))
    assert told.endswith("becomes /mnt/show/bin")


def test_a_variable_of_its_own_needs_no_note() -> None:
    assert beside(entry("OWN", "x")) == []


def test_secrets_are_told_and_not_logged() -> None:
    model = Environment(json.dumps([entry("API_TOKEN", "s3cret"), {"password": "s3cret"}]))
    assert "API_TOKEN seems to hold a secret" in model.told()
    assert "s3cret" not in model.log_text()
    assert "API_TOKEN = [hidden]" in model.log_text()


@pytest.mark.parametrize("stored, said, silent", [
    ("[{A", "[{A", "[hidden]"), ('[{"password": "s3cret', "[hidden]", "s3cret"), ("", "none", "="),
])
def test_the_log_quotes_what_is_no_secret(stored: str, said: str, silent: str) -> None:
    text = Environment(stored).log_text()
    assert said in text
    assert silent not in text


def test_without_a_catalogue_conflicts_are_said_to_be_unknown() -> None:
    settings_ = JobSettings(extra_environment=A, packages=("gone 1",))
    assert "Conductor was not asked" in environment_of(
        settings_, Catalog.unknown(), config()).notes()[-1]


def test_the_packages_and_the_configuration_of_the_item_count() -> None:
    stored = json.dumps([entry("LICENCE", "x", "exclusive"), entry("SHOW", "moon")])
    chosen = JobSettings(extra_environment=stored, packages=SETTINGS.packages)
    notes = environment_of(chosen, CATALOG, config(environment={"SHOW": "sun"})).notes()
    assert "clarisse 5.0.5" in notes[0]
    assert notes[1] == "SHOW is set by the configuration too and becomes sun:moon"


NAMES = st.sampled_from(["A", "B", "PATH", "LICENCE"])
ROWS = st.lists(st.tuples(NAMES, st.sampled_from(["x", "$Y", "/z"]), st.sampled_from(POLICIES)),
                unique=True, max_size=5)


@given(ROWS)
@settings(max_examples=60, deadline=None)
def test_the_window_tells_a_conflict_exactly_when_a_submission_does(
    rows: list[tuple[str, str, str]],
) -> None:
    model = Environment("", PACKAGES)
    for row in rows:
        model.add(*row)
    _, findings = make_environment(PACKAGES, model.text(), {}, PathMap())
    assert any("one value only" in note for note in model.notes()) is bool(findings)
    again = Environment(model.text())
    assert again.lines() == model.lines()
