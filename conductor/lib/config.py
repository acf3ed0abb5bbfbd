"""Settings: one table, four layers, and where each value came from.

Lowest to highest: the defaults below, ``config.yml``, the environment (``CONDUCTOR_<NAME>``), what
the caller says. Lists and dictionaries marked ``combined`` add up over the layers instead of
replacing each other.
"""

from __future__ import annotations

import base64
import binascii
import difflib
import json
import os
import sys
from dataclasses import dataclass
from enum import Enum
from typing import Any, Callable, Mapping
from urllib.parse import urlsplit

import yaml

from conductor.lib.errors import ConfigError

DEFAULT_URL = "https://dashboard.conductortech.com"
DEFAULT_ORIGIN = "default"
ARGUMENT_ORIGIN = "argument"


class Kind(str, Enum):
    """What a setting holds, and how its text in the environment is read."""

    TEXT = "text"
    PATH = "path"
    URL = "url"
    INTEGER = "integer"
    """Not negative."""
    COUNT = "count"
    """An integer of at least 1."""
    SWITCH = "switch"
    """true, false, yes, no, on, off, 1, 0."""
    LIST = "list"
    """Texts; in the environment a JSON list or comma separated."""
    PATHS = "paths"
    """Paths; in the environment a JSON list or separated as PATH is."""
    TABLE = "table"
    """A dictionary; in the environment a JSON object."""
    PAIRS = "pairs"
    """``[[from, to], ...]`` or ``{from: to}``; in the environment JSON."""
    KEY = "key"
    """An API key: a dictionary, JSON text, or that in base64."""


@dataclass(frozen=True)
class Setting:
    """One row of :data:`SETTINGS`.

    Attributes:
        default: None means "not set", or computed from the machine for folders and threads.
        variable: name in the environment when it is not ``CONDUCTOR_<NAME>``.
    """

    name: str
    default: Any
    kind: Kind
    doc: str
    combined: bool = False
    secret: bool = False
    variable: str = ""

    @property
    def environment_name(self) -> str:
        """The environment variable that sets it."""
        return self.variable or "CONDUCTOR_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("url", DEFAULT_URL, Kind.URL, "Address of the Conductor service."),
    Setting("api_url", None, Kind.URL,
            "Address of its API where that differs; derived from url when not set."),
    Setting("api_key", None, Kind.KEY, "API key: JSON text, or that in base64.", secret=True),
    Setting("api_key_path", None, Kind.PATH, "File that holds the API key."),
    Setting("thread_count", None, Kind.COUNT, "Threads that hash and transfer; at least 1."),
    Setting("bandwidth", 0, Kind.INTEGER,
            "Bytes per second of all transfers of a run together; 0 for no limit."),
    Setting("roots", None, Kind.PATHS,
            "Folders that the uploader and downloader daemons may read and write below.",
            combined=True),
    Setting("project", None, Kind.TEXT, "Project a job belongs to."),
    Setting("location", None, Kind.TEXT,
            "Tag that pairs jobs with the daemons of a place. CONDUCTOR_LOCATION is the install "
            "folder, hence the longer name of the variable.", variable="CONDUCTOR_JOB_LOCATION"),
    Setting("priority", 5, Kind.INTEGER, "Priority of a job among those of the account."),
    Setting("instance_type", None, Kind.TEXT, "Machine a job runs on, by name."),
    Setting("machine_flavor", None, Kind.TEXT,
            "Machine by flavor (standard, highmem, highcpu), together with cores."),
    Setting("cores", None, Kind.COUNT, "Machine by cores, together with machine_flavor."),
    Setting("preemptible", False, Kind.SWITCH, "Use cheaper machines that may be taken away."),
    Setting("chunk_size", 1, Kind.COUNT, "Frames per task."),
    Setting("max_instances", 0, Kind.INTEGER, "Machines a job may use at once; 0 for no limit."),
    Setting("docker_image", None, Kind.TEXT, "Image the tasks run in instead of the usual one."),
    Setting("job_title", None, Kind.TEXT, "Title shown in the dashboard."),
    Setting("output_path", None, Kind.PATH, "Folder that outputs are written to."),
    Setting("owner", None, Kind.TEXT, "Who submits; the login name when not set."),
    Setting("scout_frames", None, Kind.TEXT, "Frames whose tasks start at once."),
    Setting("autoretry_policy", None, Kind.TABLE, "How often tasks are tried again."),
    Setting("local_upload", True, Kind.SWITCH,
            "Upload while submitting; otherwise an uploader daemon does."),
    Setting("upload_only", False, Kind.SWITCH, "Upload, run nothing."),
    Setting("force_upload", False, Kind.SWITCH, "Send every file again."),
    Setting("upload_file", None, Kind.PATH, "Text file with one path to upload per line."),
    Setting("md5_caching", True, Kind.SWITCH, "Remember hashes of unchanged files."),
    Setting("database_filepath", None, Kind.PATH, "File of the hash cache."),
    Setting("environment", None, Kind.TABLE, "Environment of the tasks.", combined=True),
    Setting("metadata", None, Kind.TABLE, "Tags for reports.", combined=True),
    Setting("notify", None, Kind.LIST, "E-mail addresses told of the end.", combined=True),
    Setting("software_package_ids", None, Kind.LIST, "Packages of a job.", combined=True),
    Setting("upload_paths", None, Kind.PATHS, "Files and folders of a job.", combined=True),
    Setting("log_level", "INFO", Kind.TEXT, "CRITICAL, ERROR, WARNING, INFO or DEBUG."),
    Setting("log_dir", None, Kind.PATH, "Folder of log files; below user_dir when not set."),
    Setting("user_dir", None, Kind.PATH, "Logs and the journal; ~/.conductor when not set."),
    Setting("cache_dir", None, Kind.PATH, "Hash cache; the system's cache folder when not set."),
    Setting("credentials_dir", None, Kind.PATH,
            "Sign-in tokens; ~/.config/conductor when not set."),
    Setting("auth_port", 0, Kind.INTEGER,
            "Port of this machine that a browser sign-in comes back to; 0 for any free one."),
    Setting("package_folder", None, Kind.PATH,
            "Where render packages go when the scene's folder is read-only."),
    Setting("scan_scope", "project", Kind.TEXT,
            "Paths that are scanned: all of the project, or those that the images depend on."),
    Setting("path_map", None, Kind.PAIRS,
            "Workstation paths and what they are called on render nodes."),
    Setting("checks", None, Kind.TABLE,
            "Levels of checks by name: off, info, warning or error.", combined=True),
    Setting("clarisse_defaults", None, Kind.TABLE,
            "What jobs in Clarisse start with, what is locked, and presets."),
    Setting("hooks", None, Kind.TABLE,
            "The studio's own look at a submission: pre_submit, pre_submit_seconds."),
)

