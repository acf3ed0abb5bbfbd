"""The Conductor variables of "Clarisse submitter": each with the value of its table, as a preview
leaves it in the Variables panel, and as a command takes it on a real shell."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Iterator

import pytest
import yaml

import conductor
from conductor.clarisse import headless, startup
from conductor.clarisse.attributes import DEFAULT_TASK_TEMPLATE
from conductor.clarisse.headless import driver
from conductor.lib.variables import VARIABLES
from tests.conftest import RunningService
from tests.spec.conftest import HEADER, Artist, OpenScene, image
from tests.spec.keeping import keeps

GLOBAL = {
    # Beside the scene, with the item's name, and a name of its own for each submission.
    "CT_RENDER_PACKAGE":
        r"/path/to/project/shot\.conductor_job_item_name\.[0-9a-f]{8}\.render\.project",
    "CT_PDIR": "/path/to/project",
    "CT_SCRIPT_DIR": "/path/to/conductor/clarisse/scripts",
}
JOB = {
    "CT_SEQLENGTH": "10",
    "CT_SEQUENCE": "1-10",
    "CT_SEQUENCEMIN": "1",
    "CT_SEQUENCEMAX": "10",
    "CT_CORES": "2",
    "CT_FLAVOR": "standard",
    "CT_INSTANCE": r"2 core, 7\.50GB Mem",
    "CT_PREEMPTIBLE": "preemptible",
    "CT_RETRIES": "3",
    "CT_JOB": "conductor_job_item_name",
    "CT_SOURCES": "project://scene/image1 project://scene/image2",
    "CT_SCOUT": "3-8x5",
    "CT_CHUNKSIZE": "2",
    "CT_CHUNKCOUNT": "5",
    "CT_SCOUTCOUNT": "2",
    "CT_TIMESTAMP": r"\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d",
    "CT_SUBMITTER": "conductor_job_item_name",
    "CT_PROJECT": "dpool",
    "CT_DIRECTORIES": "/path/to/renders/layerA /path/to/renders/layerB",
}
TASK = {
    "CT_CHUNKTYPE": "regular",
    "CT_CHUNKS": "9:10 9:10",
    "CT_CHUNKLENGTH": "2",
    "CT_CHUNKSTART": "9",
    "CT_CHUNKEND": "10",
    "CT_CHUNKSTEP": "1",
}
"""The table of the document, by scope; patterns where a value cannot be the same twice."""


def panel_of(ix: Any) -> dict[str, str]:
    """What the Variables panel shows of ours."""
    host_vars = ix.application.get_factory().get_vars()
    return {row.name: str(host_vars.get(row.name).get_string()) for row in VARIABLES}


@pytest.fixture(scope="module")
def panel(
    service: RunningService, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[str, str]]:
    """The panel after a preview of the scene that the table is about.

    Its folders lie elsewhere on this machine: the path map says what the node calls them.
    """
    folder = tmp_path_factory.mktemp("variables")
    (folder / "project").mkdir()
    scene = folder / "project" / "shot.project"
    scene.write_text(HEADER + 'Context "scene" {\n%s%s}' % tuple(
        image("image%d" % number).replace("$PDIR/renders", "%s/renders/layer%s" % (folder, layer))
        for number, layer in ((1, "A"), (2, "B"))), encoding="utf-8")
    config = folder / "config.yml"
    package = os.path.dirname(conductor.__file__)
    config.write_text(yaml.safe_dump({"path_map": [
        [folder.as_posix(), "/path/to"], [Path(package).as_posix(), "/path/to/conductor"]]}))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in dict(service.environ, CONDUCTOR_CONFIG=str(config)).items():
            patch.setenv(name, value)
        with headless.session(str(scene), True) as ix:
            assert startup.start()
            artist = Artist(ix, scene.parent)
            item = artist.new_job("image1", "image2", name="conductor_job_item_name")
            item.get_attribute("last_project").set_string("dpool")
            item.get_attribute("last_instance_type").set_string("n1-standard-2")
            artist.sets(chunk_size=2, use_scout_frames="yes", scout_frames="3,8")
            artist.opens_window("preview")
            yield panel_of(ix)


def test_the_table_is_whole() -> None:
    table = [row.name for row in VARIABLES if not row.is_additional]
    assert sorted([*GLOBAL, *JOB, *TASK]) == sorted(table) and len(table) == 28


@keeps("variables-exist")
def test_all_variables_exist_from_registration_on(open_scene: OpenScene) -> None:
    artist = open_scene(job=False)
    for row in VARIABLES:
        assert artist.ix.application.get_factory().get_vars().get(row.name) is not None, row.name


@keeps("variables-global")
@pytest.mark.parametrize("name", GLOBAL)
def test_a_variable_of_every_job(panel: dict[str, str], name: str) -> None:
    assert re.fullmatch(GLOBAL[name], panel[name]), panel[name]


@keeps("variables-job")
@pytest.mark.parametrize("name", JOB)
def test_a_variable_of_the_job(panel: dict[str, str], name: str) -> None:
    assert re.fullmatch(JOB[name], panel[name]), panel[name]


@keeps("variables-task")
@pytest.mark.parametrize("name", TASK)
def test_a_variable_of_the_last_task(panel: dict[str, str], name: str) -> None:
    assert re.fullmatch(TASK[name], panel[name]), panel[name]


def test_the_timestamp_is_the_time_of_the_press(panel: dict[str, str]) -> None:
    pressed = datetime.strptime(panel["CT_TIMESTAMP"], "%Y_%m_%d_%H_%M_%S")
    assert 0 <= time.time() - pressed.timestamp() < 600


# ---------------------------------------------------------------- in commands


def printed(command: str, folder: Path) -> list[str]:
    """The words that a program is given by a task's command, on a real shell."""
    shown = subprocess.run(
        ["sh", "-c", "show() { printf '%s\\n' \"$@\"; }; show " + command], cwd=str(folder),
        stdout=subprocess.PIPE, check=True)
    return shown.stdout.decode("utf-8").splitlines()


