"""Settings written as text on the command line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conductor.clarisse.attributes import JobSettings, attribute, settings
from conductor.clarisse.setting_values import check_ranges, label_of, parse, setting
from conductor.lib.checks import Level
from conductor.lib.errors import ArgumentError


@pytest.mark.parametrize("name, text, value", [
    ("use_custom_frames", "1", True),
    ("use_custom_frames", " Yes", True),
    ("preemptible", "off", False),
    ("chunk_size", "12", 12),
    ("retries", "0", 0),
    ("tiles", "3x3", 3),
    ("tiles", "3", 3),
    ("dependency_scan_policy", "glob", 1),
    ("dependency_scan_policy", "2", 2),
    ("log_level", "Debug", 10),
    ("project", "any, name", "any, name"),
    ("title", "  as it is ", "  as it is "),
    ("packages", "clarisse 5.0.5/ornatrix 1.0, conductor-slate 1.0",
     ("clarisse 5.0.5/ornatrix 1.0", "conductor-slate 1.0")),
    ("extra_uploads", '["/a,b.png"]', ("/a,b.png",)),
    ("images", "", ()),
], ids=lambda value: str(value)[:30])
def test_parse(name: str, text: str, value: object) -> None:
    found = parse(attribute(name), text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("name, text, said", [
    ("notify", "maybe", 'notify="maybe": expected true or false'),
    ("chunk_size", "0", 'chunk_size="0": expected a whole number, 1 or more'),
    ("chunk_size", "ten", 'chunk_size="ten": expected a whole number, 1 or more'),
    ("retries", "11", 'retries="11": expected a whole number, 0 to 10'),
    ("dependency_scan_policy", "3", "expected one of No Scan, Smart Sequence, Glob"),
    ("packages", "[1]", "expected a JSON list of texts"),
    ("packages", '["a"', "expected a JSON list of texts ("),
])
def test_a_value_that_does_not_fit_is_quoted(name: str, text: str, said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        parse(attribute(name), text)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["frames_info", "submit", "last_project", "nonsense", ""])
def test_what_is_no_setting_cannot_be_set(name: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        setting(name)
    assert '"%s"' % name in str(caught.value)
    assert "chunk_size" in str(caught.value)


@pytest.mark.parametrize("row", settings(), ids=lambda row: row.name)
def test_every_setting_is_found(row: object) -> None:
    assert setting(row.name) is row  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["tiles", "log_level", "dependency_scan_policy"])
def test_labels_and_numbers_of_a_fixed_menu_are_inverse(name: str) -> None:
    row = attribute(name)
    for label, number in row.presets:
        assert parse(row, label) == number
        assert label_of(row, number) == label
    assert label_of(row, 4711) == ""


@pytest.mark.parametrize("changes, told", [
    pytest.param({"retries": 0, "priority": 10}, [], id="the ends of a range are in it"),
    pytest.param({"retries": -1}, ["Retries goes from 0 to 10, not -1."], id="below"),
    pytest.param({"priority": 11}, ["Priority goes from 0 to 10, not 11."], id="above"),
    pytest.param({"retries": 99, "priority": -3}, [
        "Retries goes from 0 to 10, not 99.", "Priority goes from 0 to 10, not -3."], id="both"),
])
def test_a_number_that_a_script_has_set_outside_its_range_is_told(
    changes: dict[str, int], told: list[str],
) -> None:
    found = list(check_ranges(JobSettings(**changes)))
    assert [one.message for one in found] == told
    assert [one.subject for one in found] == (list(changes) if told else [])
    assert all(one.level is Level.ERROR for one in found)


@given(st.text(max_size=20))
def test_any_text_is_read_or_refused(text: str) -> None:
    for row in settings():
        try:
            parse(row, text)
        except ArgumentError as error:
            assert row.name in str(error)
