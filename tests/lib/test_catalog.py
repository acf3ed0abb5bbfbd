"""What the service offers, as values."""

from __future__ import annotations

from typing import Any

import pytest
from fault_server import Answer, FaultServer

from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import (
    Catalog,
    InstanceType,
    fetch_catalog,
    find_instance_type,
    read_instance_types,
)
from conductor.lib.errors import ArgumentError, ServiceError

TYPES = [
    {"name": "n1-standard-8", "cores": 8, "memory": "30", "operating_system": "linux"},
    {"name": "n1-standard-2", "cores": 2, "memory": 7.5, "description": "2 core, 7.5GB Mem"},
    {"name": "n1-standard-2-w", "cores": 2, "memory": 7.5, "operating_system": "windows"},
    {"name": "n1-highmem-4", "cores": "4", "memory": 26},
    {"name": "cw-xeonv3-32", "cores": 32, "memory": 128},
    {"description": "nameless"},
]


@pytest.fixture
def offering(faults: FaultServer, client: ApiClient) -> ApiClient:
    faults.on("GET", "/api/v1/projects/", Answer(200, {"data": [{"name": "p"}]}))
    faults.on("GET", "/api/v1/instance-types", Answer(200, {"data": TYPES}))
    faults.on("GET", "/api/v1/ee/packages", Answer(200, {"data": [
        {"package_id": "1", "product": "clarisse", "major_version": "5"}]}))
    return client


def test_fetching(offering: ApiClient) -> None:
    catalog = fetch_catalog(offering, clock=lambda: 12.5)
    assert catalog.projects == ("p",)
    assert [one.name for one in catalog.instance_types] == [
        "n1-standard-2", "n1-highmem-4", "n1-standard-8", "cw-xeonv3-32", "n1-standard-2-w"]
    assert catalog.packages.paths() == ["clarisse 5"]
    assert (catalog.fetched_at, catalog.is_known, catalog.path_map) == (12.5, True, [])


def test_trouble_is_not_hidden(faults: FaultServer, offering: ApiClient) -> None:
    faults.on("GET", "/api/v1/ee/packages", Answer(403))
    with pytest.raises(ServiceError, match="packages"):
        fetch_catalog(offering)


def test_machines() -> None:
    machine = InstanceType.from_json(TYPES[0])
    assert machine == InstanceType(
        "n1-standard-8", "8 core, 30.00GB Mem", 8, 30.0, "standard", "linux")
    assert InstanceType.from_json(TYPES[4]).flavor == ""
    assert InstanceType.from_json({"name": "x", "cores": None}).cores == 0


def test_the_unknown_catalogue() -> None:
    catalog = Catalog.unknown()
    assert not catalog.is_known
    assert catalog.instance_type("n1-standard-2") is None
    assert catalog.packages.paths() == []


def test_by_name(offering: ApiClient) -> None:
    catalog = fetch_catalog(offering)
    machine = catalog.instance_type("n1-highmem-4")
    assert machine is not None and machine.cores == 4
    assert catalog.instance_type("n1-highmem-5") is None


@pytest.mark.parametrize(
    "rules",
    [[["Z:/", "/mnt"]], {"Z:/": "/mnt"}, [{"from": "Z:/", "to": "/mnt"}], [["Z:/", "/mnt"], [1]]],
    ids=["pairs", "a table", "objects", "a broken rule is left out"],
)
def test_path_maps(rules: Any) -> None:
    assert Catalog(capabilities={"path_map": rules}).path_map == [("Z:/", "/mnt")]


@pytest.mark.parametrize(
    "flavor, cores, name",
    [("standard", 2, "n1-standard-2"), ("standard", 8, "n1-standard-8"),
     ("highmem", 4, "n1-highmem-4")],
)
def test_flavor_and_cores(offering: ApiClient, flavor: str, cores: int, name: str) -> None:
    assert find_instance_type(read_instance_types(offering), flavor, cores).name == name


@pytest.mark.parametrize(
    "flavor, cores, reason",
    [("standard", 3, "no such machine"), ("highmem", 1, "at least 2 cores"),
     ("ultramem", 8, "at least 40 cores"), ("fancy", 2, "no such machine")],
)
def test_no_such_machine(
    offering: ApiClient, flavor: str, cores: int, reason: str,
) -> None:
    with pytest.raises(ArgumentError, match=reason) as caught:
        find_instance_type(read_instance_types(offering), flavor, cores)
    assert "highmem/4, standard/2, standard/8" in str(caught.value)


def test_no_machines_at_all() -> None:
    nothing: dict[str, Any] = {}
    with pytest.raises(ArgumentError, match="Choose one of none"):
        find_instance_type([InstanceType.from_json(nothing)], "standard", 2)
