"""Jobs of the vendor's plugins: recognised, mapped once, each change told, the commands derived by
hand. The fixtures are written by hand after the attributes that those plugins declare."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from build_values import SCRIPTS, config, scripts_elsewhere

from conductor.clarisse import headless, item, old_items, startup
from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE, JobSettings
from conductor.clarisse.headless import driver
from conductor.clarisse.old_scenes import (
    Change,
    Record,
    Release,
    machine_name,
    mapped,
)
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.press import prepare
from conductor.lib.catalog import Catalog, InstanceType
from conductor.lib.checks import Finding, Level

__all__ = ["scripts_elsewhere"]
pytestmark = pytest.mark.usefixtures("scripts_elsewhere", "clean_home")

FOLDER = Path(__file__).resolve().parent / "old_scenes"
UNKNOWN = Catalog.unknown()
MACHINES = Catalog(instance_types=(
    InstanceType("n1-standard-2", "2 core, 7.50GB Mem", 2, 7.5, "standard"),
    InstanceType("n1-standard-4", "4 core, 15.00GB Mem", 4, 15, "standard"),
    InstanceType("n2-standard-4", "4 core, 15.00GB Mem", 4, 15, "standard"),
))
JOBS = {
    "may_2019": "project://vr", "late_2019": "project://sky",
    "cioclarisse_0_3_2": "project://scene/shot",
}

Opened = Callable[[str], Any]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Opened]:
    """Opens one of the fixtures, copied, as Clarisse would; gives Clarisse."""
    def make(name: str) -> Any:
        path = tmp_path.resolve() / (name + ".project")
        shutil.copy(str(FOLDER / (name + ".project")), str(path))
        ix = headless.install(str(path), False)
        assert startup.start()
        return ix
    yield make
    headless.uninstall()


def job_of(ix: Any, name: str) -> Any:
    return ix.get_item(JOBS[name])


def prepared(ix: Any, name: str) -> Prepared:
    return prepare(ix, job_of(ix, name), config())


def told(findings: Any) -> list[str]:
    return [one.message for one in findings if one.code == "old-scene"]


def commands(made: Prepared) -> list[str]:
    """Without this machine's folders and the submission's own number."""
    package = made.plan.path
    folder = os.path.dirname(package)
    return [task.command.replace(package, "PACKAGE").replace(SCRIPTS, "SCRIPTS")
            .replace(folder, "SHOT") for task in made.submission.tasks]


# ---------------------------------------------------------------- whole scenes, by hand


def test_may_2019(opened: Opened) -> None:
    """Left 1-6, right 3-8, chunks of 4: 1-4 and 5-8. -threads is the artist's own, all else the
    vendor's default; dependency_scan_policy 1 was Glob, as ours is; log level 4 was DEBUG."""
    made = prepared(opened("may_2019"), "may_2019")
    images = "-image project://scene/left project://scene/right"
    folders = "-directories SHOT/out/left SHOT/out/right -threads 8"
    assert commands(made) == [
        "SCRIPTS/ct_cnode PACKAGE %s -image_frames_list 1:4 3:4 %s" % (images, folders),
        "SCRIPTS/ct_cnode PACKAGE %s -image_frames_list 5:6 5:8 %s" % (images, folders),
    ]
    assert made.submission.job_title == "may_2019 vr 8"
    assert made.submission.scout_frames == "3"
    assert made.submission.environment == {
        "PATH": "$HOME/bin", "OCIO": "/show/ocio/config.ocio"}
    policies = [one["merge_policy"] for one in json.loads(made.settings.extra_environment)]
    assert policies == ["append", "exclusive"]
    assert made.submission.autoretry_policy["failed"] == {"max_retries": 2}
    assert made.submission.project == "default"
    assert made.submission.notify == ("artist@studio.example",)
    assert made.settings.packages == ("conductor-slate 1.0",)
    assert made.settings.dependency_scan_policy == 1
    assert made.settings.log_level == "Debug"
    assert made.settings.extra_uploads == ("$PDIR/luts/show.cube",)


def test_late_2019(opened: Opened) -> None:
    """Frames 10-13 in chunks of 2, each in 2x2 tiles: 8 tasks. The title was left at its default,
    the job's name. The search path keeps its own quotes."""
    made = prepared(opened("late_2019"), "late_2019")
    command = ("SCRIPTS/ct_cnode PACKAGE -image project://scene/beauty -image_frames_list %s "
               "-directories SHOT/out/beauty -search_path \"/shows/default/it's\" "
               "-tile_rendering 4 %d")
    assert commands(made) == [
        command % (frames, tile) for frames in ("10:11", "12:13") for tile in (1, 2, 3, 4)]
    assert made.submission.job_title == "sky"
    assert made.submission.instance_type == "n1-standard-2"
    assert made.submission.environment == {"SHOW": "sky"}
    assert made.submission.force_upload
    assert not made.settings.clean_up_render_package


