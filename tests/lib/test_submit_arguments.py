"""The arguments of Submit: old and new names, checks, and what they become."""

from __future__ import annotations

from typing import Any

import pytest

from conductor.lib.arguments import ALIASES, ARGUMENTS, JobArguments, normalize_arguments
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError
from conductor.lib.submission import PAYLOAD_ID, Task

GIVEN: dict[str, Any] = {
    "project": "default", "instance_type": "n1-standard-2", "output_path": "/w/out",
    "tasks_data": [{"command": "echo hi", "frames": "1"}],
}


def read(config: Any = None, **changes: Any) -> JobArguments:
    arguments = {name: value for name, value in dict(GIVEN, **changes).items()
                 if value is not None}
    return JobArguments.read(arguments, environ={}, config=config)


@pytest.mark.parametrize("old, new", sorted(ALIASES.items()))
def test_other_spellings(old: str, new: str) -> None:
    assert normalize_arguments({old: "x"}) == {new: "x"}
    assert normalize_arguments({old: "x", new: "x"}) == {new: "x"}
    with pytest.raises(ArgumentError, match='"%s" is given twice' % new):
        normalize_arguments({old: "x", new: "y"})


@pytest.mark.parametrize(
    "name, instead",
    [("cmd", "tasks_data"), ("frames", "frames.*tasks_data"), ("postcmd", "each command"),
     ("gpu_config", "instance_type")],
)
def test_arguments_of_the_past_name_what_replaces_them(name: str, instead: str) -> None:
    with pytest.raises(ArgumentError, match='"%s" is gone; use .*%s' % (name, instead)):
        normalize_arguments({name: "x"})


@pytest.mark.parametrize(
    "name, nearest",
    [("job_titel", "job_title"), ("upload_path", "upload_paths"), ("scout_framse", "scout_frame"),
     ("machine_flavour", "machine_flavor")],
)
def test_unknown_arguments_name_the_nearest(name: str, nearest: str) -> None:
    with pytest.raises(ArgumentError, match='no argument "%s".*"%s' % (name, nearest)):
        normalize_arguments({name: "x"})


def test_nothing_near() -> None:
    with pytest.raises(ArgumentError) as caught:
        normalize_arguments({"zzzzzz": 1})
    assert "Did you mean" not in str(caught.value)


def test_none_counts_as_absent() -> None:
    assert normalize_arguments({"notify": None}) == {}


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_each_is_explained(name: str) -> None:
    assert ARGUMENTS[name].endswith(".")


def test_defaults() -> None:
    submission = read().submission("n1-standard-2")
    payload = submission.to_payload()
    assert payload.pop("metadata") == {PAYLOAD_ID: submission.submission_id}
    assert payload.pop("owner")
    assert payload == {
        "instance_type": "n1-standard-2", "project": "default",
        "tasks_data": [{"command": "echo hi", "frames": "1"}], "output_path": "/w/out",
        "autoretry_policy": {}, "docker_image": "", "environment": {},
        "job_title": "Unknown job title", "local_upload": True, "location": "",
        "preemptible": False, "priority": 5, "scout_frames": "", "software_package_ids": [],
        "max_instances": 0, "chunk_size": 1, "notify": {"emails": []}, "upload_files": [],
        "upload_size": 0,
    }


@pytest.mark.parametrize(
    "argument, value, field, sent",
    [
        ("autoretry_policy", {"preempted": {"max_retries": 2}}, "autoretry_policy",
         {"preempted": {"max_retries": 2}}),
        ("chunk_size", "15", "chunk_size", 15),
        ("docker_image", "img", "docker_image", "img"),
        ("environment", {"A": 0}, "environment", {"A": "0"}),
        ("title", "t", "job_title", "t"),
        ("local_upload", "False", "local_upload", False),
        ("location", "mars", "location", "mars"),
        ("max_instances", 3, "max_instances", 3),
        ("notify", ["a@b.c", "d@e.f"], "notify", {"emails": ["a@b.c", "d@e.f"]}),
        ("notify", "a@b.c, d@e.f", "notify", {"emails": ["a@b.c", "d@e.f"]}),
        ("notify", {"emails": "a@b.c"}, "notify", {"emails": ["a@b.c"]}),
        ("notify", {"emails": None}, "notify", {"emails": []}),
        ("output_path", "C:\\w\\out", "output_path", "C:/w/out"),
        ("owner", "me", "owner", "me"),
        ("user", "me", "owner", "me"),
        ("preemptible", True, "preemptible", True),
        ("priority", 800, "priority", 800),
        ("scout_frame", "1-100x5", "scout_frames", "1-100x5"),
        ("scout_frames", "3, 8", "scout_frames", "3, 8"),
        ("software_package_ids", ["a", "b"], "software_package_ids", ["a", "b"]),
        ("tasks_data", [{"command": "c", "frames": 8}], "tasks_data",
         [{"command": "c", "frames": "8"}]),
        ("tasks_data", [{"command": "c"}], "tasks_data", [{"command": "c", "frames": ""}]),
    ],
)
def test_what_arguments_become(argument: str, value: Any, field: str, sent: Any) -> None:
    payload = read(**{argument: value}).submission("x").to_payload()
    assert payload[field] == sent


