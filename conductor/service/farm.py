"""What this farm offers: ``farm.yml``, instance types, projects, software packages.

``farm.yml`` is optional, and so is everything in it::

    cores: 16                        # default: those of this machine
    projects: [default, spiderman]
    path_map:
      - {from: "Z:/show", to: /mnt/show}
    packages:
      - product: clarisse
        major_version: "5"
        environment:
          - {name: PATH, value: /opt/clarisse5, merge_policy: append}
    environment:                     # of every job, merged by its client
      - {name: OCIO, value: /mnt/show/config.ocio, merge_policy: exclusive}
    multipart_from: 33554432         # bytes from which on a file comes in parts
    part_size: 16777216              # bytes of a part
    mail:                            # without it nobody is notified of a job's end
      host: smtp.studio.example
      sender: conductor@studio.example
      security: starttls             # none (default), starttls, tls; port: 25, 587, 465
      user: conductor                # where the server wants a sign-in
      password_file: /etc/conductor/smtp-password
"""

from __future__ import annotations

import hashlib
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Mapping, Sequence

import yaml

from conductor.lib.errors import ConfigError
from conductor.service.mail_server import MailServer
from conductor.service.node_paths import NodePaths
from conductor.service.partials import MULTIPART_FROM, PART_SIZE

FLAVORS = (("standard", 3.75), ("highmem", 6.5), ("highcpu", 0.9))
"""Names and gigabytes of memory per core."""

_KEYS = {
    "cores": int, "projects": list, "path_map": list, "packages": list,
    "environment": list, "multipart_from": int, "part_size": int, "mail": dict,
}
_VERSION_PARTS = ("major_version", "minor_version", "release_version", "build_version")
_TEXTS = (
    "product", *_VERSION_PARTS, "plugin_host_product", "plugin_host_version", "vendor",
    "description", "build_id", "package", "relative_path", "time_created", "time_updated",
    "updated_at",
)
_POLICIES = ("append", "prepend", "exclusive")


@dataclass(frozen=True)
class InstanceType:
    """A share of a machine that a task asks for; memory in gigabytes."""

    name: str
    cores: int
    memory_gb: float

    def to_payload(self) -> dict[str, Any]:
        """One entry of the instance types' listing."""
        return {
            "name": self.name,
            "description": "%d core, %.2fGB Mem" % (self.cores, self.memory_gb),
            "cores": self.cores, "cpu": self.cores, "memory": self.memory_gb,
            "operating_system": "linux", "gpu": None, "categories": None,
            "cloud": "local", "orchestrator": "local",
        }


@dataclass(frozen=True)
class Farm:
    """Everything a client may choose from."""

    cores: int
    projects: tuple[str, ...]
    path_map: tuple[tuple[str, str], ...]
    packages: tuple[Mapping[str, Any], ...]
    environment: tuple[Mapping[str, Any], ...] = ()
    multipart_from: int = MULTIPART_FROM
    part_size: int = PART_SIZE
    mail: MailServer | None = None

    @property
    def instance_types(self) -> tuple[InstanceType, ...]:
        """2, 4, 8 … cores up to the farm's, in three flavors; 2 always."""
        sizes = [2]
        while sizes[-1] * 2 <= self.cores:
            sizes.append(sizes[-1] * 2)
        return tuple(
            InstanceType("n1-%s-%d" % (flavor, cores), cores, cores * per_core)
            for flavor, per_core in FLAVORS for cores in sizes
        )

    @property
    def node_paths(self) -> NodePaths:
        """The path map at work."""
        return NodePaths(self.path_map)


def load(path: Path | None, data: Path) -> Farm:
    """The farm of a ``farm.yml`` (None: all defaults), with the slate package added.

    Raises:
        ConfigError: the file cannot be read, or says something unknown or of a wrong type.
    """
    content = _read(path) if path else {}
    slate = slate_package(data)
    packages = [_package(entry, path) for entry in content.get("packages", ())]
    return Farm(
        cores=max(1, content.get("cores", os.cpu_count() or 1)),
        projects=tuple(map(str, content.get("projects", ("default",)))),
        path_map=tuple(_rule(entry, path) for entry in content.get("path_map", ())),
        packages=tuple(link([*packages, slate])),
        environment=tuple(_variables(content.get("environment"), path, "the account")),
        multipart_from=max(1, content.get("multipart_from", MULTIPART_FROM)),
        part_size=max(1, content.get("part_size", PART_SIZE)),
        mail=_mail(content.get("mail"), path),
    )


