"""The promises of "Clarisse submitter", kept by doing what the artist does on the stand-in."""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import re
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conductor.clarisse import startup
from conductor.clarisse.attributes import ATTRIBUTES
from conductor.clarisse.headless import driver
from conductor.clarisse.prepared import prepare_values
from conductor.clarisse.upload_list import SCRIPT_FOLDER
from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import fetch_catalog
from conductor.lib.config import Config
from conductor.lib.daemons import UploadDaemon
from conductor.lib.roots import Roots
from conductor.lib.states import JobState, TaskState
from conductor.lib.submission import FileStat, UploadFile, md5_text
from tests.spec.conftest import Artist, OpenScene, image, texture
from tests.spec.keeping import keeps

LIMIT_S = 60


def client() -> ApiClient:
    return ApiClient.from_config(Config.load())


def touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")


# ---------------------------------------------------------------- the item


@keeps("class-in-project", "create-and-new-menu")
def test_it_is_a_class_of_project_items(artist: Artist) -> None:
    found = artist.ix.application.get_factory().get_classes().get("ConductorJob")
    assert found.get_name() == "ConductorJob"
    assert artist.ix.get_item("project://job").is_kindof("ProjectItem")


@keeps("many-jobs")
def test_jobs_of_one_project_keep_their_own_settings(artist: Artist) -> None:
    artist.sets(chunk_size=7)
    artist.new_job("image2", name="other")
    artist.sets(chunk_size=3)
    artist.job = "project://job"
    assert artist.payload()["chunk_size"] == 7
    artist.job = "project://other"
    assert artist.payload()["chunk_size"] == 3


@keeps("many-images")
def test_one_job_renders_several_images(artist: Artist) -> None:
    artist.sets(images=["project://scene/image1", "project://scene/image2"])
    command = artist.payload()["tasks_data"][0]["command"]
    assert "-image project://scene/image1 project://scene/image2 " in command


@keeps("settings-saved")
def test_settings_are_saved_with_the_project(artist: Artist) -> None:
    artist.sets(title="my title", use_custom_frames="yes", custom_frames="1-4", retries=1)
    saved = artist.folder / "saved.project"
    artist.ix.application.save_project(str(saved))
    artist.ix.application.load_project(str(saved))
    item = artist.ix.get_item("project://job")
    assert item.get_attribute("title").get_string() == "my title"
    assert item.get_attribute("custom_frames").get_string() == "1-4"
    assert item.get_attribute("retries").get_long() == 1
    assert str(item.get_attribute("images").get_object(0)) == "project://scene/image1"


@keeps("startup-script")
def test_the_startup_script_registers_the_class(open_scene: OpenScene) -> None:
    ix = open_scene(job=False).ix
    from conductor.clarisse import headless

    headless.uninstall()
    ix = headless.install()
    assert not ix.application.get_factory().get_classes().exists("ConductorJob")
    source = Path(startup.__file__).read_text(encoding="utf-8")
    # As Clarisse runs it: a text without a file.
    exec(compile(source, "<string>", "exec"), {"ix": ix, "__name__": "__main__"})
    assert ix.application.get_factory().get_classes().exists("ConductorJob")


