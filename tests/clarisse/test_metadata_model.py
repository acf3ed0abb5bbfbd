"""The metadata without its window."""

from __future__ import annotations

import json

import pytest
from build_values import config
from hypothesis import given, settings
from hypothesis import strategies as st

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.environment import make_metadata
from conductor.clarisse.panels.metadata_model import Metadata, metadata_of
from conductor.lib.errors import ArgumentError

SHOW = '{"show": "$CT_JOB"}'


@pytest.mark.parametrize("stored, lines", [
    ("", []),
    ("{}", []),
    (SHOW, ["show = $CT_JOB"]),
    ('{"a": 1, "b": true}', ["a = 1", "b = true"]),
    ('{"a": [1, {"c": 2}]}', ['a = [1, {"c": 2}]   (cannot be used)']),
    ('{"a": null}', ["a = null   (cannot be used)"]),
    ('{"conductor_submission_id": "x"}',
     ['conductor_submission_id = "x"   (cannot be used)']),
], ids=["empty", "none", "one", "numbers", "nested", "null", "taken"])
def test_every_pair_is_a_row(stored: str, lines: list[str]) -> None:
    model = Metadata(stored)
    assert model.lines() == lines
    assert model.summary() == "%d entries" % len(lines)


@pytest.mark.parametrize("stored", ["{", "[]", '"a"'])
def test_a_text_that_cannot_be_read_stays(stored: str) -> None:
    model = Metadata(stored)
    assert stored in model.told()
    with pytest.raises(ArgumentError, match="Nothing can be added"):
        model.add("a", "x")
    assert model.text() == stored
    model.start_anew()
    model.add("a", "x")
    assert json.loads(model.text()) == {"a": "x"}


@pytest.mark.parametrize("name, reason", [
    ("", "Type a name"),
    (" ", "Type a name"),
    ("show", '"show" is there already. Choose its row'),
    ("conductor_submission_id", "is taken"),
])
def test_what_is_refused(name: str, reason: str) -> None:
    model = Metadata(SHOW)
    with pytest.raises(ArgumentError, match=reason):
        model.add(name, "x")
    assert model.text() == SHOW


def test_what_is_not_edited_stays_as_it_was_stored() -> None:
    model = Metadata('{"a": 1, "b": null, "c": [1, {"d": 2}]}')
    model.add("e", "$CT_SEQUENCE")
    assert json.loads(model.text()) == {
        "a": 1, "b": None, "c": [1, {"d": 2}], "e": "$CT_SEQUENCE"}
    assert 'The value of "b" must be text' in model.told()


def test_a_row_may_keep_its_name_or_get_another() -> None:
    model = Metadata('{"a": "1", "b": "2"}')
    model.change(0, "a", "3")
    with pytest.raises(ArgumentError, match="there already"):
        model.change(0, "b", "3")
    model.change(1, "c", "2")
    assert model.text() == '{"a": "3", "c": "2"}'


def test_a_name_that_is_stored_twice_is_shown_twice_and_must_go() -> None:
    model = Metadata('{"a": "1", "a": "2"}')
    assert model.lines() == ["a = 1", "a = 2"]
    assert '"a" is there twice' in model.told()
    assert model.text() == '{"a": "1", "a": "2"}', "unchanged, it may stay"
    model.add("b", "x")
    with pytest.raises(ArgumentError, match="twice. Remove one"):
        model.text()
    model.remove(0)
    assert json.loads(model.text()) == {"a": "2", "b": "x"}


def test_secrets_are_told_and_not_logged() -> None:
    model = Metadata('{"password": "hush"}')
    assert "password seems to hold a secret" in model.told()
    assert "hush" not in model.log_text()


def test_what_the_configuration_sets_too_is_told() -> None:
    model = metadata_of(JobSettings(metadata=SHOW), config(metadata={"show": "x", "other": "y"}))
    assert model.notes() == ['"show" is set by the configuration too; the value here is sent.']


@given(st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name == name.strip()),
    st.text(max_size=8), max_size=5))
@settings(max_examples=60, deadline=None)
def test_what_is_typed_is_what_is_sent(pairs: dict[str, str]) -> None:
    model = Metadata("")
    for name, value in pairs.items():
        model.add(name, value)
    sent, findings = make_metadata(model.text(), {})
    assert (sent, findings) == (pairs, ())
    assert Metadata(model.text()).lines() == model.lines()
