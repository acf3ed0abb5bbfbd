"""Changes to the environment of the render machines, without any window."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator, Mapping, Sequence

from conductor.clarisse import choices
from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.environment import make_environment
from conductor.clarisse.panels.rows_model import Row, Rows, secret_note
from conductor.lib.catalog import Catalog
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError
from conductor.lib.package_utils import package_name
from conductor.lib.paths import PathMap

POLICIES = ("append", "prepend", "exclusive")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Environment(Rows):
    """The variables of one item.

    They are merged with those of the packages and of the configuration as a submission does it,
    so that a conflict is seen while the artist types.
    """

    policies = POLICIES
    title = "Extra environment"
    counted = "%d variables"

    def __init__(
        self, stored: str, packages: Sequence[Mapping[str, Any]] = (),
        base: Mapping[str, Any] | None = None, path_map: PathMap | None = None,
        is_known: bool = True,
    ) -> None:
        """Read the stored text.

        Args:
            packages: the chosen ones.
            base: variables of the configuration.
            is_known: False when Conductor was not asked for its packages.
        """
        self._packages = packages
        self._base = dict(base or {})
        self._path_map = path_map or PathMap()
        self._is_known = is_known
        super().__init__(stored)

    def _read(self, text: str) -> list[Row]:
        entries = json.loads(text)
        if not isinstance(entries, list):
            raise ValueError("it is no JSON list")
        return [_row(entry) for entry in entries]

    def _written(self) -> Any:
        return [_entry(row) for row in self.rows]

    def _refuse(self, row: Row, others: Sequence[Row]) -> None:
        if not _NAME.match(row.name):
            raise ArgumentError(
                '"%s" cannot be the name of a variable: letters, digits and underscores are '
                "possible, and no digit at the beginning." % row.name)
        if row.policy not in POLICIES:
            raise ArgumentError(
                'The merge policy of %s is "%s"; known are %s.'
                % (row.name, row.policy, ", ".join(POLICIES)))
        if any((one.name, one.value, one.policy) == (row.name, row.value, row.policy)
               for one in others):
            raise ArgumentError("%s is in the list with this value already." % row.name)

    def notes(self) -> list[str]:
        """Conflicts, secrets, what variables that others set too become."""
        notes = [row.complaint for row in self.rows if row.complaint]
        values: list[str] = []
        for name in dict.fromkeys(row.name for row in self.rows if not row.complaint):
            conflicts, value = self._merged(name)
            notes += conflicts
            values += value
        for row in self.rows:
            notes += secret_note(row)
        if not self._is_known:
            values.append(
                "Conductor was not asked, so conflicts with packages are not seen. Press Refresh.")
        return list(dict.fromkeys(notes + values))

    def _merged(self, name: str) -> tuple[list[str], list[str]]:
        """What forbids the variable, and what it becomes where it is not set here alone."""
        own = [_entry(row) for row in self.rows if row.name == name and not row.complaint]
        packages = list(_setting(name, self._packages))
        base = {name: self._base[name]} if name in self._base else {}
        merged, findings = make_environment(packages, json.dumps(own), base, self._path_map)
        if findings:
            return [finding.message for finding in findings], []
        owners = [package_name(package) for package in packages]
        owners += ["the configuration"] if base else []
        if not owners:
            return [], []
        return [], ["%s is set by %s too and becomes %s"
                    % (name, ", ".join(dict.fromkeys(owners)), merged[name])]


def environment_of(settings: JobSettings, catalog: Catalog, config: Config) -> Environment:
    """The environment of an item, beside its packages and the configuration."""
    packages, _ = choices.choose_packages(settings, catalog)
    return Environment(
        settings.extra_environment, packages, config.get("environment", {}),
        PathMap([*config.get("path_map", ()), *catalog.path_map]), catalog.is_known)


def _row(entry: Any) -> Row:
    _, findings = make_environment((), json.dumps([entry]), {}, PathMap())
    if findings:
        return Row("", raw=entry, complaint=findings[0].message)
    return Row(
        entry["name"], str(entry.get("value", "")), str(entry.get("merge_policy") or POLICIES[0]),
        raw=entry)


def _entry(row: Row) -> Any:
    if row.raw is not None:
        return row.raw
    return {"name": row.name, "value": row.value, "merge_policy": row.policy}


def _setting(
    name: str, packages: Sequence[Mapping[str, Any]],
) -> Iterator[Mapping[str, Any]]:
    """The packages that set a variable, each with nothing else in its environment."""
    for package in packages:
        variables = [one for one in package.get("environment") or () if one.get("name") == name]
        if variables:
            yield dict(package, environment=variables)