@keeps("startup-import")
def test_importing_startup_registers_the_class_and_twice_does_no_harm(
    open_scene: OpenScene, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_scene(job=False)
    from conductor.clarisse import headless

    headless.uninstall()
    ix = headless.install()
    for _ in range(2):
        monkeypatch.delitem(sys.modules, "conductor.clarisse.startup")
        importlib.import_module("conductor.clarisse.startup")
    assert ix.application.get_factory().get_classes().exists("ConductorJob")
    assert driver.log("error") == []


@keeps("tool-tips")
def test_every_row_has_a_tool_tip(artist: Artist) -> None:
    for row in ATTRIBUTES:
        assert len(row.doc) > 20 and row.doc.rstrip().endswith("."), row.name


# ---------------------------------------------------------------- refresh


@keeps("not-set")
def test_before_the_first_contact_nothing_can_be_chosen(artist: Artist) -> None:
    attr = artist.ix.get_item("project://job").get_attribute("project")
    assert attr.get_preset_count() == 1
    assert artist.shows("project") == "- not set -"


@keeps("refresh-fills-menus")
def test_refresh_fills_the_menus(artist: Artist, service_env: Any) -> None:
    artist.presses("refresh")
    artist.sets(project="default", instance_type="2 core, 7.50GB Mem (n1-standard-2)")
    assert artist.shows("project") == "default"
    assert artist.prepared(client()).submission.instance_type == "n1-standard-2"


@keeps("project-vanished")
def test_a_vanished_project_is_reported_and_never_swapped(
    artist: Artist, service_env: Any
) -> None:
    artist.ix.get_item("project://job").get_attribute("last_project").set_string("spiderman")
    artist.presses("refresh")
    prepared = artist.prepared(client())
    problem = next(one for one in prepared.errors if one.subject == "project")
    assert '"spiderman"' in problem.message
    assert artist.shows("project") != "default"


# ---------------------------------------------------------------- frames


@keeps("frames-info")
def test_frames_info_counts_frames_scouts_and_chunks(artist: Artist) -> None:
    artist.sets(use_custom_frames="yes", custom_frames="1-10", chunk_size=2)
    artist.sets(use_scout_frames="yes", scout_frames="3,8")
    assert artist.shows("frames_info") == "2 Scout / 10 Frames -- 5 Chunks -- 1-10"


@keeps("custom-frames-ignore-ranges")
def test_custom_frames_replace_the_ranges_of_all_images(open_scene: OpenScene) -> None:
    artist = open_scene(image("image1", 1, 4), image("image2", 3, 8))
    artist.sets(images=["project://scene/image1", "project://scene/image2"])
    artist.sets(use_custom_frames="yes", custom_frames="20-21")
    (task,) = artist.payload()["tasks_data"]
    assert task["frames"] == "20-21"
    assert " -image_frames_list 20:21 20:21 " in task["command"]


@keeps("own-ranges", "chunk-renders-own-frames")
def test_each_task_renders_for_each_image_its_own_frames(open_scene: OpenScene) -> None:
    artist = open_scene(image("image1", 1, 4), image("image2", 3, 8))
    artist.sets(images=["project://scene/image1", "project://scene/image2"], chunk_size=2)
    one, both = "project://scene/image1", "project://scene/image1 project://scene/image2"
    two = "project://scene/image2"
    expected = [
        ("1-2", one, "1:2"), ("3-4", both, "3:4 3:4"), ("5-6", two, "5:6"), ("7-8", two, "7:8"),
    ]
    tasks = artist.payload()["tasks_data"]
    assert [task["frames"] for task in tasks] == [row[0] for row in expected]
    for task, (_, sources, chunks) in zip(tasks, expected):
        assert " -image %s -image_frames_list %s " % (sources, chunks) in task["command"]


@keeps("custom-frames-grammar")
def test_custom_frames_are_progressions(artist: Artist) -> None:
    artist.sets(use_custom_frames="yes", custom_frames="1,7,10-20,30-60x3,1001", chunk_size=1)
    frames = [int(task["frames"]) for task in artist.payload()["tasks_data"]]
    assert frames == [1, 7, *range(10, 21), *range(30, 61, 3), 1001]


@keeps("custom-frames-not-negative")
def test_negative_frames_are_refused_with_the_place(artist: Artist) -> None:
    artist.sets(use_custom_frames="yes", custom_frames="1-10,-5")
    assert "-5" in artist.shows("frames_info")
    assert "frames-invalid" in artist.codes()
    assert '"1-10,-5"' in artist.messages()


@keeps("chunk-size")
def test_a_chunk_is_the_frames_of_one_task(artist: Artist) -> None:
    artist.sets(chunk_size=4)
    assert [task["frames"] for task in artist.payload()["tasks_data"]] == ["1-4", "5-8", "9-10"]


@keeps("best-chunk-size")
def test_best_chunk_size_keeps_the_number_of_chunks(artist: Artist) -> None:
    artist.sets(use_custom_frames="yes", custom_frames="1-100", chunk_size=33)
    artist.presses("best_chunk_size")
    assert artist.shows("chunk_size") == "25"
    assert len(artist.payload()["tasks_data"]) == 4


# ---------------------------------------------------------------- what is sent


@keeps("title-expression")
def test_the_title_is_an_expression(artist: Artist) -> None:
    artist.sets(title='"batman: " + $PNAME + " " + $CT_JOB')
    assert artist.payload()["job_title"] == "batman: shot job"


@keeps("title-example")
def test_the_title_of_the_example(artist: Artist) -> None:
    artist.sets(title='$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE')
    assert artist.payload()["job_title"] == "%s job 1-10" % artist.folder


@keeps("title-example")
def test_the_title_as_printed_is_an_error_that_points_at_its_stray_quote(artist: Artist) -> None:
    printed = '"$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE'
    artist.sets(title=printed)
    (problem,) = artist.prepared().errors
    assert (problem.code, problem.subject) == ("title", "title")
    quoted, caret = problem.message.splitlines()
    assert quoted.endswith(': "%s"' % printed)
    place = caret.index("^")
    assert quoted[place] == '"' and quoted[place:-1] == printed


@keeps("images-render-to-disk", "images-save-as")
@pytest.mark.parametrize("line, without", [
    ("        render_to_disk yes\n", ""),
    ('        save_as "$PDIR/renders/image1"\n', ""),
    ("renders/image1", "renders/"),
], ids=["render to disk off", "no save as", "save as a folder"])
def test_an_image_must_be_written_to_disk(
    open_scene: OpenScene, line: str, without: str
) -> None:
    text = image("image1")
    assert line in text
    artist = open_scene(text.replace(line, without))
    wrong = [one for one in artist.prepared().findings if one.subject == "project://scene/image1"]
    assert wrong, artist.messages()


@keeps("images-eye")
def test_a_disabled_image_is_left_out(open_scene: OpenScene) -> None:
    off = image("image1").replace("render_to_disk", "disabled yes\n        render_to_disk")
    artist = open_scene(off, image("image2"))
    artist.sets(images=["project://scene/image1", "project://scene/image2"])
    text = json.dumps(artist.payload())
    assert "image2" in text and "image1" not in text


@keeps("instance-type", "preemptible", "retries")
def test_machine_settings_are_sent(artist: Artist) -> None:
    artist.ix.get_item("project://job").get_attribute("last_instance_type").set_string("big-8")
    artist.sets(preemptible="yes", retries=2)
    payload = artist.payload()
    assert payload["instance_type"] == "big-8"
    assert payload["preemptible"] is True
    assert payload["autoretry_policy"] == {
        "failed": {"max_retries": 2}, "preempted": {"max_retries": 2},
    }
    artist.sets(preemptible="no")
    assert artist.payload()["preemptible"] is False
    assert artist.payload()["autoretry_policy"] == {"failed": {"max_retries": 2}}


@keeps("packages")
def test_packages_reach_the_job_as_ids_and_environment(artist: Artist, service_env: Any) -> None:
    artist.sets(packages=["conductor-slate 1.0"])
    payload = artist.prepared(client()).submission.to_payload()
    package = fetch_catalog(client()).packages.find_by_path("conductor-slate 1.0")
    assert package is not None
    assert payload["software_package_ids"] == [package["package_id"]]
    assert payload["environment"]["PATH"].endswith("conductor-slate/bin")


@keeps("extra-environment")
def test_extra_environment_is_json_and_reaches_the_job(artist: Artist) -> None:
    row = {"name": "TEX", "value": "$HOME/tex", "merge_policy": "exclusive"}
    artist.sets(extra_environment=json.dumps([row]))
    assert artist.payload()["environment"]["TEX"] == "$HOME/tex"
    artist.sets(extra_environment='[{"name"')
    assert "json-invalid" in artist.codes()
    assert artist.shows("extra_environment") == '[{"name"'


@keeps("task-template")
def test_the_task_template_makes_each_command(artist: Artist) -> None:
    artist.sets(task_template='"render "+$CT_RENDER_PACKAGE+" "+$CT_CHUNKS', chunk_size=5)
    commands = [task["command"] for task in artist.payload()["tasks_data"]]
    package = artist.prepared().plan.path
    name = re.sub("[0-9a-f]{8}", "[0-9a-f]{8}", re.escape(package))
    assert re.fullmatch("render %s 1:5" % name, commands[0])
    assert re.fullmatch("render %s 6:10" % name, commands[1])


@keeps("notify")
def test_addresses_are_notified(artist: Artist) -> None:
    artist.sets(notify="yes", email_addresses="fred@flintstones.com, wilma@flintstones.com")
    assert artist.payload()["notify"] == {
        "emails": ["fred@flintstones.com", "wilma@flintstones.com"],
    }


# ---------------------------------------------------------------- uploads


@keeps("scan-none", "extra-uploads")
def test_no_scan_sends_only_package_scripts_and_extra_uploads(open_scene: OpenScene) -> None:
    artist = open_scene(image("image1"), texture("tex", "$PDIR/tex/a.png"))
    touch(artist.folder, "tex/a.png", "notes/extra.txt")
    artist.sets(dependency_scan_policy="No Scan")
    artist.sets(extra_uploads=[str(artist.folder / "notes" / "extra.txt")])
    assert artist.uploads() == ["notes/extra.txt"]
    every = [one.path for one in artist.prepared().submission.upload_files]
    assert any(path.endswith("scripts/ct_cnode") for path in every)
    assert any(path.endswith(".render.project") for path in every)


@keeps("scan-smart-hashes")
def test_smart_finds_the_files_that_the_frames_need(open_scene: OpenScene) -> None:
    artist = open_scene(
        image("image1", 4, 6),
        texture("tex", "$PDIR/tex/a.###.png", sequence_mode=1, start_frame=1, end_frame=20),
    )
    touch(artist.folder, *["tex/a.%03d.png" % frame for frame in range(1, 21)])
    assert artist.uploads() == ["tex/a.004.png", "tex/a.005.png", "tex/a.006.png"]


@keeps("scan-smart-variable")
@pytest.mark.parametrize("text, name", [("$4F", "%04d"), ("$F", "%d")])
def test_smart_resolves_frame_variables(open_scene: OpenScene, text: str, name: str) -> None:
    artist = open_scene(image("image1", 9, 10), texture("tex", "$PDIR/tex/a.%s.png" % text))
    touch(artist.folder, *["tex/a.%s.png" % (name % frame) for frame in range(1, 21)])
    assert artist.uploads() == sorted("tex/a.%s.png" % (name % frame) for frame in (9, 10))


@keeps("scan-smart-example")
def test_a_shot_of_20_frames_that_starts_100_frames_in(open_scene: OpenScene) -> None:
    artist = open_scene(
        image("image1", 1, 20),
        texture("background", "$PDIR/bg/bg.####.png", sequence_mode=1, start_frame=1,
                end_frame=1000, frame_offset=-100),
    )
    touch(artist.folder, *["bg/bg.%04d.png" % frame for frame in range(1, 1001)])
    assert artist.uploads() == ["bg/bg.%04d.png" % frame for frame in range(101, 121)]


# ---------------------------------------------------------------- preview and submit


@keeps("preview-shows-parameters")
def test_preview_shows_what_would_be_sent(artist: Artist, service_env: Any) -> None:
    artist.ix.get_item("project://job").get_attribute("last_project").set_string("default")
    artist.ix.get_item("project://job").get_attribute("last_instance_type").set_string(
        "n1-standard-2")
    shown = artist.opens_window("preview")
    for words in ("10 Frames -- 2 Chunks -- 1-10", '"tasks_data"', "n1-standard-2", "default"):
        assert words in shown
    assert list(artist.folder.glob("*.render.project")) == []


@keeps("submit-sends", "scout-frames", "scout-whole-tasks")
def test_submit_sends_the_job_and_scouts_run_first(artist: Artist, service_env: Any) -> None:
    item = artist.ix.get_item("project://job")
    item.get_attribute("last_project").set_string("default")
    item.get_attribute("last_instance_type").set_string("n1-standard-2")
    artist.sets(packages=["conductor-slate 1.0"], chunk_size=2, title="spec scouts")
    artist.sets(use_scout_frames="yes", scout_frames="3,8")
    before = {job["jid"] for job in client().jobs()}
    artist.presses("submit")
    (job,) = [one for one in client().jobs() if one["jid"] not in before]
    assert job["title"] == "spec scouts"
    limit = time.monotonic() + LIMIT_S
    while client().job(job["jid"])["status"] != JobState.HOLDING:
        assert time.monotonic() < limit, client().tasks(job["jid"])
        time.sleep(0.05)
    states = [task["status"] for task in client().tasks(job["jid"])]
    done, held = TaskState.SUCCESS, TaskState.HOLDING
    assert states == [held, done, held, done, held]
    names = [
        file["relative_path"] for one in client().job_downloads(job["jid"]) for file in one["files"]
    ]
    assert sorted(Path(name).name for name in names) == [
        "image1%05d.exr" % frame for frame in (3, 4, 7, 8)
    ]


def ready_to_submit(artist: Artist) -> None:
    """A project and a machine are chosen."""
    item = artist.ix.get_item("project://job")
    item.get_attribute("last_project").set_string("default")
    item.get_attribute("last_instance_type").set_string("n1-standard-2")
    artist.sets(packages=["conductor-slate 1.0"])
    driver.answer(lambda _message: "ok")


def submitted(artist: Artist) -> list[dict[str, Any]]:
    """Press Submit; the jobs that came of it."""
    before = {job["jid"] for job in client().jobs()}
    artist.presses("submit")
    assert driver.log("error") == []
    return [one for one in client().jobs() if one["jid"] not in before]


@keeps("local-upload-off")
def test_without_local_upload_a_daemon_brings_the_files(
    artist: Artist, service_env: Any
) -> None:
    ready_to_submit(artist)
    artist.sets(local_upload="no", location="mars")
    (job,) = submitted(artist)
    assert client().job(job["jid"])["status"] == JobState.UPLOAD_PENDING
    config = Config.load()
    roots = Roots([str(artist.folder), SCRIPT_FOLDER])
    UploadDaemon(ApiClient.from_config(config), config, roots, location="mars").run(
        threading.Event(), once=True)
    limit = time.monotonic() + LIMIT_S
    while not JobState(client().job(job["jid"])["status"]).is_ended:
        assert time.monotonic() < limit, client().job(job["jid"])
        time.sleep(0.05)
    assert client().job(job["jid"])["status"] == JobState.SUCCESS


@keeps("upload-only")
def test_upload_only_uploads_and_starts_nothing(open_scene: OpenScene, service_env: Any) -> None:
    artist = open_scene(image("image1"), texture("tex", "$PDIR/tex/a.png"))
    touch(artist.folder, "tex/a.png")
    content = os.urandom(64)
    (artist.folder / "tex" / "a.png").write_bytes(content)
    ready_to_submit(artist)
    artist.sets(upload_only="yes")
    assert submitted(artist) == []
    file = UploadFile(
        "a", "/a", md5_text(hashlib.md5(content).digest()),
        FileStat.of(os.stat(str(artist.folder / "tex" / "a.png"))),
    )
    assert client().upload_urls("default", [file]).single == {}, "the service has it"


@keeps("force-upload")
@pytest.mark.parametrize("force, sent", [("no", False), ("yes", True)])
def test_force_upload_sends_what_is_there_already(
    open_scene: OpenScene, service_env: Any, monkeypatch: pytest.MonkeyPatch, force: str,
    sent: bool,
) -> None:
    artist = open_scene(image("image1"), texture("tex", "$PDIR/tex/a.png"))
    touch(artist.folder, "tex/a.png")
    (artist.folder / "tex" / "a.png").write_bytes(os.urandom(3_000_000))
    ready_to_submit(artist)
    artist.sets(upload_only="yes")
    submitted(artist)
    received = service_env.data / "store"
    before = newest_write(received)
    artist.sets(force_upload=force)
    submitted(artist)
    assert (newest_write(received) > before) == sent


def newest_write(folder: Path) -> float:
    """When something below a folder last changed."""
    return max(os.stat(str(path)).st_mtime_ns for path in folder.rglob("*"))


# ---------------------------------------------------------------- the other scans


@keeps("scan-glob")
def test_glob_finds_every_file_on_disk_that_matches(open_scene: OpenScene) -> None:
    artist = open_scene(
        image("image1", 4, 6),
        texture("hashes", "$PDIR/tex/a.###.png", sequence_mode=1, start_frame=1, end_frame=5),
        texture("frame", "$PDIR/tex/b.$F.png"),
    )
    touch(artist.folder, *["tex/a.%03d.png" % frame for frame in range(1, 21)], "tex/a.01.png")
    touch(artist.folder, *["tex/b.%d.png" % frame for frame in range(1, 21)], "tex/b.x.png")
    artist.sets(dependency_scan_policy="Glob")
    assert artist.uploads() == sorted(
        ["tex/a.%03d.png" % frame for frame in range(1, 21)]
        + ["tex/b.%d.png" % frame for frame in range(1, 21)])


@keeps("scan-smart-no-arithmetic")
def test_arithmetic_with_the_frame_is_not_resolved_but_told(open_scene: OpenScene) -> None:
    artist = open_scene(texture("tex", r'$PDIR + \"/tex/a.\" + ($F * 2) + \".png\"'),
                        image("image1", 1, 4))
    touch(artist.folder, *["tex/a.%d.png" % frame for frame in range(1, 9)])
    assert artist.uploads() == []
    assert "path-expression" in artist.codes("warning")
    assert "path-expression project://scene/tex.filename" in artist.messages()
    assert "$F * 2" in artist.messages()


@keeps("scan-references")
def test_a_referenced_project_is_in_the_package_and_its_paths_are_scanned(
    open_scene: OpenScene,
) -> None:
    artist = open_scene(
        image("image1"), '    Context "set" {\n        filename "$PDIR/set.project"\n    }\n')
    touch(artist.folder, "tex/in_set.png")
    (artist.folder / "set.project").write_text(
        'Context "inner" {\n%s}\n' % texture("tex", "$PDIR/tex/in_set.png"), encoding="utf-8")
    made = artist.prepared()
    # In Clarisse, whose exporter makes references local. Here there is none, so the host says so.
    in_clarisse = prepare_values(
        made.settings, replace(made.scene, localizes_references=True), made.catalog, Config.load())
    sent = [Path(one.path).name for one in in_clarisse.submission.upload_files]
    assert "in_set.png" in sent and "set.project" not in sent
    assert in_clarisse.plan.localizes
    # Without Clarisse the project travels along.
    assert "tex/in_set.png" in artist.uploads()
