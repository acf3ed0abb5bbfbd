"""Settings: every layer, every kind, where each value came from."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from conductor.lib.config import SETTINGS, Config, Kind
from conductor.lib.errors import ConfigError

KEY = {"client_id": "c1", "private_key": "s3cret"}

# A value per kind: as the file holds it, as the environment writes it, what comes out.
SAMPLES: dict[Kind, Any] = {
    Kind.TEXT: ("high", "high", "high"),
    Kind.PATH: ("/a/b", "/a/b", "/a/b"),
    Kind.URL: ("https://a.b/", "https://a.b/", "https://a.b"),
    Kind.INTEGER: (7, "7", 7),
    Kind.COUNT: (3, "3", 3),
    Kind.SWITCH: (True, "yes", True),
    Kind.LIST: (["a", "b"], "a, b", ["a", "b"]),
    Kind.PATHS: (["/a", "/b"], os.pathsep.join(["/a", "/b"]), ["/a", "/b"]),
    Kind.TABLE: ({"k": "v"}, '{"k": "v"}', {"k": "v"}),
    Kind.PAIRS: ([["Z:/", "/mnt"]], '{"Z:/": "/mnt"}', [("Z:/", "/mnt")]),
    Kind.KEY: (KEY, json.dumps(KEY), KEY),
}
# Another value per kind, for the layer above; and what is to be had of both.
OTHER_KEY = {"client_id": "c2", "private_key": "other"}
ABOVE: dict[Kind, Any] = {
    Kind.TEXT: ("low", "low"),
    Kind.PATH: ("/c", "/c"),
    Kind.URL: ("https://c.d", "https://c.d"),
    Kind.INTEGER: ("8", 8),
    Kind.COUNT: ("4", 4),
    Kind.SWITCH: ("no", False),
    Kind.LIST: ("c", ["a", "b", "c"]),
    Kind.PATHS: ("/c", ["/a", "/b", "/c"]),
    Kind.TABLE: ('{"k": "w", "l": "x"}', {"k": "w", "l": "x"}),
    # A path map is one ordered table: it is replaced as a whole.
    Kind.PAIRS: ('{"Y:/": "/other"}', [("Y:/", "/other")]),
    Kind.KEY: (json.dumps(OTHER_KEY), OTHER_KEY),
}
by_name = pytest.mark.parametrize("row", SETTINGS, ids=lambda row: row.name)


def write(folder: Path, values: Any) -> str:
    path = folder / "config.yml"
    path.write_text(values if isinstance(values, str) else json.dumps(values))
    return str(path)


@by_name
def test_every_setting_rises_through_the_layers(row: Any, tmp_path: Path) -> None:
    in_file, in_environment, value = SAMPLES[row.kind]
    path = write(tmp_path, {row.name: in_file})
    home = {"HOME": str(tmp_path)}

    default = Config.load(dict(home))
    assert default.origin(row.name) == "default"

    from_file = Config.load(dict(home), path)
    assert from_file[row.name] == value
    assert from_file.origin(row.name) == path

    variable = row.environment_name
    from_environment = Config.load(dict(home, **{variable: in_environment}))
    assert from_environment[row.name] == value
    assert from_environment.origin(row.name) == variable

    both = Config.load(dict(home, **{variable: in_environment}), path)
    assert variable in both.origin(row.name)

    said = Config.load(dict(home, **{variable: in_environment}), None, {row.name: in_file})
    assert said[row.name] == value
    assert "argument" in said.origin(row.name)


@by_name
def test_every_setting_of_two_layers_is_the_upper_ones(row: Any, tmp_path: Path) -> None:
    """Or both together, where a setting is a collection."""
    in_file, in_environment, _value = SAMPLES[row.kind]
    above, of_both = ABOVE[row.kind]
    home = {"HOME": str(tmp_path)}
    path = write(tmp_path, {row.name: in_file})
    assert Config.load(dict(home, **{row.environment_name: above}), path)[row.name] == of_both
    below_an_argument = dict(home, **{row.environment_name: in_environment})
    said = Config.load(below_an_argument, None, {row.name: of_both})[row.name]
    assert said == of_both


@by_name
def test_every_setting_is_explained(row: Any) -> None:
    assert row.doc.endswith(".")


def test_lists_and_tables_add_up(tmp_path: Path) -> None:
    path = write(tmp_path, {"notify": ["a@x"], "environment": {"A": "1", "B": "1"}})
    config = Config.load(
        {"HOME": str(tmp_path), "CONDUCTOR_NOTIFY": "b@x,a@x",
         "CONDUCTOR_ENVIRONMENT": '{"B": "2"}'},
        path, {"notify": ["c@x"], "environment": {"C": "3"}},
    )
    assert config["notify"] == ["a@x", "b@x", "c@x"]
    assert config["environment"] == {"A": "1", "B": "2", "C": "3"}
    assert config.origin("notify") == "%s + CONDUCTOR_NOTIFY + argument" % path


def test_others_replace(tmp_path: Path) -> None:
    path = write(tmp_path, {"project": "file", "priority": 1})
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_PROJECT": "env"}, path)
    assert (config["project"], config["priority"]) == ("env", 1)


def test_location_is_not_the_install_folder(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path), "CONDUCTOR_LOCATION": "/opt/conductor"}
    assert Config.load(home)["location"] is None
    assert Config.load(dict(home, CONDUCTOR_JOB_LOCATION="mars"))["location"] == "mars"


def test_the_usual_file(tmp_path: Path) -> None:
    folder = tmp_path / ".conductor"
    folder.mkdir()
    path = write(folder, {"project": "usual"})
    config = Config.load({"HOME": str(tmp_path)})
    assert (config["project"], config.origin("project")) == ("usual", path)


def test_conductor_config_takes_the_first_that_exists(tmp_path: Path) -> None:
    path = write(tmp_path, {"project": "named"})
    named = os.pathsep.join([str(tmp_path / "absent.yml"), path])
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_CONFIG": named})
    assert config["project"] == "named"


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n"], ids=["empty", "comment"])
def test_a_file_without_settings(tmp_path: Path, text: str) -> None:
    assert Config.load({"HOME": str(tmp_path)}, write(tmp_path, text))["priority"] == 5


@pytest.mark.parametrize(
    "text, message",
    [
        ("- a\n- b\n", "must hold lines such as"),
        ("project: [", "cannot be read"),
        ("proyect: x\n", 'There is no setting "proyect".*Did you mean "project"'),
        ("thread_count: 0\n", 'thread_count .* cannot be "0": it must be at least 1'),
        ("thread_count: true\n", "whole number"),
        ("priority: -1\n", "not be negative"),
        ("url: localhost:8080\n", "http://127.0.0.1:8080"),
        ("url: https://user:pw@host\n", "no user, query or fragment"),
        ("local_upload: maybe\n", "true or false"),
        ("notify: {a: b}\n", "must be a list"),
        ("environment: [a]\n", "table of names"),
        ("path_map: [[a, b, c]]\n", "pairs"),
        ("path_map: abc\n", "pairs"),
        ("project: [a]\n", "must be text"),
        ("output_path: 5\n", "must be a path"),
        ("1: 2\n", "must hold lines such as"),
    ],
)
def test_wrong_files(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError, match=message) as caught:
        Config.load({"HOME": str(tmp_path)}, path)
    assert path in str(caught.value)


@pytest.mark.parametrize(
    "variables, message",
    [
        ({"CONDUCTOR_ENVIRONMENT": "A=1"}, 'CONDUCTOR_ENVIRONMENT holds no JSON \\("A=1"\\)'),
        ({"CONDUCTOR_THREAD_COUNT": "many"}, 'thread_count \\(CONDUCTOR_THREAD_COUNT\\).*"many"'),
        ({"CONDUCTOR_CONFIG": "/no/such.yml"}, "/no/such.yml"),
    ],
)
def test_wrong_variables(variables: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Config.load(variables)


def test_a_file_asked_for_must_exist() -> None:
    with pytest.raises(ConfigError, match="There is no config file"):
        Config.load({}, "/no/such.yml")


def test_files_of_2019_are_read(tmp_path: Path) -> None:
    path = write(tmp_path, "account: me\nbase_url: x.example\nlocal_upload: True\n")
    assert Config.load({"HOME": str(tmp_path)}, path)["local_upload"] is True


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:1", "https://h/base/"])
def test_urls_that_are_fine(url: str) -> None:
    assert Config.load({"CONDUCTOR_URL": url})["url"] == url.rstrip("/")


@pytest.mark.parametrize(
    "text",
    [json.dumps(KEY), base64.b64encode(json.dumps(KEY).encode()).decode(),
     json.dumps(KEY).replace(",", ",\n")],
    ids=["JSON", "base64", "several lines"],
)
def test_api_key_texts(text: str) -> None:
    assert Config.load({"CONDUCTOR_API_KEY": text})["api_key"] == KEY


@pytest.mark.parametrize("text", ["s3cret!", '["s3cret"]', "{s3cret", "czNjcmV0"])
def test_a_wrong_api_key_is_not_quoted(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Config.load({"CONDUCTOR_API_KEY": text})
    assert "s3cret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_values_hide_secrets() -> None:
    config = Config.load({"CONDUCTOR_API_KEY": json.dumps(KEY)})
    shown = {name: (value, origin) for name, value, origin in config.values()}
    assert shown["api_key"] == ("set", "CONDUCTOR_API_KEY")
    assert "s3cret" not in repr(config.values())
    assert list(shown) == [row.name for row in SETTINGS]


def test_reading() -> None:
    config = Config.load({})
    assert config.get("project", "none") == "none"
    assert config.get("no_such", 3) == 3
    assert config["thread_count"] >= 1
    with pytest.raises(KeyError):
        config["no_such"]
    with pytest.raises(KeyError):
        config.origin("no_such")


def test_loading_does_not_touch_the_table(tmp_path: Path) -> None:
    first = Config.load({}, None, {"environment": {"A": "1"}})
    assert Config.load({})["environment"] is None
    second = first.overridden({"environment": {"B": "2"}, "project": "p"})
    assert second["environment"] == {"A": "1", "B": "2"}
    assert first["environment"] == {"A": "1"}
    assert second.origin("project") == "argument"