def _read(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError('cannot read the farm file "%s": %s' % (path, error)) from error
    if not isinstance(content, dict):
        raise ConfigError('"%s" must hold names and values' % path)
    for key, value in content.items():
        if key not in _KEYS:
            raise ConfigError(
                '"%s": unknown entry "%s"; known are %s' % (path, key, ", ".join(_KEYS))
            )
        if not isinstance(value, _KEYS[key]):
            raise ConfigError('"%s": "%s" must be a %s' % (path, key, _KEYS[key].__name__))
    return content


def _rule(entry: Any, path: Path | None) -> tuple[str, str]:
    if not isinstance(entry, dict) or set(entry) != {"from", "to"}:
        raise ConfigError('"%s": path_map needs entries of "from" and "to", not %r' % (path, entry))
    return str(entry["from"]), str(entry["to"])


def _mail(entry: Mapping[str, Any] | None, path: Path | None) -> MailServer | None:
    if not entry:
        return None
    try:
        return MailServer.of(entry)
    except ConfigError as error:
        raise ConfigError('"%s": mail: %s' % (path, error)) from error


def _package(entry: Any, path: Path | None) -> dict[str, Any]:
    if not isinstance(entry, dict) or not entry.get("product"):
        raise ConfigError('"%s": a package without "product": %r' % (path, entry))
    _variables(entry.get("environment"), path, 'package "%s"' % entry["product"])
    return package(entry)


def _variables(entries: Any, path: Path | None, owner: str) -> list[dict[str, Any]]:
    for variable in entries or ():
        if not isinstance(variable, dict) or variable.get("merge_policy") not in _POLICIES:
            raise ConfigError(
                '"%s": environment of %s: %r needs name, value and merge_policy (%s)'
                % (path, owner, variable, ", ".join(_POLICIES))
            )
    return list(entries or ())


def package(entry: Mapping[str, Any]) -> dict[str, Any]:
    """One package of the listing with all the members that clients read."""
    texts = {name: str(entry.get(name) or "") for name in _TEXTS}
    version = ".".join(filter(None, (texts[part] for part in _VERSION_PARTS)))
    platform = str(entry.get("platform") or "linux")
    name = "-".join(filter(None, (texts["product"], version)))
    whole = "%s %s %s" % (name, platform, texts["plugin_host_version"])
    made_up_id = hashlib.md5(whole.encode(), usedforsecurity=False).hexdigest()
    return dict(
        texts,
        package_id=str(entry.get("package_id") or made_up_id),
        platform=platform,
        relative_path=texts["relative_path"] or "%s/%s" % (texts["product"], name),
        environment=[dict(variable) for variable in entry.get("environment") or ()],
        plugins=list(entry.get("plugins") or ()),
        plugin_hosts=list(entry.get("plugin_hosts") or ()),
    )


def link(packages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Tie plug-ins to the hosts of their product, platform and major version, both ways."""
    for plugin in packages:
        major = re.match(r"\d*", plugin["plugin_host_version"])
        wanted = (plugin["plugin_host_product"], plugin["platform"], major and major.group())
        for host in packages:
            if (host["product"], host["platform"], host["major_version"]) != wanted:
                continue
            if plugin["package_id"] not in host["plugins"]:
                host["plugins"].append(plugin["package_id"])
            if host["package_id"] not in plugin["plugin_hosts"]:
                plugin["plugin_hosts"].append(host["package_id"])
    return list(packages)


def slate_package(data: Path) -> dict[str, Any]:
    """The package whose ``cnode`` writes slates where no renderer is installed."""
    folder = str(data / "packages" / "conductor-slate" / "bin")
    return package({
        "product": "conductor-slate", "major_version": "1", "minor_version": "0",
        "vendor": "conductor", "description": "Slates instead of renders",
        "environment": [{"name": "PATH", "value": folder, "merge_policy": "append"}],
    })


def write_slate_launcher(data: Path) -> Path:
    """Write the package's executable ``cnode``; it runs whatever the job's Python settings are."""
    launcher = data / "packages" / "conductor-slate" / "bin" / "cnode"
    launcher.parent.mkdir(parents=True, exist_ok=True)
    sources = Path(__file__).resolve().parent.parent.parent
    beside = launcher.with_name(".cnode.new")
    beside.write_text(
        "#!/bin/sh\n# Writes slates, renders nothing; made by the service at every start.\n"
        "unset PYTHONHOME\nPYTHONPATH=%s\nexport PYTHONPATH\nexec %s -m conductor.slate \"$@\"\n"
        % (shlex.quote(str(sources)), shlex.quote(sys.executable)),
        encoding="utf-8",
    )
    beside.chmod(0o755)
    os.replace(beside, launcher)
    return launcher