_BY_NAME = {setting.name: setting for setting in SETTINGS}
# Keys of files written for the vendor's client of 2019: legal, without effect here.
_RETIRED = ("account", "auth_url", "base_url", "instance_cores", "instance_flavor",
            "error_reporting", "downloader_page_size")
_SWITCH_WORDS = {"true": True, "yes": True, "on": True, "1": True,
                 "false": False, "no": False, "off": False, "0": False}


class Config:
    """Settings of one run: values with their origins. Read-only.

    ``config["url"]`` raises KeyError for a name that is not a setting.
    """

    def __init__(self, values: Mapping[str, Any], origins: Mapping[str, str]) -> None:
        self._values = dict(values)
        self._origins = dict(origins)

    @classmethod
    def load(
        cls,
        environ: Mapping[str, str] | None = None,
        path: str | None = None,
        overrides: Mapping[str, Any] | None = None,
    ) -> Config:
        """Read all layers.

        Args:
            environ: the environment; that of the process when None.
            path: a config file to read instead of the usual one.
            overrides: the highest layer; values of None count as absent.

        Raises:
            ConfigError: a name or value is wrong, or a file that was asked for is absent.
        """
        variables = os.environ if environ is None else environ
        layers = _Layers(variables)
        found = _find_file(variables, path)
        if found:
            layers.add_file(found)
        layers.add_environment(variables)
        layers.add(overrides or {}, lambda name: ARGUMENT_ORIGIN)
        return cls(layers.values, layers.origins)

    def overridden(self, overrides: Mapping[str, Any]) -> Config:
        """A new configuration with one more layer on top; ConfigError as :meth:`load`."""
        layers = _Layers({})
        layers.values, layers.origins = dict(self._values), dict(self._origins)
        layers.add(overrides, lambda name: ARGUMENT_ORIGIN)
        return Config(layers.values, layers.origins)

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def get(self, name: str, default: Any = None) -> Any:
        """The value, or `default` where it is not set or no such setting exists."""
        value = self._values.get(name)
        return default if value is None else value

    def origin(self, name: str) -> str:
        """Where the value came from: ``default``, a file, a variable, ``argument``; for combined
        settings joined by `` + ``."""
        _ = self._values[name]
        return self._origins.get(name, DEFAULT_ORIGIN)

    def values(self) -> list[tuple[str, Any, str]]:
        """``(name, value, origin)`` of every setting in the table's order; secrets as "set"."""
        return [
            (row.name, self._shown(row), self.origin(row.name)) for row in SETTINGS
        ]

    def _shown(self, row: Setting) -> Any:
        value = self._values[row.name]
        return "set" if row.secret and value is not None else value