def test_metadata_becomes_text() -> None:
    metadata = read(metadata={"shot": "Ez500", 7: True}).submission("x").metadata
    assert metadata == {"shot": "Ez500", "7": "True"}


@pytest.mark.parametrize(
    "changes, message",
    [
        pytest.param({"tasks_data": None}, '"tasks_data" is missing', id="no tasks"),
        pytest.param({"output_path": None}, '"output_path" is missing', id="no output path"),
        pytest.param({"tasks_data": "echo"}, "must be a list", id="tasks as text"),
        pytest.param({"tasks_data": {"command": "x"}}, "must be a list", id="a task alone"),
        pytest.param({"tasks_data": 5}, "must be a list", id="tasks as number"),
        pytest.param({"tasks_data": ["echo"]}, r"tasks_data\[0\] must be", id="a task as text"),
        pytest.param({"tasks_data": [{"frames": "1"}]}, r"tasks_data\[0\] has no", id="no command"),
        pytest.param({"tasks_data": [{"command": "x", "frame": "1"}]}, '"frame"', id="odd member"),
        pytest.param({"tasks_data": [{"command": "x", "frames": [1]}]}, '"frames" must',
                     id="frames as list"),
        pytest.param({"scout_frames": "1-"}, '"scout_frames".*1-', id="scout spec"),
        pytest.param({"notify": 5}, '"notify" must be a list', id="notify"),
        pytest.param({"notify": [5]}, '"notify" must be a list', id="an address as number"),
        pytest.param({"metadata": {"a": ["b"]}}, '"metadata"', id="metadata of lists"),
        pytest.param({"metadata": {1: "a", "1": "b"}}, 'has "1" twice', id="colliding metadata"),
        pytest.param({"metadata": "a"}, "must be a table", id="metadata as text"),
        pytest.param({"environment": ["A=1"]}, "must be a table", id="environment as list"),
        pytest.param({"chunk_size": 0}, "at least 1", id="chunk size"),
        pytest.param({"priority": "high"}, "priority", id="priority"),
        pytest.param({"preemptible": "maybe"}, "true or false", id="preemptible"),
        pytest.param({"autoretry_policy": 3}, "autoretry_policy", id="retries as number"),
        pytest.param({"autoretry_policy": {"lost": {"max_retries": 1}}}, '"lost" is neither',
                     id="retry cause"),
        pytest.param({"autoretry_policy": {"failed": {"max_retries": "2"}}}, "no number",
                     id="retries as text"),
        pytest.param({"instance_type": "x", "cores": 2}, "not both", id="two machines"),
        pytest.param({"upload_only": True}, "runs nothing", id="upload only with tasks"),
        pytest.param({"upload_only": True, "tasks_data": None, "local_upload": False},
                     "needs local_upload", id="upload only by a daemon"),
        pytest.param({"enforced_md5s": ["a"]}, "must be a table", id="enforced as list"),
    ],
)
def test_wrong_arguments(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        read(**changes)


@pytest.mark.parametrize(
    "arguments, settings, machine",
    [
        ({"instance_type": "a"}, {}, ("a", "", 0)),
        ({"machine_flavor": "highmem", "cores": 4}, {}, ("", "highmem", 4)),
        ({"machine_type": "highcpu", "cores": "16"}, {}, ("", "highcpu", 16)),
        ({"cores": 4}, {}, ("", "standard", 4)),
        ({"machine_flavor": "highmem"}, {}, ("", "highmem", 8)),
        ({}, {}, ("", "standard", 8)),
        ({}, {"instance_type": "b"}, ("b", "", 0)),
        ({"cores": 4}, {"instance_type": "b"}, ("", "standard", 4)),
        ({"instance_type": "a"}, {"cores": 4}, ("a", "", 0)),
    ],
)
def test_machines(arguments: Any, settings: Any, machine: Any) -> None:
    config = Config.load({}, None, settings)
    found = read(config, **dict({"instance_type": None}, **arguments))
    assert (found.instance_type, found.flavor, found.cores) == machine


def test_the_configuration_fills_in_and_adds_up() -> None:
    config = Config.load({}, None, {
        "project": "configured", "location": "mars", "notify": ["a@b.c"],
        "environment": {"A": "1"}, "upload_paths": ["/x"],
    })
    found = read(config, project=None, notify=["d@e.f"], environment={"B": "2"},
                 upload_paths=["/y"])
    submission = found.submission("x")
    assert (submission.project, submission.location) == ("configured", "mars")
    assert submission.notify == ("a@b.c", "d@e.f")
    assert submission.environment == {"A": "1", "B": "2"}
    assert found.upload_paths == ("/x", "/y")


def test_each_submission_has_an_id_of_its_own() -> None:
    arguments = read()
    assert arguments.submission("x").submission_id != arguments.submission("x").submission_id
    assert arguments.tasks == (Task("echo hi", "1"),)
