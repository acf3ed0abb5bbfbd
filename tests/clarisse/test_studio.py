"""The studio's config.yml in Clarisse: defaults, locked rows, presets, and its check of a
submission."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
import yaml
from onlooker import Artist

from conductor.clarisse import item as items
from conductor.clarisse import studio
from conductor.clarisse.headless import driver
from conductor.clarisse.press import prepare
from conductor.lib.api_client import ApiClient
from conductor.lib.checks import errors_of
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError, SceneError

JOB = "project://job"

WithConfig = Callable[..., Any]


@pytest.fixture
def with_config(
    open_scene: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> WithConfig:
    """Starts Clarisse with this config.yml."""
    def start(**settings: Any) -> Any:
        path = tmp_path / "config.yml"
        path.write_text(yaml.safe_dump(settings), encoding="utf-8")
        monkeypatch.setenv("CONDUCTOR_CONFIG", str(path))
        return open_scene()
    return start


def is_read_only(name: str) -> bool:
    return bool(driver.host().scene.node(JOB).attribute(name).flag("read_only"))


# ---------------------------------------------------------------- defaults


def test_a_new_job_starts_with_the_studios_values(with_config: WithConfig) -> None:
    ix = with_config(clarisse_defaults={
        "title": '"Spooky: "+$CT_JOB', "chunk_size": 7, "preemptible": False, "project": "spooky",
        "packages": ["clarisse 5.0", "ornatrix 1"], "tiles": "2x2", "log_level": "Debug",
        "metadata": {"show": "spooky"}})
    now = items.read_settings(ix.create_object("new", "ConductorJob"))
    assert (now.title, now.chunk_size, now.preemptible, now.project) == (
        '"Spooky: "+$CT_JOB', 7, False, "spooky")
    assert (now.packages, now.tiles, now.log_level) == (
        ("clarisse 5.0", "ornatrix 1"), 2, "Debug")
    assert json.loads(now.metadata) == {"show": "spooky"}
    assert driver.log("error") == driver.log("warning") == []


def test_what_a_scene_says_stays(with_config: WithConfig) -> None:
    ix = with_config(clarisse_defaults={"chunk_size": 7, "retries": 1, "packages": ["x"]})
    now = items.read_settings(ix.get_item(JOB))
    assert (now.chunk_size, now.packages) == (2, ("conductor-slate 1.0",))
    assert now.retries == 1, "the scene does not say"


def test_a_value_that_was_set_back_to_ours_is_saved(
    with_config: WithConfig, tmp_path: Path,
) -> None:
    ix = with_config(clarisse_defaults={"retries": 1})
    items.set_by_text(ix.get_item(JOB), "retries", "3")
    saved = tmp_path / "saved.project"
    assert ix.application.save_project(str(saved))
    assert "retries 3" in saved.read_text("utf-8")


def test_a_wrong_configuration_leaves_our_defaults_and_is_told_at_each_press(
    with_config: WithConfig,
) -> None:
    ix = with_config(clarisse_defaults={"chunksize": 7})
    warning, = driver.log("warning")
    assert 'Did you mean "chunk_size"?' in warning
    assert items.read_settings(ix.create_object("new", "ConductorJob")).chunk_size == 5
    driver.press(JOB, "preview")
    assert 'Did you mean "chunk_size"?' in driver.log("error")[0]
    assert driver.host().crashes == []


# ---------------------------------------------------------------- locked


def test_a_locked_row_is_read_only(with_config: WithConfig) -> None:
    with_config(clarisse_defaults={"locked": ["retries", "project"]})
    assert is_read_only("retries") and is_read_only("project")
    assert not is_read_only("chunk_size")


def test_a_locked_row_that_differs_stops_the_job_and_can_be_corrected(
    with_config: WithConfig,
) -> None:
    ix = with_config(clarisse_defaults={"chunk_size": 4, "locked": ["chunk_size", "retries"]})
    job = ix.get_item(JOB)
    finding, = errors_of(prepare(ix, job, Config.load()).findings)
    assert (finding.code, finding.subject) == ("attribute-locked", "chunk_size")
    assert "locked this to 4, and the job has 2" in finding.message
    assert not is_read_only("chunk_size") and is_read_only("retries")
    items.set_by_text(job, "chunk_size", "4")
    assert errors_of(prepare(ix, job, Config.load()).findings) == []
    assert is_read_only("chunk_size")


def test_the_studio_may_make_it_a_warning(with_config: WithConfig) -> None:
    ix = with_config(clarisse_defaults={"chunk_size": 4, "locked": ["chunk_size"]},
                     checks={"attribute-locked": "warning"})
    found = prepare(ix, ix.get_item(JOB), Config.load()).findings
    assert errors_of(found) == []
    assert "attribute-locked" in [one.code for one in found]


# ---------------------------------------------------------------- presets


def test_a_preset_is_applied_to_the_selected_jobs(with_config: WithConfig) -> None:
    ix = with_config(clarisse_defaults={"presets": {
        "lookdev": {"chunk_size": 1, "project": "tests", "scout_frames": "fml"}}})
    other, third = (ix.create_object(name, "ConductorJob") for name in ("other", "third"))
    ix.selection.select([ix.get_item(JOB), other, ix.get_item("project://scene/one")])
    studio.apply_preset("lookdev")
    for job in (ix.get_item(JOB), other):
        now = items.read_settings(job)
        assert (now.chunk_size, now.project, now.scout_frames) == (1, "tests", "fml")
    assert items.read_settings(third).chunk_size == 5
    assert 'has the preset "lookdev" now: chunk_size, project, scout_frames' in driver.log()[-1]


def test_a_preset_needs_a_job_and_a_name_that_is_there(with_config: WithConfig) -> None:
    ix = with_config(clarisse_defaults={"presets": {"lookdev": {}}})
    ix.selection.select(ix.get_item("project://scene/one"))
    with pytest.raises(SceneError, match="select the ConductorJobs"):
        studio.apply_preset("lookdev")
    with pytest.raises(ArgumentError, match='Did you mean "lookdev"'):
        studio.apply_preset("lookdevs")


# ---------------------------------------------------------------- the studio's check


@pytest.fixture
def artist(with_config: WithConfig) -> Iterator[Callable[..., Artist]]:
    """Somebody at the screen of a Clarisse with a hook, given as lines of Python."""
    made: list[Artist] = []

    def start(tmp_path: Path, lines: str, *presses: str) -> Artist:
        script = tmp_path / "hook.py"
        script.write_text("import json, sys\ngiven = json.load(sys.stdin)\n" + lines, "utf-8")
        with_config(hooks={"pre_submit": [sys.executable, str(script)]})
        made.append(Artist(*presses))
        return made[0]
    yield start
    for one in made:
        one.leave()
    assert driver.callback_errors() == []


def stored_jobs() -> int:
    return len(ApiClient.from_config(Config.load()).jobs())


def shown(one: Artist) -> str:
    return "\n".join("%s\n%s" % seen for seen in one.seen) + "\n".join(driver.log())


def test_a_refusal_is_shown_and_nothing_is_written_or_sent(
    service_env: Any, artist: Any, tmp_path: Path, scene_path: Path,
) -> None:
    one = artist(tmp_path, "sys.exit('no renders of ' + given['payload']['project'])")
    before, files = stored_jobs(), sorted(scene_path.parent.rglob("*"))
    driver.press(JOB, "submit")
    assert "no renders of default" in shown(one)
    assert stored_jobs() == before
    assert sorted(scene_path.parent.rglob("*")) == files


def test_a_warning_of_the_studio_may_be_accepted(
    service_env: Any, artist: Any, tmp_path: Path,
) -> None:
    one = artist(tmp_path, "print(json.dumps([{'level': 'warning', 'message': 'a long night'}]))",
                 "Continue")
    before = stored_jobs()
    driver.press(JOB, "submit")
    assert "a long night" in shown(one)
    assert stored_jobs() == before + 1


def test_a_preview_does_not_ask_the_studio(
    service_env: Any, artist: Any, tmp_path: Path,
) -> None:
    artist(tmp_path, "open(%r, 'w')" % str(tmp_path / "asked"))
    driver.press(JOB, "preview")
    assert not (tmp_path / "asked").exists()


def test_a_job_with_errors_does_not_ask_the_studio(
    service_env: Any, artist: Any, tmp_path: Path,
) -> None:
    artist(tmp_path, "open(%r, 'w')" % str(tmp_path / "asked"))
    driver.set_attribute(JOB, "custom_frames", "1-")
    driver.press(JOB, "submit")
    assert not (tmp_path / "asked").exists()


def test_cancel_ends_the_studios_check(
    service_env: Any, artist: Any, tmp_path: Path,
) -> None:
    asked = tmp_path / "asked"
    artist(tmp_path, "open(%r, 'w').close()\nimport time\ntime.sleep(600)" % str(asked))

    def cancel() -> bool:
        for window in driver.windows() if asked.exists() else ():
            if "studio" in window.get_title():
                driver.press_button(window, "Cancel")
        return True

    leave = driver.on_events(cancel)
    before = stored_jobs()
    driver.press(JOB, "submit")
    leave()
    assert asked.exists()
    assert "stopped while the studio's check ran" in "\n".join(driver.log())
    assert stored_jobs() == before
    assert driver.windows() == []
