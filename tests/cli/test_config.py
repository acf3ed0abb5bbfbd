"""``conductor config``: every setting, from the lowest layer to the highest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
import yaml

from conductor.cli import main as command
from conductor.cli.connection import load_config
from conductor.lib.config import SETTINGS, Config, Kind, Setting
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("clean_home")


class Sample(NamedTuple):
    """What the layers say, and what is shown when each is the highest."""

    file: Any
    variable: str
    option: str
    shown: tuple[Any, Any, Any]


def sample(setting: Setting) -> Sample:
    """Three values unlike the default and unlike each other (a switch has only two)."""
    if setting.name == "log_level":
        return Sample("DEBUG", "ERROR", "WARNING", ("DEBUG", "ERROR", "WARNING"))
    if setting.kind is Kind.SWITCH:
        values = (not setting.default, setting.default, not setting.default)
        return Sample(values[0], str(values[1]), "yes" if values[2] else "off", values)
    made = {
        Kind.TEXT: Sample("f", "v", "o", ("f", "v", "o")),
        Kind.PATH: Sample("/f", "/v", "/o", ("/f", "/v", "/o")),
        Kind.URL: Sample("http://f/", "http://v", "http://o:80", (
            "http://f", "http://v", "http://o:80")),
        Kind.INTEGER: Sample(31, "32", "33", (31, 32, 33)),
        Kind.COUNT: Sample(31, "32", "33", (31, 32, 33)),
        Kind.LIST: Sample(["f"], "v, w", '["o"]', (["f"], ["v", "w"], ["o"])),
        Kind.PATHS: Sample(["/f"], "/v:/w", '["/o"]', (["/f"], ["/v", "/w"], ["/o"])),
        Kind.TABLE: Sample({"a": "f", "b": 1}, '{"a": "v"}', '{"a": "o"}', (
            {"a": "f", "b": 1}, {"a": "v"}, {"a": "o"})),
        Kind.PAIRS: Sample({"/f": "/n"}, '[["/v", "/n"]]', '[["/o", "/n"]]', (
            [["/f", "/n"]], [["/v", "/n"]], [["/o", "/n"]])),
        Kind.KEY: Sample({"client_id": "f"}, '{"client_id": "v"}', '{"client_id": "o"}', (
            "set", "set", "set")),
    }[setting.kind]
    return _added_up(made) if setting.combined else made


def _added_up(made: Sample) -> Sample:
    low, middle, high = made.shown
    if isinstance(low, dict):
        return made._replace(shown=(low, {**low, **middle}, {**low, **middle, **high}))
    return made._replace(shown=(low, low + middle, low + middle + high))


@pytest.mark.parametrize("setting", SETTINGS, ids=[setting.name for setting in SETTINGS])
def test_each_layer_beats_the_one_below_and_says_so(
    setting: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run: Run
) -> None:
    def shown(*options: str) -> tuple[Any, str]:
        told = json.loads(run(*options, "config", "--json"))[setting.name]
        return told["value"], told["origin"]

    layers = sample(setting)
    default = Config.load({}, None)[setting.name] if setting.default is not None else None
    first, origin = shown()
    assert origin == "default"
    assert first == default or setting.default is None

    file = tmp_path / "settings.yml"
    file.write_text(yaml.safe_dump({setting.name: layers.file}))
    monkeypatch.setenv("CONDUCTOR_CONFIG", str(file))
    assert shown() == (layers.shown[0], str(file))

    monkeypatch.setenv(setting.environment_name, layers.variable)
    sources = [str(file), setting.environment_name, "argument"]
    joined = " + " if setting.combined else None
    assert shown() == (layers.shown[1], joined.join(sources[:2]) if joined else sources[1])

    options = ("--setting", "%s=%s" % (setting.name, layers.option))
    assert shown(*options) == (layers.shown[2], joined.join(sources) if joined else sources[2])


def test_the_table_says_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    monkeypatch.setenv("CONDUCTOR_NOTIFY", "a@x, b@x")
    rows = {line.split()[0]: line for line in run("config").splitlines() if line.strip()}
    assert {setting.name for setting in SETTINGS} <= set(rows)
    assert '["a@x", "b@x"]' in rows["notify"] and rows["notify"].rstrip().endswith(
        "CONDUCTOR_NOTIFY")
    assert rows["project"].split() == ["project", "-", "default"]


@pytest.mark.parametrize("text", [
    '{"client_id": "c", "private_key": "SECRET"}', "not a key SECRET",
], ids=["good", "broken"])
@pytest.mark.parametrize("arguments", [["config"], ["config", "--json"]], ids=["table", "json"])
def test_a_secret_is_never_shown(
    text: str, arguments: list[str], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("CONDUCTOR_API_KEY", text)
    command.run(arguments)
    caught = capsys.readouterr()
    assert "SECRET" not in caught.out + caught.err


@pytest.mark.parametrize(("arguments", "said"), [
    pytest.param(["--setting", "thread_count=0"], "at least 1", id="wrong value"),
    pytest.param(["--setting", "thred_count=2"], 'Did you mean "thread_count"', id="wrong name"),
    pytest.param(["--setting", "thread_count"], "NAME=VALUE", id="no value"),
    pytest.param(["--setting", "metadata=x"], "JSON", id="no table"),
    pytest.param(["--setting", "log_level=LOUD"], "LOUD", id="no level"),
])
def test_a_wrong_setting_is_an_input_error(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.run([*arguments, "config"]) == 2
    assert said in capsys.readouterr().err


def test_a_broken_config_file_stops_only_what_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "settings.yml").write_text("[")
    monkeypatch.setenv("CONDUCTOR_CONFIG", str(tmp_path / "settings.yml"))
    assert command.run(["completion", "zsh"]) == 0
    assert command.run(["config"]) == 2
    assert "settings.yml" in capsys.readouterr().err


def test_options_of_a_subcommand_beat_settings_of_the_run() -> None:
    with click.Context(click.Command("conductor"), obj={"project": "low", "priority": 3}):
        config = load_config(project="high", priority=None)
    assert (config["project"], config["priority"]) == ("high", 3)
