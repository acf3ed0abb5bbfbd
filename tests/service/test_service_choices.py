"""What there is to choose from and how it is narrowed: instance types, jobs by tag and order."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest
from service_client import Client, Gate, Server

from conductor.lib.errors import ArgumentError, ConfigError
from conductor.service import farm, instance_filter

GPU = {"gpu_count": 2, "gpu_model": "A, large"}
TYPES: list[dict[str, Any]] = [
    {"name": "small", "cpu": 2, "memory": "7.5", "operating_system": "linux", "gpu": None},
    {"name": "large", "cpu": 16, "memory": 60.0, "operating_system": "linux", "gpu": GPU},
    {"name": "win", "cpu": 8, "memory": 30, "operating_system": "windows", "gpu": None},
]


@pytest.mark.parametrize("text, names", [
    ("", ["small", "large", "win"]),
    ("cpu=gte:8:int", ["large", "win"]),
    ("cpu=gt:8:int", ["large"]),
    ("cpu=lt:8:int", ["small"]),
    ("cpu=lte:8:int,operating_system=ne:windows", ["small"]),
    ("cpu=gte:8:int,operating_system=ne:windows,gpu.gpu_count=eq:2:int", ["large"]),
    ("gpu.gpu_count=ne:2:int", ["small", "win"]),
    ("memory=gte:30:float", ["large", "win"]),
    ("memory=eq:7.5:float", ["small"]),
    ("name=eq:win:str", ["win"]),
    ("name=eq:win", ["win"]),
    ("nothing=eq:1:int", []),
    ("name.deeper=eq:1:int", []),
    ("gpu=ne::bool", ["small", "large", "win"]),
    (" cpu=eq:2:int , ", ["small"]),
])
def test_the_filter_of_instance_types(text: str, names: list[str]) -> None:
    assert [entry["name"] for entry in instance_filter.apply(text, TYPES)] == names


@pytest.mark.parametrize("text, said", [
    ("cpu", 'filter "cpu"'), ("cpu=many:1", "cpu=many:1"), ("cpu=eq", "cpu=eq"),
    ("cpu=eq:x:int", '"x" is no int'), ("cpu=eq:x:float", '"x" is no float'),
    ("cpu eq 1", "is the form"),
])
def test_a_filter_that_makes_no_sense_is_quoted(text: str, said: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        instance_filter.apply(text, TYPES)
    assert said in str(caught.value)


def test_the_service_filters_its_instance_types(client: Client) -> None:
    found = client.get(
        "/api/v1/instance-types", params={"filter": "cpu=gte:4:int,memory=lt:20:float"}
    )["data"]
    assert {entry["name"] for entry in found} == {"n1-standard-4", "n1-highcpu-4"}
    assert len(client.get("/api/v1/instance-types?filter=")["data"]) == 6
    client.get("/api/v1/instance-types?filter=cpu", 400)


def test_without_a_farm_file_there_are_three_flavors_of_every_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 11)
    assert [offer.name for offer in farm.load(None, tmp_path).instance_types] == [
        "n1-%s-%d" % (flavor, cores)
        for flavor in ("standard", "highmem", "highcpu") for cores in (2, 4, 8)
    ]
    monkeypatch.setattr("os.cpu_count", lambda: 1)
    assert [offer.cores for offer in farm.load(None, tmp_path).instance_types] == [2, 2, 2]


def test_the_accounts_environment_comes_from_the_farm_file(tmp_path: Path) -> None:
    own = Server(tmp_path, """
environment:
  - {name: OCIO, value: /mnt/config.ocio, merge_policy: exclusive}
""").start()
    assert own.client().get("/api/v1/integrations/env-vars-configs")["data"] == [{
        "account_id": "local",
        "env": [{"name": "OCIO", "value": "/mnt/config.ocio", "merge_policy": "exclusive"}],
    }]
    assert own.stop() == 0


def test_a_wrong_variable_of_the_account_is_named(tmp_path: Path) -> None:
    path = tmp_path / "farm.yml"
    path.write_text("environment: [{name: OCIO, value: x, merge_policy: best}]")
    with pytest.raises(ConfigError, match="environment of the account: .*OCIO"):
        farm.load(path, tmp_path)


# Jobs

@pytest.fixture
def show() -> str:
    """A tag no other test uses."""
    return "show_%s, the \"2nd\"=x" % secrets.token_hex(4)


def tagged(client: Client, tmp_path: Path, **changes: Any) -> str:
    return str(client.submit(
        "true", output_path=str(tmp_path / "out"), scout_frames="99", **changes
    ))


def test_jobs_are_found_by_their_metadata(client: Client, tmp_path: Path, show: str) -> None:
    one = tagged(client, tmp_path, metadata={"show": show, "shot": "010"})
    two = tagged(client, tmp_path, metadata={"show": show, "shot": 20})
    tagged(client, tmp_path, metadata={"other": show})

    def found(*pairs: str) -> list[str]:
        jobs = client.get("/api/v1/jobs", params={"metadata": list(pairs)})["data"]
        return [job["jid"] for job in jobs]

    assert found("show=" + show) == [two, one]
    assert found("show=" + show, "shot=010") == [one]
    assert found("show=" + show, "shot=20") == [two]
    assert found("show=" + show, "shot=") == []
    assert "name=value" in client.get("/api/v1/jobs?metadata=x", 400)["error"]


def test_jobs_are_ordered(client: Client, tmp_path: Path, show: str) -> None:
    jids = [
        tagged(client, tmp_path, metadata={"show": show}, priority=priority)
        for priority in (5, 9, 1, 5)
    ]

    def order(text: str) -> list[int]:
        asked = {"metadata": "show=" + show, "order_by": text, "limit": 3}
        return [
            jids.index(job["jid"]) for job in client.get("/api/v1/jobs", params=asked)["data"]
        ]

    assert order("") == [3, 2, 1]
    assert order("priority") == [2, 3, 0]
    assert order("-priority") == [1, 3, 0]
    assert order("created") == [0, 1, 2]
    assert "known are" in client.get("/api/v1/jobs?order_by=colour", 400)["error"]


def test_a_new_priority_lets_a_job_overtake(own_server: Server, gate: Gate, tmp_path: Path) -> None:
    own_server.farm.write_text("cores: 2")
    client = own_server.start().client()
    note = tmp_path / "order"
    first = client.submit(gate.command, output_path=str(tmp_path / "a"))
    gate.wait()
    jids = [
        client.submit(
            "echo %d >> '%s'" % (number, note), output_path=str(tmp_path / ("b%d" % number))
        ) for number in (1, 2)
    ]
    answer = client.ask("PUT", "/jobs_multi", json={
        "action": "set_priority", "jobids": [jids[1], first], "priority": 9,
    })
    assert answer["tasks"] == 1, "a task that runs is not asked again"
    assert client.job(jids[1])["priority"] == 9
    gate.open()
    for jid in jids:
        client.wait(jid, "success")
    assert note.read_text().split() == ["2", "1"]
    for wrong in ("high", None, 1.5):
        body = {"action": "set_priority", "jobids": [first], "priority": wrong}
        assert "whole number" in client.ask("PUT", "/jobs_multi", 400, json=body)["error"]
    own_server.stop()
