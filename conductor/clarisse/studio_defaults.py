"""``clarisse_defaults`` of config.yml: what jobs start with, what is locked, and named presets.

::

    clarisse_defaults:
      project: spooky                # any attribute that an artist can set, images apart
      chunk_size: 2
      metadata: {show: spooky}
      locked: [project, preemptible]
      presets:
        lookdev: {use_scout_frames: true, scout_frames: "fml", retries: 0}

Values are written as YAML has them, or as ``--set`` takes them. An attribute that is locked and has
no value of its own here is locked to the usual default.
"""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Mapping, Sequence

from conductor.clarisse import setting_values
from conductor.clarisse.attributes import Attribute, JobSettings, Kind, attribute, settings
from conductor.lib.checks import Finding, error
from conductor.lib.config import Config
from conductor.lib.errors import ArgumentError, ConfigError

LOCKED, PRESETS = "locked", "presets"
Texts = Mapping[str, str]
"""Values by attribute, as ``--set`` takes them."""

_WHERE = "clarisse_defaults"
# It names items of one scene.
_NO_DEFAULT = ("images",)
_JSON = {"extra_environment": list, "metadata": dict}


@dataclass(frozen=True)
class StudioDefaults:
    """What the studio decided.

    Attributes:
        locked: names of attributes that a job may not have otherwise.
    """

    values: Texts = field(default_factory=dict)
    locked: tuple[str, ...] = ()
    presets: Mapping[str, Texts] = field(default_factory=dict)

    def preset(self, name: str) -> Texts:
        """The values of a preset; raises ArgumentError that names those there are."""
        if name in self.presets:
            return self.presets[name]
        known = ", ".join(self.presets) or "none"
        raise ArgumentError('There is no preset "%s" in config.yml (%s.%s); there are: %s.%s' % (
            name, _WHERE, PRESETS, known, _hint(name, self.presets)))

    def wanted(self, name: str) -> object:
        """What a locked attribute must be, as JobSettings has it."""
        usual = getattr(JobSettings(), name)
        return _as_setting(attribute(name), self.values[name]) if name in self.values else usual

    def check(self, now: JobSettings) -> Iterator[Finding]:
        """An error for each locked attribute of a job that is not as the studio wants it."""
        for name in self.locked:
            if getattr(now, name) != self.wanted(name):
                yield error("attribute-locked", name, (
                    "Your studio has locked this to %s, and the job has %s. Set it back." % (
                        _shown(name, self.wanted(name)), _shown(name, getattr(now, name)))))


def _shown(name: str, value: object) -> str:
    # These may hold secrets.
    return "another text" if name in _JSON else json.dumps(value, ensure_ascii=False)


def read_defaults(config: Config) -> StudioDefaults:
    """What the configuration says.

    Raises:
        ConfigError: a name or value is wrong; names it, the nearest known name, and the file.
    """
    try:
        return _defaults(dict(config.get(_WHERE, {})))
    except ConfigError as problem:
        raise ConfigError("%s (in %s)" % (problem, config.origin(_WHERE))) from problem


def _defaults(table: dict[str, Any]) -> StudioDefaults:
    locked, presets = table.pop(LOCKED, None) or (), table.pop(PRESETS, None) or {}
    if not isinstance(locked, (list, tuple)):
        raise ConfigError('%s: %s must be a list of attributes, not "%s"' % (
            _WHERE, LOCKED, locked))
    if not isinstance(presets, Mapping):
        raise ConfigError('%s: %s must be a table of presets by name, not "%s"' % (
            _WHERE, PRESETS, presets))
    return StudioDefaults(
        _read(table, _WHERE, (LOCKED, PRESETS)),
        tuple(_row(name, "%s.%s" % (_WHERE, LOCKED)).name for name in locked),
        {str(name): _read(values, "%s.%s.%s" % (_WHERE, PRESETS, name))
         for name, values in presets.items()})


def _read(table: Any, where: str, more: Sequence[str] = ()) -> dict[str, str]:
    if not isinstance(table, Mapping):
        raise ConfigError('%s must be a table of attributes and values, not "%s"' % (where, table))
    texts = {}
    for name, value in table.items():
        row = _row(name, where, more)
        texts[row.name] = _text(row, value, where)
    return texts


def _row(name: Any, where: str, more: Sequence[str] = ()) -> Attribute:
    names = [row.name for row in settings() if row.name not in _NO_DEFAULT]
    if name in names:
        return attribute(name)
    raise ConfigError('%s: ConductorJob has no attribute "%s" that can be given here.%s' % (
        where, name, _hint(str(name), [*names, *more])))


def _hint(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return ' Did you mean "%s"?' % near[0] if near else ""


def _text(row: Attribute, value: Any, where: str) -> str:
    """A value of the file as ``--set`` takes it, known to be good."""
    kind = _JSON.get(row.name)
    is_whole = isinstance(value, kind) if kind else row.is_list and isinstance(value, list)
    if is_whole:
        text = json.dumps(value)
    elif isinstance(value, bool):
        text = str(int(value)) if row.kind is Kind.BOOL else str(value).lower()
    elif isinstance(value, (str, int, float)):
        text = str(value)
    else:
        raise ConfigError('%s: %s cannot be "%s"' % (where, row.name, value))
    try:
        setting_values.parse(row, text)
    except ArgumentError as problem:
        raise ConfigError("%s: %s" % (where, problem)) from problem
    return text


def _as_setting(row: Attribute, text: str) -> object:
    value = setting_values.parse(row, text)
    is_label = row.is_named_choice and isinstance(value, int)
    return setting_values.label_of(row, int(str(value))) if is_label else value
