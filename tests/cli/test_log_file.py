"""The rotating log of the command."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Iterator

import pytest

from conductor.cli import log_file
from conductor.lib.config import Config

LOG = logging.getLogger("conductor.lib.something")


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    level = logging.getLogger("conductor").level
    yield
    log_file.stop()
    logging.getLogger("conductor").setLevel(level)


@pytest.fixture
def config(clean_home: Path) -> Config:
    return Config.load()


def test_nothing_is_made_before_there_is_something_to_say(config: Config, clean_home: Path) -> None:
    path = log_file.start(config)
    assert os.listdir(clean_home) == []
    LOG.info("said")
    assert path == str(clean_home / ".conductor" / "log" / "conductor.log")
    assert "INFO    conductor.lib.something: said" in Path(path).read_text()


@pytest.mark.parametrize(("overrides", "folder"), [
    pytest.param({"user_dir": "{0}/u"}, "{0}/u/log", id="user_dir"),
    pytest.param({"user_dir": "{0}/u", "log_dir": "{0}/l"}, "{0}/l", id="log_dir"),
])
def test_where_it_is(overrides: dict[str, str], folder: str, clean_home: Path) -> None:
    config = Config.load(overrides={
        name: text.format(clean_home) for name, text in overrides.items()})
    assert log_file.log_path(config) == os.path.join(folder.format(clean_home), "conductor.log")


def test_it_rotates_and_keeps_a_few(
    config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_file, "LARGEST", 200)
    path = Path(log_file.start(config, terminal=None))
    for number in range(100):
        LOG.info("line %d of many", number)
    names = sorted(file.name for file in path.parent.iterdir())
    assert names == ["conductor.log", *("conductor.log.%d" % n for n in range(1, 6))]
    assert "line 99 of many" in path.read_text()
    assert all(file.stat().st_size <= 200 for file in path.parent.iterdir())


@pytest.mark.parametrize(("level", "on_terminal"), [
    pytest.param(logging.INFO, "", id="info"),
    pytest.param(logging.WARNING, "conductor: warning: said %s\n", id="warning"),
])
def test_warnings_are_on_the_terminal_too(
    level: int, on_terminal: str, config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    log_file.start(config)
    LOG.log(level, "said %s", "%s")
    assert capsys.readouterr().err == on_terminal


@pytest.mark.parametrize("level", ["DEBUG", "error"])
def test_the_setting_says_how_much(level: str, clean_home: Path) -> None:
    path = Path(log_file.start(Config.load(overrides={"log_level": level})))
    LOG.debug("fine")
    LOG.error("bad")
    assert ("fine" in path.read_text()) is (level == "DEBUG")
    assert "bad" in path.read_text()


def test_starting_again_replaces_and_stopping_ends(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log_file.start(config)
    log_file.start(config)
    LOG.warning("once")
    assert Path(path).read_text().count("once") == 1
    assert capsys.readouterr().err.count("once") == 1
    log_file.write_to(str(tmp_path / "other.log"))
    LOG.warning("elsewhere")
    assert not capsys.readouterr().err
    assert log_file.current_path() == str(tmp_path / "other.log")
    log_file.stop()
    assert log_file.current_path() is None
    assert "elsewhere" not in Path(path).read_text()


def test_secrets_stay_out_of_file_and_terminal(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    path = log_file.start(config)
    LOG.warning("Authorization: Bearer %s", "se.cr.et")
    try:
        raise ValueError("Bearer se.cr.et")
    except ValueError:
        LOG.exception("trouble")
    assert "se.cr.et" not in Path(path).read_text() + capsys.readouterr().err
    assert "trouble" in Path(path).read_text()


def test_a_full_or_read_only_disk_stops_no_work(
    config: Config, clean_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clean_home / ".conductor").write_text("in the way")
    log_file.start(config)
    LOG.warning("said")
    assert capsys.readouterr().err == "conductor: warning: said\n"