class _Layers:
    """Values under construction, layer upon layer."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.values: dict[str, Any] = {row.name: row.default for row in SETTINGS}
        self.values.update(_machine_defaults(environ))
        self.origins: dict[str, str] = {}

    def add_file(self, path: str) -> None:
        """The mapping in a YAML file."""
        self.add(_read_file(path), lambda name: path)

    def add_environment(self, environ: Mapping[str, str]) -> None:
        """Every variable that names a setting; empty text counts as absent."""
        layer = {
            row.name: _from_text(row, environ[row.environment_name])
            for row in SETTINGS if environ.get(row.environment_name)
        }
        self.add(layer, lambda name: _BY_NAME[name].environment_name)

    def add(self, layer: Mapping[str, Any], origin: Callable[[str], str]) -> None:
        """Lay `layer` on top; `origin` tells where the value of a name stands."""
        for name, value in layer.items():
            if value is None or name in _RETIRED:
                continue
            self._set(_setting(name, origin(name)), value, origin(name))

    def _set(self, row: Setting, value: Any, origin: str) -> None:
        checked = _check(row, value, origin)
        if row.combined and self.values[row.name]:
            checked = _combined(self.values[row.name], checked)
            if row.name in self.origins:
                origin = "%s + %s" % (self.origins[row.name], origin)
        self.values[row.name] = checked
        self.origins[row.name] = origin


def home_folder(environ: Mapping[str, str]) -> str:
    """The user's home according to `environ`."""
    name = "USERPROFILE" if os.name == "nt" else "HOME"
    return environ.get(name) or os.path.expanduser("~")


def _machine_defaults(environ: Mapping[str, str]) -> dict[str, Any]:
    home = home_folder(environ)
    return {
        "thread_count": max(1, min(2 * (os.cpu_count() or 1), 16)),
        "user_dir": os.path.join(home, ".conductor"),
        "credentials_dir": os.path.join(home, ".config", "conductor"),
        "cache_dir": _cache_folder(environ, home),
    }


def _cache_folder(environ: Mapping[str, str], home: str) -> str:
    if os.name == "nt":
        local = environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        return os.path.join(local, "Conductor", "cache")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "conductor")
    base = environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(base, "conductor")


def _find_file(environ: Mapping[str, str], path: str | None) -> str | None:
    if path is not None:
        if not os.path.isfile(path):
            raise ConfigError('There is no config file "%s".' % path)
        return path
    named = environ.get("CONDUCTOR_CONFIG", "")
    candidates = [part for part in named.split(os.pathsep) if part]
    for candidate in candidates:
        if os.path.isfile(candidate):
            return candidate
    if candidates:
        raise ConfigError('CONDUCTOR_CONFIG names no file that exists: "%s".' % named)
    usual = os.path.join(home_folder(environ), ".conductor", "config.yml")
    return usual if os.path.isfile(usual) else None


def _read_file(path: str) -> Mapping[str, Any]:
    try:
        with open(path, encoding="utf-8") as handle:
            data = yaml.safe_load(handle)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError('The config file "%s" cannot be read: %s' % (path, error)) from error
    if data is None:
        return {}
    if not isinstance(data, dict) or not all(isinstance(name, str) for name in data):
        raise ConfigError(
            'The config file "%s" must hold lines such as "project: myproject", '
            "not %s." % (path, type(data).__name__)
        )
    return data


def _setting(name: str, origin: str) -> Setting:
    try:
        return _BY_NAME[name]
    except KeyError:
        near = difflib.get_close_matches(name, list(_BY_NAME), 1)
        hint = ' Did you mean "%s"?' % near[0] if near else ""
        raise ConfigError(
            'There is no setting "%s" (%s).%s' % (name, origin, hint)
        ) from None