def test_cioclarisse_0_3_2(opened: Opened) -> None:
    """The image 1-4, its layer 2-3, chunks of 2: 1-2 and 3-4. Scout frames were left at the
    vendor's default 2,4-8,10-50x2, of which the job has 2 and 4; retries at its 1."""
    made = prepared(opened("cioclarisse_0_3_2"), "cioclarisse_0_3_2")
    command = ("SCRIPTS/ct_cnode PACKAGE -image project://scene/beauty project://scene/beauty.back "
               "-image_frames_list %s -directories SHOT/out/beauty SHOT/out/back")
    assert commands(made) == [command % "1:2 2", command % "3:4 3"]
    assert made.submission.job_title == "shot of default: frames 1-4 on"
    assert made.submission.scout_frames == "2-4x2"
    assert made.submission.autoretry_policy == {"failed": {"max_retries": 1}}
    assert made.submission.environment == {"LUT": "/luts"}
    assert json.loads(made.settings.metadata) == {
        "shot": "$CT_JOB:_$CT_SEQUENCE", "who": "lighting"}
    assert made.submission.metadata["shot"] == "shot_1-4"


def test_every_change_and_everything_without_a_place_is_told(opened: Opened) -> None:
    made = prepared(opened("cioclarisse_0_3_2"), "cioclarisse_0_3_2")
    lines = told(made.findings)
    assert len(lines) == 12
    for part in (
        'title "<job> of <project>: frames <sequence> on <instance_type>" became title '
        '"$CT_JOB+" of "+$CT_PROJECT',
        'images_and_layers "project://scene/beauty project://scene/beauty.back '
        'project://scene/gone" became images',
        'images_and_layers "project://scene/gone": the scene has no such image or layer',
        'retries "1" stays so, where our default is another',
        'extra_environment "not json": this is no entry of theirs',
        'instance_type "7": it is a position in a menu',
        'clarisse_version "1": it is a position in a menu',
        'disable_validation "yes": checks are turned off one by one',
    ):
        assert any(part in line for line in lines), part
    finding = next(one for one in made.findings if one.attribute == "images")
    assert (finding.level, finding.item, finding.code) == (
        Level.INFO, JOBS["cioclarisse_0_3_2"], "old-scene")
    assert all("cioclarisse 0.3.2" in line for line in lines)


def test_the_log_tells_it_once(opened: Opened) -> None:
    ix = opened("may_2019")
    prepared(ix, "may_2019")
    prepared(ix, "may_2019")
    lines = [line for line in driver.log() if "may 2019" in str(line).lower()]
    assert len(lines) == 6


# ---------------------------------------------------------------- once


@pytest.mark.parametrize("name", sorted(JOBS))
def test_a_job_is_mapped_once_and_then_is_the_artists(opened: Opened, name: str) -> None:
    ix = opened(name)
    first = prepared(ix, name)
    job = job_of(ix, name)
    item.set_by_text(job, "title", "mine <job>")
    item.set_by_text(job, "retries", "5")
    again = prepared(ix, name)
    assert again.settings == dataclasses.replace(first.settings, title="mine <job>", retries=5)
    assert told(again.findings) == told(first.findings)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_saved_and_opened_again_nothing_changes(
    opened: Opened, tmp_path: Path, name: str,
) -> None:
    ix = opened(name)
    first = prepared(ix, name)
    saved = str(tmp_path / "saved.project")
    assert ix.application.save_project(saved)
    with headless.session(saved, gui=False) as there:
        assert startup.start()
        again = prepared(there, name)
    assert again.settings == first.settings
    assert told(again.findings) == told(first.findings)


def test_what_the_artist_changed_before_the_first_press_stays(opened: Opened) -> None:
    ix = opened("cioclarisse_0_3_2")
    job = job_of(ix, "cioclarisse_0_3_2")
    item.set_by_text(job, "title", "<job>, mine")
    item.set_by_text(job, "images", '["project://scene/beauty"]')
    item.set_by_text(job, "metadata", '{"mine": "1"}')
    item.set_by_text(job, "extra_environment", "[]")
    made = prepared(ix, "cioclarisse_0_3_2")
    assert made.settings.title == '$CT_JOB+", mine"'
    assert made.settings.images == ("project://scene/beauty",)
    assert made.settings.metadata == '{"mine": "1"}'
    assert made.settings.extra_environment == "[]"


