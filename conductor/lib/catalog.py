"""What the service offers, as one value with the time it was asked."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any, Callable, Mapping, Sequence

from conductor.lib.api_client import ApiClient
from conductor.lib.errors import ArgumentError
from conductor.lib.package_utils import PackageTree

LINUX = "linux"
_SKU = re.compile(r"^n\d+-(?P<flavor>[a-z]+)-(?P<cores>\d+)(?:-w)?$")
# Fewer cores of these are not made.
_LEAST_CORES = {"highmem": 2, "highcpu": 2, "ultramem": 40}


@dataclass(frozen=True)
class InstanceType:
    """A machine a job may run on.

    Attributes:
        flavor: ``standard``, ``highmem`` ... read from a name such as ``n1-standard-8``; empty
            when the name does not tell.
    """

    name: str
    description: str
    cores: int
    memory_gb: float
    flavor: str
    operating_system: str = LINUX

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> InstanceType:
        """From one entry of the service's list; numbers may come as text."""
        name = str(data.get("name") or "")
        match = _SKU.match(name)
        cores, memory = _number(data.get("cores")), _number(data.get("memory"))
        return cls(
            name,
            str(data.get("description") or "%d core, %.2fGB Mem" % (cores, memory)),
            int(cores), memory,
            match.group("flavor") if match else str(data.get("flavor") or ""),
            str(data.get("operating_system") or LINUX),
        )


def _number(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


@dataclass(frozen=True)
class Catalog:
    """Projects, machines, packages and abilities of a service.

    Attributes:
        fetched_at: epoch seconds; 0 when nobody asked.
        is_known: False for the stand-in used where there is no service or sign-in.
    """

    projects: tuple[str, ...] = ()
    instance_types: tuple[InstanceType, ...] = ()
    packages: PackageTree = field(default_factory=lambda: PackageTree(()))
    capabilities: Mapping[str, Any] = field(default_factory=dict)
    fetched_at: float = 0.0
    is_known: bool = True

    @classmethod
    def unknown(cls) -> Catalog:
        """An empty one for previews without a service: names cannot be checked."""
        return cls(is_known=False)

    def instance_type(self, name: str) -> InstanceType | None:
        """The machine of that name."""
        return next((item for item in self.instance_types if item.name == name), None)

    @property
    def path_map(self) -> list[tuple[str, str]]:
        """``(workstation, node)`` rules the service offers."""
        rules = self.capabilities.get("path_map") or ()
        if isinstance(rules, Mapping):
            rules = rules.items()
        return [(str(rule[0]), str(rule[1])) for rule in map(_pair, rules) if len(rule) == 2]


def _pair(rule: Any) -> tuple[Any, ...]:
    """A rule written as a pair or as ``{"from": …, "to": …}``."""
    if isinstance(rule, Mapping):
        return tuple(rule[name] for name in ("from", "to") if name in rule)
    return tuple(rule)


def find_instance_type(
    instance_types: Sequence[InstanceType], flavor: str, cores: int,
) -> InstanceType:
    """The Linux machine of a flavor and a number of cores.

    Raises:
        ArgumentError: there is none; the message lists the choices.
    """
    linux = [item for item in instance_types if item.operating_system == LINUX]
    for item in linux:
        if item.flavor == flavor and item.cores == cores:
            return item
    choices = sorted({(item.flavor, item.cores) for item in linux if item.flavor})
    least = _LEAST_CORES.get(flavor, 1)
    reason = "%s needs at least %d cores" % (flavor, least) if cores < least else \
        "the service has no such machine"
    raise ArgumentError(
        'machine_flavor "%s" with cores %d: %s. Choose one of %s.'
        % (flavor, cores, reason, ", ".join("%s/%d" % choice for choice in choices) or "none")
    )


def read_instance_types(client: ApiClient) -> tuple[InstanceType, ...]:
    """The machines of the service, smallest first."""
    found = [InstanceType.from_json(item) for item in client.instance_types()]
    return tuple(sorted(
        (item for item in found if item.name),
        key=lambda item: (item.operating_system, item.cores, item.memory_gb, item.name),
    ))


def fetch_catalog(client: ApiClient, clock: Callable[[], float] = time.time) -> Catalog:
    """Ask for everything a submission may choose from.

    Raises:
        AuthError, ServiceError: as the client's methods do.
    """
    return Catalog(
        tuple(client.projects()), read_instance_types(client),
        PackageTree(client.software_packages()), client.capabilities(), clock(),
    )