@keeps("variables-task")
def test_an_irregular_chunk(artist: Artist, tmp_path: Path) -> None:
    artist.sets(use_custom_frames="yes", custom_frames="1-3,10", chunk_size=5)
    artist.sets(task_template='$CT_CHUNKTYPE+" "+$CT_CHUNKSTEP+" "+$CT_CHUNKS')
    (task,) = artist.payload()["tasks_data"]
    assert printed(task["command"], tmp_path) == ["irregular", "~", "1:3;10"]


ODD = ["my shots", "a;b & c", "it's $HOME", "Größe 日本", "(new) `id` *"]


@keeps("task-template")
@pytest.mark.parametrize("name", ODD)
def test_odd_names_reach_the_program_as_they_are(
    open_scene: OpenScene, tmp_path: Path, name: str
) -> None:
    artist = open_scene()
    ix = artist.ix
    # In Clarisse no name holds a "$": it would begin a variable.
    context = name.replace("$", "")
    ix.cmds.CreateContext(context, "Global", "project://scene")
    made = ix.cmds.CreateObject("an image", "Image", "Global", "project://scene/" + context)
    path = made.get_full_name()
    for attribute, value in {
        "render_to_disk": "yes", "first_frame": 1, "last_frame": 9,
        "save_as": "$PDIR/%s/beauty." % context,
    }.items():
        driver.set_attribute(path, attribute, value)
    artist.sets(images=[path], use_custom_frames="yes", custom_frames="1-5,8,10-20x5")
    artist.sets(chunk_size=10)
    (task,) = artist.payload()["tasks_data"]
    words = printed(task["command"], tmp_path)
    assert words[0].endswith("/scripts/ct_cnode")
    assert words[1].endswith(".render.project")
    assert words[2:] == [
        "-image", path, "-image_frames_list", "1:5;8:10%2;15:20%5",
        "-directories", "%s/%s" % (artist.folder, context)]


@keeps("task-template")
def test_a_scene_in_a_folder_with_blanks_is_one_word(
    open_scene: OpenScene, tmp_path: Path
) -> None:
    artist = open_scene()
    other = tmp_path / "my show; it's" / "shot one.project"
    other.parent.mkdir()
    artist.ix.application.save_project(str(other))
    (_, package, *rest) = printed(artist.payload()["tasks_data"][0]["command"], tmp_path)
    assert re.fullmatch(
        re.escape(str(other.parent)) + r"/shot_one\.job\.[0-9a-f]{8}\.render\.project", package)
    assert rest[-1] == "%s/renders" % other.parent


@keeps("task-template")
@pytest.mark.parametrize("template", [
    DEFAULT_TASK_TEMPLATE,
    DEFAULT_TASK_TEMPLATE.replace("$", ""),
    'cmd = %s; cmd += ""; cmd' % DEFAULT_TASK_TEMPLATE,
    '1 ? %s : ""' % DEFAULT_TASK_TEMPLATE,
    "$CT_SCRIPT_DIR:/ct_cnode $CT_RENDER_PACKAGE -image $CT_SOURCES "
    "-image_frames_list $CT_CHUNKS -directories $CT_DIRECTORIES",
], ids=["as it is", "bare names", "statements", "a choice", "plain text"])
def test_each_way_to_write_a_command_gives_the_same(artist: Artist, template: str) -> None:
    artist.sets(task_template=template)
    words = shlex.split(artist.payload()["tasks_data"][1]["command"])
    assert words[2:] == ["-image", "project://scene/image1", "-image_frames_list", "6:10",
                         "-directories", "%s/renders" % artist.folder]
    assert words[0].endswith("/scripts/ct_cnode")