def test_nothing_but_the_job_is_changed(opened: Opened, tmp_path: Path) -> None:
    ix = opened("late_2019")
    prepared(ix, "late_2019")
    saved = tmp_path / "saved.project"
    assert ix.application.save_project(str(saved))

    def without_job(text: str) -> list[str]:
        before, _, rest = text.partition("ConductorJob {")
        return [before, rest[rest.index("\n}\n"):]]

    original = (FOLDER / "late_2019.project").read_text("utf-8")
    assert without_job(saved.read_text("utf-8")) == without_job(original)


def test_what_is_left_stands_in_the_item_for_good(opened: Opened) -> None:
    ix = opened("late_2019")
    prepared(ix, "late_2019")
    record = Record.from_text(job_of(ix, "late_2019").get_attribute("mapped_from").get_string())
    assert record.release == Release.LATE_2019.value
    assert [entry for entry, _ in record.left] == ["clarisse_version 2", "localize_contexts yes"]


SECOND = """ConductorJob {
    name "second"
    #version 0.0
    conductor_project_name 3
    title "<ct_job> again"
}
"""


@pytest.fixture
def two_jobs(opened: Opened, tmp_path: Path) -> Any:
    """A scene with another old job."""
    path = tmp_path.resolve() / "two.project"
    text = (FOLDER / "may_2019.project").read_text("utf-8")
    path.write_text(text.replace("#preferences", SECOND + "#preferences"), "utf-8")
    ix = headless.install(str(path), False)
    assert startup.start()
    yield ix
    headless.uninstall()


def test_refresh_maps_every_job_of_the_scene(two_jobs: Any, service_env: Any) -> None:
    driver.press("project://vr", "refresh")
    assert driver.log("error") == []
    first, second = (item.read_settings(two_jobs.get_item(path))
                     for path in ("project://vr", "project://second"))
    assert first.instance_type == "n1-standard-2"
    assert second.title == '$CT_JOB+" again"'


def test_any_other_button_maps_its_own_job_first(two_jobs: Any) -> None:
    driver.press("project://vr", "best_chunk_size")
    first, second = (item.read_settings(two_jobs.get_item(path))
                     for path in ("project://vr", "project://second"))
    assert first.log_level == "Debug"
    assert second.title == "<ct_job> again"


def test_a_job_of_ours_is_left_alone(ix: Any) -> None:
    job = ix.get_item("project://job")
    before = item.read_settings(job)
    assert old_items.map_once(ix, job, UNKNOWN) == ()
    assert item.read_settings(job) == before
    assert job.get_attribute("mapped_from").get_string() == ""


def test_a_scene_that_was_never_saved() -> None:
    with headless.session(None, gui=False) as ix:
        assert startup.start()
        job = ix.create_object("new", "ConductorJob", ix.get_item("project://"))
        assert old_items.map_once(ix, job, UNKNOWN) == ()


def test_attributes_that_clarisse_shows_are_read_where_the_file_is_silent(ix: Any) -> None:
    """An imported item is in no file yet."""
    job = ix.get_item("project://job")
    item.set_by_text(job, "images", "[]")
    words = ix.api.OfAttr
    listed = job.add_attribute("images_and_layers", words.TYPE_REFERENCE, words.CONTAINER_LIST,
                               words.VISUAL_HINT_DEFAULT, "general")
    listed.add_object(ix.get_item("project://scene/one"))
    old_items.map_once(ix, job, UNKNOWN)
    assert item.read_settings(job).images == ("project://scene/one",)


# ---------------------------------------------------------------- machines


@pytest.mark.parametrize("text, name", [
    ("2 core, 7.50GB Mem", "n1-standard-2"),
    ("n1-standard-2", "n1-standard-2"),
    ("4 core, 15.00GB Mem", "4 core, 15.00GB Mem"),
    ("9 core", "9 core"),
    ("", ""),
], ids=["described", "named", "two alike", "unknown", "none"])
def test_a_machine_is_named_where_its_description_is_the_only_one(text: str, name: str) -> None:
    assert machine_name(text, MACHINES) == name


def test_the_machine_is_named_as_soon_as_conductor_was_asked(opened: Opened) -> None:
    ix = opened("may_2019")
    job = job_of(ix, "may_2019")
    before = old_items.map_once(ix, job, UNKNOWN)
    assert item.read_settings(job).instance_type == "2 core, 7.50GB Mem"
    after = old_items.map_once(ix, job, MACHINES)
    assert item.read_settings(job).instance_type == "n1-standard-2"
    assert told(after) == told(before)[:4] + [
        "Saved by Conductor's plugin of May 2019: last_instance_type \"2 core, 7.50GB Mem\" became "
        'instance_type "n1-standard-2".'] + told(before)[4:]
    assert old_items.map_once(ix, job, MACHINES) == after