def value_from_text(name: str, text: str, origin: str = ARGUMENT_ORIGIN) -> Any:
    """What a text, as in the environment or on a command line, means for the setting `name`.

    Raises:
        ConfigError: there is no such setting, or the text is no JSON where that is needed.
    """
    return _from_text(_setting(name, origin), text)


def _from_text(row: Setting, text: str) -> Any:
    """Turn the text of a variable into what the file would hold."""
    stripped = text.strip()
    if row.kind in (Kind.TABLE, Kind.PAIRS) or (
        row.kind in (Kind.LIST, Kind.PATHS) and stripped.startswith("[")
    ):
        try:
            return json.loads(stripped)
        except ValueError as error:
            raise ConfigError('%s holds no JSON ("%s"): %s' % (
                row.environment_name, text, error)) from error
    if row.kind in (Kind.LIST, Kind.PATHS):
        separator = "," if row.kind is Kind.LIST else os.pathsep
        return [part.strip() for part in stripped.split(separator) if part.strip()]
    return text


def _check(row: Setting, value: Any, origin: str) -> Any:
    try:
        return _CHECKS[row.kind](value)
    except (TypeError, ValueError) as error:
        shown = "" if row.secret else ' "%s"' % (value,)
        raise ConfigError(
            'The setting %s (%s) cannot be%s: %s' % (row.name, origin, shown, error)
        ) from (None if row.secret else error)


def _combined(lower: Any, upper: Any) -> Any:
    if isinstance(lower, dict):
        return dict(lower, **upper)
    return lower + [item for item in upper if item not in lower]


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise TypeError("it must be text")
    return str(value)


def _path(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("it must be a path")
    return os.path.expanduser(value)


def check_url(value: Any) -> str:
    """An http or https address without its trailing slash; ValueError for anything else."""
    parts = urlsplit(_text(value).strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('it must look like "https://host" or "http://127.0.0.1:8080"')
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("it must hold no user, query or fragment")
    _ = parts.port
    return parts.geturl().rstrip("/")


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise TypeError("it must be a whole number")
    number = int(value)
    if number < 0:
        raise ValueError("it must not be negative")
    return number


def _count(value: Any) -> int:
    number = _integer(value)
    if number < 1:
        raise ValueError("it must be at least 1")
    return number


def _switch(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _SWITCH_WORDS:
        raise ValueError("it must be true or false")
    return _SWITCH_WORDS[word]


def _list(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if not isinstance(value, (list, tuple)):
        raise TypeError("it must be a list")
    return [_text(item) for item in value]


def _table(value: Any) -> dict[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
        raise TypeError("it must be a table of names and values")
    return dict(value)


def _pairs(value: Any) -> list[tuple[str, str]]:
    rows = value.items() if isinstance(value, Mapping) else value
    if isinstance(rows, str):
        raise TypeError("it must be a list of pairs [from, to]")
    pairs = [tuple(_text(part) for part in row) for row in rows]
    if any(len(pair) != 2 for pair in pairs):
        raise ValueError("it must be a list of pairs [from, to]")
    return [(pair[0], pair[1]) for pair in pairs]


def read_key(value: Any) -> dict[str, Any]:
    """An API key as a dictionary, from a dictionary, JSON text, or that in base64.

    Raises:
        ValueError: it is none of these. The message never quotes the text: it may be secret.
    """
    if isinstance(value, Mapping):
        return dict(value)
    if not isinstance(value, str):
        raise ValueError("it must be JSON text, or that in base64")
    text = "".join(value.splitlines()).strip()
    if not text.startswith("{"):
        try:
            text = base64.b64decode(text, validate=True).decode("utf-8")
        except (binascii.Error, UnicodeDecodeError):
            raise ValueError("it is neither JSON nor base64") from None
    try:
        key = json.loads(text)
    except ValueError:
        raise ValueError("it holds no JSON") from None
    if not isinstance(key, dict):
        raise ValueError("it holds no JSON object")
    return key


_CHECKS: Mapping[Kind, Callable[[Any], Any]] = {
    Kind.TEXT: _text, Kind.PATH: _path, Kind.URL: check_url, Kind.INTEGER: _integer,
    Kind.COUNT: _count, Kind.SWITCH: _switch, Kind.LIST: _list,
    Kind.PATHS: lambda value: [os.path.expanduser(path) for path in _list(value)],
    Kind.TABLE: _table, Kind.PAIRS: _pairs, Kind.KEY: read_key,
}
