"""clarisse_defaults: values, locks and presets as config.yml has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from build_values import config

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.studio_defaults import StudioDefaults, read_defaults
from conductor.lib.checks import Level
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError, ConfigError


def read(table: Any) -> StudioDefaults:
    return read_defaults(config(clarisse_defaults=table))


def test_without_any_there_are_none() -> None:
    assert read_defaults(config()) == StudioDefaults()
    assert read({"locked": None, "presets": None}) == StudioDefaults()


@pytest.mark.parametrize("name, value, text", [
    ("chunk_size", 2, "2"),
    ("chunk_size", "2", "2"),
    ("preemptible", False, "0"),
    ("preemptible", "off", "off"),
    ("project", "spooky", "spooky"),
    ("title", '"Show: "+$CT_JOB', '"Show: "+$CT_JOB'),
    ("packages", ["clarisse 5.0", "a, b"], '["clarisse 5.0", "a, b"]'),
    ("packages", "clarisse 5.0", "clarisse 5.0"),
    ("dependency_scan_policy", "Glob", "Glob"),
    ("tiles", "2x2", "2x2"),
    ("metadata", {"show": "spooky"}, '{"show": "spooky"}'),
    ("metadata", '{"show": "x"}', '{"show": "x"}'),
    ("extra_environment", [{"name": "A", "value": "b"}], '[{"name": "A", "value": "b"}]'),
    ("custom_frames", 7, "7"),
    ("location", True, "true"),
], ids=str)
def test_a_value_as_yaml_has_it(name: str, value: Any, text: str) -> None:
    assert read({name: value}).values == {name: text}
    assert read({"presets": {"p": {name: value}}}).presets == {"p": {name: text}}


@pytest.mark.parametrize("table, told", [
    ({"chunksize": 2}, '"chunksize" that can be given here. Did you mean "chunk_size"?'),
    ({"lock": ["title"]}, 'Did you mean "locked"?'),
    ({"images": ["project://scene/image"]}, 'no attribute "images"'),
    ({"frames_info": "x"}, 'no attribute "frames_info"'),
    ({"chunk_size": "two"}, 'clarisse_defaults: chunk_size="two": expected a whole number'),
    ({"retries": 99}, 'retries="99": expected a whole number, 0 to 10'),
    ({"preemptible": "maybe"}, 'preemptible="maybe": expected true or false'),
    ({"tiles": 11}, 'tiles="11": expected one of 1x1'),
    ({"title": ["a"]}, "title cannot be \"['a']\""),
    ({"title": None}, 'title cannot be "None"'),
    ({"metadata": ["a"]}, "metadata cannot be"),
    ({"packages": [1]}, "expected a JSON list of texts"),
    ({"locked": "title"}, 'locked must be a list of attributes, not "title"'),
    ({"locked": ["titel"]}, 'clarisse_defaults.locked: ConductorJob has no attribute "titel"'),
    ({"locked": [["title"]]}, "no attribute \"['title']\""),
    ({"presets": ["a"]}, "presets must be a table of presets"),
    ({"presets": {"a": "b"}}, 'clarisse_defaults.presets.a must be a table'),
    ({"presets": {"a": {"retry": 1}}}, 'presets.a: ConductorJob has no attribute "retry" that can '
                                       'be given here. Did you mean "retries"?'),
], ids=str)
def test_what_is_wrong_is_named(table: Any, told: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(table)
    assert told in str(caught.value)


def test_the_file_with_the_mistake_is_named(tmp_path: Path) -> None:
    path = tmp_path / "config.yml"
    path.write_text("clarisse_defaults: {chunk_size: two}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        read_defaults(Config.load({"CONDUCTOR_CONFIG": str(path)}))
    assert "(in %s)" % path in str(caught.value)


@pytest.mark.parametrize("table, now, subjects", [
    ({"locked": ["retries"]}, {}, []),
    ({"locked": ["retries"]}, {"retries": 1}, ["retries"]),
    ({"retries": 1, "locked": ["retries"]}, {"retries": 1}, []),
    ({"retries": 1, "locked": ["retries"]}, {}, ["retries"]),
    ({"retries": 1}, {}, []),
    ({"project": "a", "locked": ["project"]}, {"project": "b"}, ["project"]),
    ({"preemptible": "no", "locked": ["preemptible"]}, {"preemptible": False}, []),
    ({"dependency_scan_policy": "Glob", "locked": ["dependency_scan_policy"]},
     {"dependency_scan_policy": 1}, []),
    ({"log_level": "Debug", "locked": ["log_level"]}, {"log_level": "Debug"}, []),
    ({"log_level": "Debug", "locked": ["log_level"]}, {}, ["log_level"]),
    ({"render_package_format": "archive", "locked": ["render_package_format", "title"]}, {},
     ["render_package_format"]),
    ({"packages": ["a"], "locked": ["packages"]}, {"packages": ("a",)}, []),
    ({"metadata": {"a": "b"}, "locked": ["metadata"]}, {"metadata": '{"a": "b"}'}, []),
], ids=str)
def test_a_locked_attribute_must_be_as_the_studio_wants_it(
    table: Any, now: Any, subjects: list[str],
) -> None:
    findings = list(read(table).check(JobSettings(**now)))
    assert [one.subject for one in findings] == subjects
    assert all(one.level is Level.ERROR and one.code == "attribute-locked" for one in findings)


def test_the_finding_tells_both_values_but_no_environment() -> None:
    finding, = read({"project": "a", "locked": ["project"]}).check(JobSettings(project="b"))
    assert 'locked this to "a", and the job has "b"' in finding.message
    finding, = read({"locked": ["extra_environment"]}).check(
        JobSettings(extra_environment='[{"name": "TOKEN", "value": "hush"}]'))
    assert "hush" not in finding.message


def test_an_unknown_preset_names_those_there_are() -> None:
    defaults = read({"presets": {"lookdev": {"chunk_size": 1}, "final": {}}})
    assert defaults.preset("lookdev") == {"chunk_size": "1"}
    with pytest.raises(ArgumentError) as caught:
        defaults.preset("lokdev")
    assert 'no preset "lokdev"' in str(caught.value)
    assert 'there are: lookdev, final. Did you mean "lookdev"?' in str(caught.value)
    with pytest.raises(ArgumentError, match="there are: none"):
        StudioDefaults().preset("x")
