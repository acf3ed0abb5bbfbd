"""Settings, scene, catalogue and configuration in, one submission out."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from build_values import (
    CATALOG,
    IDENTITY,
    MOMENT,
    SCRIPTS,
    SETTINGS,
    built,
    codes,
    config,
    image,
    scene,
    scripts_elsewhere,
)

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.build import Moment, build, build_submission
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.upload_list import SCRIPT_FOLDER
from conductor.lib.catalog import Catalog
from conductor.lib.variables import VARIABLES

__all__ = ["scripts_elsewhere"]
pytestmark = pytest.mark.usefixtures("scripts_elsewhere")

QUICK_START = replace(
    SETTINGS, use_custom_frames=True, custom_frames="1-10", chunk_size=2, use_scout_frames=True,
    scout_frames="3,8")
PACKAGE = "/path/to/project/shot.conductor_job_item_name.01234567.render.project"


def test_the_payload_of_the_quick_start() -> None:
    payload = built(QUICK_START).submission.to_payload()
    tasks, files = payload.pop("tasks_data"), payload.pop("upload_files")
    assert payload == {
        "instance_type": "n1-standard-2", "project": "dpool",
        "output_path": "/path/to/project/renders/image1",
        "autoretry_policy": {"failed": {"max_retries": 3}, "preempted": {"max_retries": 3}},
        "docker_image": "", "environment": {"PATH": "/opt/clarisse", "LICENCE": "4101@server"},
        "job_title": "Clarisse: conductor_job_item_name 1-10", "local_upload": True,
        "location": "", "preemptible": True, "metadata": {"conductor_submission_id": IDENTITY},
        "priority": 5, "scout_frames": "3-8x5", "software_package_ids": ["aaaa"],
        "max_instances": 0, "chunk_size": 2, "owner": "artist", "notify": {"emails": []},
        "upload_size": 0,
    }
    assert [task["frames"] for task in tasks] == ["1-2", "3-4", "5-6", "7-8", "9-10"]
    # By hand from the template: scripts folder, package, the image, its frames, its folder.
    assert tasks[4]["command"] == (
        SCRIPTS + "/ct_cnode " + PACKAGE + " -image project://scene/image1 "
        "-image_frames_list 9:10 -directories /path/to/project/renders/image1")
    assert [file["destination"] for file in files] == sorted(
        [PACKAGE, SCRIPT_FOLDER + "/ct_cnode", SCRIPT_FOLDER + "/ct_prep.py"])
    assert codes(built(QUICK_START)) == []


def test_each_task_renders_of_each_image_its_own_frames() -> None:
    made = built(replace(SETTINGS, chunk_size=2), scene(image("a", 1, 4), image("b", 3, 8)))
    parts = [task.command.split(" -") for task in made.submission.tasks]
    assert [(part[1], part[2]) for part in parts] == [
        ("image project://scene/a", "image_frames_list 1:2"),
        ("image project://scene/a project://scene/b", "image_frames_list 3:4 3:4"),
        ("image project://scene/b", "image_frames_list 5:6"),
        ("image project://scene/b", "image_frames_list 7:8"),
    ]
    assert made.submission.job_title == "Clarisse: conductor_job_item_name 1-8"


def test_disabled_images_are_left_out_everywhere() -> None:
    off = image("off", 50, 60, enabled=False, save_as="", render_to_disk=False)
    made = built(SETTINGS, scene(image("on", 1, 2), off))
    assert made.submission == built(SETTINGS, scene(image("on", 1, 2))).submission
    assert codes(made) == []


# -- variables ----------------------------------------------------------------------------------

# The examples of the user's document come true with two images, 1-10 by 2, scouting 3 and 8.
EXAMPLES = {variable.name: variable.example for variable in VARIABLES}
EXAMPLES.update(CT_RENDER_PACKAGE=PACKAGE, CT_TILES="1", CT_TILE="1")
TWO = scene(
    image("image1", save_as="/path/to/renders/layerA/beauty"),
    image("image2", save_as="/path/to/renders/layerB/beauty"))


def test_all_variables_have_a_last_value() -> None:
    assert set(built(QUICK_START, TWO).variables) == {variable.name for variable in VARIABLES}


@pytest.mark.parametrize("name", [variable.name for variable in VARIABLES])
def test_the_documented_value_of(name: str) -> None:
    assert built(QUICK_START, TWO).variables[name] == EXAMPLES[name]
    command = built(replace(QUICK_START, task_template="$%s" % name), TWO)
    assert command.submission.tasks[-1].command == EXAMPLES[name]
    expression = built(replace(QUICK_START, task_template='"x"+$%s' % name), TWO)
    assert expression.submission.tasks[-1].command == "x" + EXAMPLES[name]


@pytest.mark.parametrize("settings, name, value", [
    pytest.param(replace(SETTINGS, preemptible=False), "CT_PREEMPTIBLE", "non-preemptible",
                 id="non-preemptible"),
    pytest.param(SETTINGS, "CT_SCOUT", "", id="no scouting"),
    pytest.param(SETTINGS, "CT_SCOUTCOUNT", "0", id="no scouting, counted"),
    pytest.param(replace(SETTINGS, scout_frames="1-3"), "CT_SCOUT", "", id="scouting off"),
    pytest.param(replace(SETTINGS, instance_type="cw-epyc-8"), "CT_FLAVOR", "cw-epyc-8",
                 id="a name without a flavor"),
    pytest.param(replace(SETTINGS, use_custom_frames=True, custom_frames="1-5,8", chunk_size=9),
                 "CT_CHUNKTYPE", "irregular", id="irregular chunk"),
    pytest.param(replace(SETTINGS, use_custom_frames=True, custom_frames="1-5,8", chunk_size=9),
                 "CT_CHUNKSTEP", "~", id="no step"),
    pytest.param(replace(SETTINGS, use_custom_frames=True, custom_frames="1-5,8", chunk_size=9),
                 "CT_CHUNKS", "1:5;8", id="two progressions, raw in the panel"),
    pytest.param(replace(SETTINGS, use_custom_frames=True, custom_frames="1-9x4", chunk_size=9),
                 "CT_CHUNKSTEP", "4", id="a step"),
    pytest.param(replace(SETTINGS, use_custom_frames=True, custom_frames="1-9x4", chunk_size=9),
                 "CT_CHUNKTYPE", "regular", id="stepped is regular"),
])
def test_other_values(settings: JobSettings, name: str, value: str) -> None:
    assert built(settings).variables[name] == value


def test_variables_of_a_job_without_frames() -> None:
    made = built(replace(SETTINGS, use_custom_frames=True, custom_frames="?"))
    assert made.variables["CT_SEQUENCE"] == made.variables["CT_SEQUENCEMIN"] == ""
    assert made.variables["CT_CHUNKS"] == made.variables["CT_CHUNKSTART"] == ""
    assert made.submission.tasks == ()


# -- title ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("title, value", [
    pytest.param('$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE',
                 "/path/to/project conductor_job_item_name 1-10", id="the manual's, corrected"),
    pytest.param("shot $PNAME", "shot shot", id="plain text with a variable of the scene"),
    pytest.param("plain", "plain", id="plain text"),
    pytest.param('"a " + $MY_OWN', "a custom", id="a custom variable"),
    pytest.param('"$CT_SOURCES"', "project://scene/my image", id="raw, not quoted"),
    pytest.param("$CT_CHUNKS", "$CT_CHUNKS", id="a variable of tasks means nothing here"),
])
def test_title(title: str, value: str) -> None:
    made = built(replace(SETTINGS, title=title),
                 scene(image("my image"), variables={"MY_OWN": "custom"}))
    assert made.submission.job_title == value
    assert codes(made) == []


def test_a_title_that_cannot_be_read_is_an_error_that_points_at_the_place() -> None:
    made = built(replace(SETTINGS, title='"$CT_PDIR +" "+ $CT_JOB +" "+ $CT_SEQUENCE'))
    assert codes(made) == [("error", "title", "title")]
    assert "^ here" in made.findings[0].message


@pytest.mark.parametrize("title", ["", "  ", "\n", '" " + ""'])
def test_a_job_without_a_title_is_warned_about(title: str) -> None:
    made = built(replace(SETTINGS, title=title))
    assert made.submission.job_title == ""
    assert codes(made) == [("warning", "title-empty", "title")]


def test_a_number_outside_its_range_stops_the_submission() -> None:
    assert codes(built(replace(SETTINGS, retries=-1))) == [("error", "setting-range", "retries")]


# -- commands on a real shell ----------------------------------------------------------------------


def test_blanks_and_semicolons_reach_the_program() -> None:
    template = (
        '"printf \'%s\\n\' "+$CT_SOURCES+" "+$CT_CHUNKS+" "+$CT_DIRECTORIES+" "+$CT_PDIR')
    settings = replace(
        SETTINGS, use_custom_frames=True, custom_frames="1-5,8", chunk_size=9,
        task_template=template)
    made = built(settings, scene(image("my image"), path="/my show/shot one.project"))
    answer = subprocess.run(
        ["sh", "-c", made.submission.tasks[0].command], stdout=subprocess.PIPE, check=True)
    assert answer.stdout.decode().splitlines() == [
        "project://scene/my image", "1:5;8", "/my show/renders/my image", "/my show"]
    assert made.plan.path == (
        "/my show/shot_one.conductor_job_item_name.01234567.render.project")


# -- what is passed on -----------------------------------------------------------------------------


@pytest.mark.parametrize("changes, key, value", [
    pytest.param({"preemptible": False, "retries": 2}, "autoretry_policy",
                 {"failed": {"max_retries": 2}}, id="retries without preemption"),
    pytest.param({"local_upload": False}, "local_upload", False, id="daemon upload"),
    pytest.param({"priority": 9}, "priority", 9, id="priority"),
    pytest.param({"location": "vienna"}, "location", "vienna", id="location"),
    pytest.param({"location": " vienna\n"}, "location", "vienna", id="location without blanks"),
    pytest.param({"metadata": '{"show": "a", "take": 3, "final": true}'}, "metadata",
                 {"show": "a", "take": "3", "final": "true", "conductor_submission_id": IDENTITY},
                 id="metadata becomes text"),
    pytest.param({"notify": True, "email_addresses": "a@b.cd, e@f.gh; a@b.cd"}, "notify",
                 {"emails": ["a@b.cd", "e@f.gh"]}, id="addresses"),
    pytest.param({"notify": False, "email_addresses": "a@b.cd"}, "notify", {"emails": []},
                 id="notify off"),
    pytest.param({"upload_only": True}, "tasks_data", [], id="an upload alone has no task"),
    pytest.param({"packages": ("clarisse 5.0.5/ornatrix 1",)}, "software_package_ids",
                 ["aaaa", "bbbb"], id="hosts of a plug-in come along"),
])
def test_settings_reach_the_payload(changes: dict[str, object], key: str, value: object) -> None:
    made = built(replace(SETTINGS, **changes))  # type: ignore[arg-type]
    assert made.submission.to_payload()[key] == value
    assert codes(made) == []


def test_force_and_upload_only_are_kept() -> None:
    made = built(replace(SETTINGS, force_upload=True, upload_only=True)).submission
    assert (made.force_upload, made.upload_only) == (True, True)


def test_the_configuration_fills_in_and_adds() -> None:
    settings = replace(
        SETTINGS, project="", instance_type="", notify=True, email_addresses="me@here.org",
        metadata='{"shot": "7"}',
        extra_environment='[{"name": "PATH", "value": "/own", "merge_policy": "prepend"}]')
    submission = built(
        settings, project="other", instance_type="cw-epyc-8", location="graz", max_instances=4,
        docker_image="box", notify=["all@here.org"], metadata={"show": "x"},
        environment={"PATH": "/studio"}, software_package_ids=["cccc"], owner="td",
    ).submission
    assert (submission.project, submission.instance_type) == ("other", "cw-epyc-8")
    assert (submission.location, submission.max_instances, submission.docker_image) == (
        "graz", 4, "box")
    assert submission.notify == ("all@here.org", "me@here.org")
    assert submission.metadata == {"show": "x", "shot": "7"}
    assert submission.environment["PATH"] == "/own:/studio:/opt/clarisse"
    assert submission.software_package_ids == ("aaaa", "cccc")
    assert submission.owner == "td"


def test_the_owner_is_the_login_name_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(name, "jane")
    assert built(owner=None).submission.owner == "jane"


def test_a_system_without_a_user_gives_no_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert built(owner=None).submission.owner == ""


# -- paths of Windows ------------------------------------------------------------------------------

WINDOWS = scene(
    image("a", 1, 2, save_as="Z:\\show\\renders\\a\\beauty."),
    path="Z:/show/shot.project", variables={"PDIR": "Z:/show", "TOOLS": "Z:\\show\\tools"})


@pytest.mark.parametrize("path_map, on_node", [
    pytest.param([], "/show", id="the drive is dropped"),
    pytest.param([["Z:/show", "/mnt/show"]], "/mnt/show", id="path map"),
])
def test_commands_have_node_paths_and_the_payload_keeps_the_drive(
    path_map: list[list[str]], on_node: str,
) -> None:
    settings = replace(
        SETTINGS, task_template='$CT_RENDER_PACKAGE+" "+$CT_DIRECTORIES+" "+$CT_PDIR+" "+$TOOLS',
        extra_environment='[{"name": "SHOW", "value": "z:\\\\show"}]')
    made = built(settings, WINDOWS, path_map=path_map)
    name = "shot.conductor_job_item_name.01234567.render.project"
    assert made.submission.tasks[0].command == "{0}/{1} {0}/renders/a {0} {0}/tools".format(
        on_node, name)
    assert made.submission.environment["SHOW"] == on_node
    assert made.submission.output_path == "Z:/show/renders/a"
    assert "Z:/show/" + name in [file.destination for file in made.submission.upload_files]
    assert made.plan.path == "Z:/show/" + name
    assert made.plan.path_map.to_node("Z:/show/x") == on_node + "/x"


def test_the_service_offers_path_rules_and_the_configuration_comes_first() -> None:
    catalog = replace(CATALOG, capabilities={
        "path_map": [["Z:/show", "/farm/show"], ["Y:/", "/farm/y"]]})
    made = build(SETTINGS, WINDOWS, catalog, config(path_map=[["Z:/show", "/mnt/show"]]), MOMENT)
    assert made.variables["CT_PDIR"] == "/mnt/show"
    assert made.plan.path_map.to_node("Y:/a") == "/farm/y/a"


# -- values ----------------------------------------------------------------------------------------


def test_only_id_and_time_differ_between_two_presses() -> None:
    first, second = (build(QUICK_START, TWO, CATALOG, config()) for _ in range(2))
    assert first.submission.submission_id != second.submission.submission_id
    moment = Moment(IDENTITY, MOMENT.now)
    again = [build(QUICK_START, TWO, CATALOG, config(), moment) for _ in range(2)]
    assert again[0] == again[1]


def test_build_submission_gives_submission_and_findings() -> None:
    submission, findings = build_submission(SETTINGS, scene(), Catalog.unknown(), config())
    assert submission.project == "dpool"
    assert [finding.code for finding in findings] == ["catalog-unknown"]


def test_a_scene_kept_as_json_builds_the_same() -> None:
    again = Scene.from_json(json.loads(json.dumps(TWO.to_json())))
    assert built(QUICK_START, again) == built(QUICK_START, TWO)


def test_a_scene_that_was_never_saved() -> None:
    made = built(scene_=replace(scene(), path=""))
    assert ("error", "scene-unsaved", "scene") in codes(made)


TILED = replace(SETTINGS, tiles=2, use_scout_frames=True, scout_frames="3")


def test_each_chunk_and_tile_is_a_task() -> None:
    made = built(TILED)
    tasks = made.submission.tasks
    assert [task.frames for task in tasks[:5]] == ["1-2"] * 4 + ["3-4"]
    assert [task.command.split(" -directories ")[1].partition(" -")[2] for task in tasks[:5]] == [
        "tile_rendering 4 %d" % tile for tile in (1, 2, 3, 4, 1)]
    assert len(tasks) == 20
    assert codes(made) == [("info", "tiles-apart", "tiles")]
    # All tiles of a chunk carry its frames: the service starts all of them, or holds them.
    assert made.submission.to_payload()["scout_frames"] == "3"
    told = {name: made.variables[name] for name in ("CT_TILES", "CT_TILE", "CT_CHUNKCOUNT")}
    assert told == {"CT_TILES": "4", "CT_TILE": "4", "CT_CHUNKCOUNT": "5"}


@pytest.mark.parametrize("settings, level, code", [
    pytest.param(replace(SETTINGS, tiles=10, use_custom_frames=True, custom_frames="1-11",
                         chunk_size=1), "info", "tasks-many", id="1,100 tasks"),
    pytest.param(replace(SETTINGS, tiles=10, use_custom_frames=True, custom_frames="1-101",
                         chunk_size=1), "warning", "tasks-absurd", id="10,100 tasks"),
    pytest.param(replace(SETTINGS, tiles=0), "error", "tiles-range", id="no tile"),
    pytest.param(replace(SETTINGS, tiles=11), "error", "tiles-range", id="too many"),
])
def test_findings_about_tiles(settings: JobSettings, level: str, code: str) -> None:
    assert (level, code) in [one[:2] for one in codes(built(settings))]


def test_ten_thousand_frames_of_three_images_in_under_a_second() -> None:
    big = scene(*[image("image%d" % number, 1, 10000) for number in range(3)])
    started = time.process_time()
    made = built(replace(SETTINGS, chunk_size=1), big)
    took = time.process_time() - started
    assert len(made.submission.tasks) == 10000
    assert codes(made) == [("info", "tasks-many", "chunk_size")]
    # Processor time of a shared machine varies; measuring coverage costs about ten times.
    assert took < (20 if sys.gettrace() else 2)