# ---------------------------------------------------------------- mapped, value by value

MAY, LATE, CIO = Release.MAY_2019, Release.LATE_2019, Release.CIOCLARISSE


@pytest.mark.parametrize("release, values, now, changes", [
    (MAY, {}, {}, [("title", "$PNAME")]),
    (LATE, {}, {}, [("title", "$CT_JOB")]),
    (CIO, {}, {}, [("title", '"My Clarisse Job"'), ("retries", "1")]),
    (CIO, {"retries": ["3"]}, {}, [("title", '"My Clarisse Job"')]),
    (CIO, {"title": ["x"]}, {"title": "x", "retries": 4}, []),
    (MAY, {"title": ["x"]}, {"title": "x", "use_custom_frames": True},
     [("custom_frames", "2,4-8,10-50x2")]),
    (MAY, {"title": ["x"]},
     {"title": "x", "use_custom_frames": True, "custom_frames": "1"}, []),
    (MAY, {"title": ["x"]}, {"title": "x", "project": "- Please click connect -"},
     [("project", "")]),
    (MAY, {"title": ["x"]}, {"title": "x", "instance_type": "- not set -"},
     [("instance_type", "")]),
    (MAY, {"title": ["x"]}, {"title": "x", "instance_type": "2 core, 7.50GB Mem"},
     [("instance_type", "n1-standard-2")]),
    (MAY, {"title": ["x"], "conductor_log_level": ["0"]}, {"title": "x"},
     [("log_level", "Error")]),
    (MAY, {"title": ["x"], "conductor_log_level": ["3"]}, {"title": "x"}, []),
    (MAY, {"title": ["x"], "conductor_log_level": ["77"]}, {"title": "x"}, []),
    (MAY, {"title": ["x"], "extra_environment": ["nothing"]},
     {"title": "x", "extra_environment": "nothing"}, [("extra_environment", "")]),
    (CIO, {"title": ["x"], "metadata": ['{"key": "a", "value": ""}'], "retries": ["3"]},
     {"title": "x", "metadata": '{"key": "a", "value": ""}'}, [("metadata", "")]),
    (CIO, {"title": ["x"], "metadata": ['{"a": "b"}'], "retries": ["3"]},
     {"title": "x", "metadata": '{"a": "b"}'}, []),
], ids=lambda value: "" if isinstance(value, list) else str(value))
def test_a_value(release: Release, values: Any, now: Any, changes: Any) -> None:
    record = mapped(release, values, JobSettings(**now), MACHINES)
    assert [(one.name, one.value) for one in record.changes] == changes


def test_a_default_of_the_studio_is_not_taken_for_an_absent_value() -> None:
    record = mapped(CIO, {"title": ["x"]}, JobSettings(title="x", retries=7), UNKNOWN)
    assert record.changes == ()


def test_the_template_at_its_default_changes_nothing() -> None:
    settings = JobSettings(title="x", task_template=DEFAULT_TASK_TEMPLATE)
    assert mapped(MAY, {"title": ["x"]}, settings, UNKNOWN).changes == ()


def test_secrets_are_kept_and_never_told() -> None:
    entry = '{"excl": false, "key": "API_TOKEN", "value": "hush"}'
    record = mapped(MAY, {"title": ["x"], "extra_environment": [entry]},
                    JobSettings(title="x", extra_environment=entry), UNKNOWN)
    assert "hush" in record.changes[0].value
    findings: list[Finding] = list(record.findings("project://job"))
    assert len(findings) == 1
    assert "hush" not in findings[0].message
    assert "may hold a secret" in findings[0].message


def test_a_long_text_of_many_lines_is_told_in_one() -> None:
    record = Record("x", (Change("title", "title a\nb " + "c" * 400, "d"),))
    message = next(record.findings("project://job")).message
    assert "a b ccc" in message
    assert "..." in message
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "x", "[]", "{}", '{"from": 1, "changes": [[1]], "left": []}'])
def test_a_record_that_cannot_be_read_is_an_empty_one(text: str) -> None:
    assert Record.from_text(text) == Record()


def test_a_record_survives_as_text() -> None:
    record = Record("x", (Change("a", "b ü", "c\n\""),), (("d 1", "e"),))
    assert Record.from_text(record.to_text()) == record
