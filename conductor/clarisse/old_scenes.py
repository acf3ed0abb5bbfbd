"""Jobs that the vendor's plugins saved: which release wrote them, and what becomes of each value.

The vendor's class has our name, ConductorJob, and other attributes. A job is mapped once. What was
changed, and what has no place here, is kept on the item as a :class:`Record`, so that it can be
read again as long as the item lives.

The same names that mean the same are left alone: ``chunk_size``, ``preemptible``,
``extra_uploads`` and others. A file leaves out what equals a default, and the vendor's defaults
were not always ours: what is absent from the file and untouched since is the vendor's default.

Attributes, defaults and stored forms: seen in cioclarisse 0.3.2 and in its ancestors of May and of
autumn 2019.
"""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Any, Callable, Iterator, Mapping, Sequence

from conductor.clarisse import old_texts
from conductor.clarisse.attributes import CLASS_NAME, JobSettings
from conductor.clarisse.project_file import SCHEME, Item, parse
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding, info
from conductor.lib.errors import ProjectFileError
from conductor.lib.secret_texts import may_be_quoted

Values = Mapping[str, Sequence[str]]
"""What the file says of one item, by attribute: texts without quotes, an empty list for none."""

OURS = JobSettings()
_IMAGES = "images_and_layers"
_FRAMES = "2,4-8,10-50x2"
_LEVELS = ("Error", "Error", "Warning", "Info", "Debug", "Debug")
"""Our word for each entry of the vendor's menu of log levels."""


class Release(str, Enum):
    """A plugin of the vendor's; the value is how an artist would call it."""

    MAY_2019 = "Conductor's plugin of May 2019"
    LATE_2019 = "Conductor's plugin of late 2019"
    CIOCLARISSE = "cioclarisse 0.3.2"

    @property
    def defaults(self) -> Mapping[str, str]:
        """What an absent attribute meant, where that differs from ours."""
        return dict({"custom_frames": _FRAMES, "scout_frames": _FRAMES}, **_DEFAULTS[self])


_DEFAULTS: Mapping[Release, Mapping[str, str]] = {
    Release.MAY_2019: {"title": "$PNAME"},
    Release.LATE_2019: {"title": "<ct_job>"},
    Release.CIOCLARISSE: {"title": '"My Clarisse Job"', "retries": "1"},
}
# Names that only the vendor's plugins have, by the releases that first told themselves apart.
_SIGNS: Sequence[tuple[Release, Sequence[str]]] = (
    (Release.CIOCLARISSE, (_IMAGES, "disable_validation")),
    (Release.LATE_2019, ("clarisse_version", "localize_contexts")),
    (Release.MAY_2019, ("conductor_project_name", "conductor_log_level",
                        "timestamp_render_package")),
)
SIGNS = tuple(name for _, names in _SIGNS for name in names)
"""Every name that only the vendor's plugins have."""
_TOKENED = ("title", "task_template", "metadata")


def release_of(values: Values) -> Release | None:
    """The plugin that wrote an item; None for ours, and for one that says nothing of its own."""
    for release, names in _SIGNS:
        if any(name in values for name in names):
            return release
    texts = " ".join(text for name in _TOKENED for text in values.get(name, ()))
    if "<ct_" in texts:
        return Release.LATE_2019
    if old_texts.has_tokens(texts):
        return Release.CIOCLARISSE
    is_may = "$CT_TEMP_DIR" in texts or any(
        _entry(text) is not None for text in values.get("extra_environment", ()))
    return Release.MAY_2019 if is_may else None


# ---------------------------------------------------------------- what a file says

_JOB = re.compile(CLASS_NAME + r"[ \t]*\{")


def values_of(path: str, item_path: str) -> dict[str, list[str]]:
    """What a project's file says of one item; nothing when it holds no such item of theirs.

    Raises:
        ProjectFileError: the file is no project.
    """
    if not os.path.isfile(path):
        return {}
    with open(path, encoding="utf-8", errors="surrogateescape", newline="") as handle:
        item = _find(handle.read(), item_path)
    return _values(item, item_path) if item is not None else {}


def _values(item: Item, item_path: str) -> dict[str, list[str]]:
    context = item_path.rpartition("/")[0]
    return {entry.key: list(_texts(item, entry.key, context)) for entry in item.entry.children}


def _find(text: str, item_path: str) -> Item | None:
    """The item of that path. A project can be large and a button is pressed often, so only the jobs
    in it are parsed; all of it where that does not tell which one is meant."""
    name = item_path.rpartition("/")[2]
    try:
        found = [item for job in _jobs(text) for item in parse(job).items() if item.name == name]
    except ProjectFileError:
        return parse(text).item(item_path)
    if len(found) > 1 and any(release_of(_values(item, item_path)) for item in found):
        return parse(text).item(item_path)
    return found[0] if found else None


def _jobs(text: str) -> Iterator[str]:
    """The text of each block of our class; they close where they are indented as they open."""
    for match in _JOB.finditer(text):
        start = text.rfind("\n", 0, match.start()) + 1
        indent = text[start:match.start()]
        end = text.find("\n%s}" % indent, match.end())
        if not indent.strip():
            yield text[start:] if end < 0 else "%s\n}\n" % text[start:end]


def _texts(item: Item, name: str, context: str) -> Iterator[str]:
    for token in item.values(name) or ():
        if token.quoted or token.text != "<empty>":
            yield _absolute(token.text, context) if name == _IMAGES else token.text


def _absolute(path: str, context: str) -> str:
    """A reference as Clarisse may write it: absolute, or relative to the item's context."""
    if "://" in path:
        return path
    return SCHEME + path[1:] if path.startswith("/") else "%s/%s" % (context, path)


# ---------------------------------------------------------------- what is kept of it


@dataclass(frozen=True)
class Change:
    """One attribute of ours that got another value.

    Attributes:
        value: as typed on the command line: lists as JSON, menus by name.
        before: what the vendor's item said, the old name first where it differs.
    """

    name: str
    before: str
    value: str


@dataclass(frozen=True)
class Record:
    """How an item was mapped.

    Attributes:
        release: the plugin that wrote it.
        left: what has no place here: the old entry and why.
    """

    release: str = ""
    changes: tuple[Change, ...] = ()
    left: tuple[tuple[str, str], ...] = field(default=())

    def to_text(self) -> str:
        """For the hidden attribute of the item."""
        return json.dumps({
            "from": self.release,
            "changes": [[one.name, one.before, one.value] for one in self.changes],
            "left": [list(one) for one in self.left],
        })

    def with_machine(self, described: str, name: str) -> Record:
        """The record once it is known which machine was meant."""
        change = Change("instance_type", "last_instance_type " + described, name)
        return replace(self, changes=(*self.changes, change))

    @classmethod
    def from_text(cls, text: str) -> Record:
        """The record of an item; an empty one for text that is none."""
        try:
            data = json.loads(text)
            return cls(
                str(data["from"]), tuple(Change(*map(str, one)) for one in data["changes"]),
                tuple((str(entry), str(why)) for entry, why in data["left"]))
        except (ValueError, KeyError, TypeError):
            return cls()

    def findings(self, item: str) -> Iterator[Finding]:
        """One info for each change and each thing left."""
        for change in self.changes:
            is_kept = change.before == "%s %s" % (change.name, change.value)
            told = "stays so, where our default is another" if is_kept else (
                "became %s %s" % (change.name, _quoted(change.value)))
            yield self._finding(item, change.name, "%s %s" % (_shown(change.before), told))
        for entry, why in self.left:
            yield self._finding(item, entry.split(" ", 1)[0], "%s: %s" % (_shown(entry), why))

    def _finding(self, item: str, attribute: str, told: str) -> Finding:
        made = info("old-scene", attribute, "Saved by %s: %s." % (self.release, told))
        return replace(made, item=item, attribute=attribute)


def _shown(entry: str) -> str:
    """An old entry: its name and, in quotes, what it said."""
    name, _, text = entry.partition(" ")
    return "%s %s" % (name, _quoted(text))


def _quoted(text: str) -> str:
    if not may_be_quoted(text):
        return "(not repeated here, because it may hold a secret)"
    line = " ".join(text.split())
    return '"%s"' % (line if len(line) <= 300 else line[:300] + "...")


# ---------------------------------------------------------------- mapped


def mapped(
    release: Release, values: Values, now: JobSettings, catalog: Catalog,
    is_image: Callable[[str], bool] = lambda path: True,
) -> Record:
    """What is to be done with an item.

    Args:
        values: what the file says.
        now: what our class reads of the same item: what the artist has changed since wins.
        is_image: tells whether the scene has an image or layer of that path.
    """
    return _Mapper(release, values, now, catalog, is_image).record()


class _Mapper:
    """One item under work: changes and leftovers as they come up."""

    def __init__(
        self, release: Release, values: Values, now: JobSettings, catalog: Catalog,
        is_image: Callable[[str], bool],
    ) -> None:
        self.release = release
        self.values = values
        self.now = now
        self.catalog = catalog
        self.is_image = is_image
        self.changes: list[Change] = []
        self.left: list[tuple[str, str]] = []

    def record(self) -> Record:
        """Everything, in the order of the attributes."""
        self.texts()
        self.images()
        self.project()
        self.machine()
        self.numbers()
        self.environment()
        self.metadata()
        self.log_level()
        self.others()
        return Record(self.release.value, tuple(self.changes), tuple(self.left))

    def change(self, name: str, before: str, value: str) -> None:
        """Note a new value, unless the item has it already."""
        if value != getattr(self.now, name):
            self.changes.append(Change(name, before, value))

    def leave(self, name: str, why: str) -> None:
        """Note what the file says of an attribute that has no place here."""
        self.left.append(("%s %s" % (name, " ".join(self.values[name])), why))

    def source(self, name: str) -> str:
        """The text to translate: the artist's, else the file's, else the vendor's default."""
        live = str(getattr(self.now, name))
        if name not in self.values and live == str(getattr(OURS, name)):
            return self.release.defaults.get(name, live)
        return live

    # -- one group of attributes each

    def texts(self) -> None:
        """Title and template."""
        for name, translate in (("title", old_texts.as_expression),
                                ("task_template", old_texts.as_template)):
            source = self.source(name)
            told = translate(source)
            self.change(name, "%s %s" % (name, source), told.text)
            self.left.extend(("%s %s" % (name, source), note) for note in told.notes)

    def images(self) -> None:
        """Images and layers, which 0.3.2 kept under another name."""
        wanted = list(self.values.get(_IMAGES, ()))
        if not wanted or self.now.images:
            return
        there = [path for path in wanted if self.is_image(path)]
        for path in wanted:
            if path not in there:
                self.left.append((
                    "%s %s" % (_IMAGES, path), "the scene has no such image or layer"))
        self.change("images", "%s %s" % (_IMAGES, " ".join(wanted)), json.dumps(there))

    def project(self) -> None:
        """A menu of which the position was stored; the name only since somebody used it."""
        if self.now.project.startswith("- "):
            self.change("project", "last_project " + self.now.project, "")
        elif not self.now.project and "conductor_project_name" in self.values:
            self.leave("conductor_project_name", (
                "it is a position in a menu of that day. Choose the project"))

    def machine(self) -> None:
        """2019 stored the machine's description, 0.3.2 only its position in a menu."""
        wanted = self.now.instance_type
        if wanted.startswith("- "):
            self.change("instance_type", "last_instance_type " + wanted, "")
        elif wanted:
            name = machine_name(wanted, self.catalog)
            self.change("instance_type", "last_instance_type " + wanted, name)
        elif "instance_type" in self.values:
            self.leave("instance_type", (
                "it is a position in a menu of that day. Choose the instance type"))

    def numbers(self) -> None:
        """What is absent from the file and had another default."""
        names = ["retries"]
        names += ["custom_frames"] if self.now.use_custom_frames else []
        names += ["scout_frames"] if self.now.use_scout_frames else []
        for name in names:
            value = self.source(name)
            if value != str(getattr(self.now, name)):
                self.changes.append(Change(name, "%s %s" % (name, value), value))

    def environment(self) -> None:
        """A list of JSON texts, each an object of key, value and excl."""
        entries = []
        for text in self.untouched("extra_environment"):
            entry = _entry(text)
            if entry is None:
                self.left.append(("extra_environment " + text, "this is no entry of theirs"))
            else:
                policy = "exclusive" if entry.get("excl") else "append"
                if "$" in str(entry.get("value", "")):
                    self.left.append(("extra_environment " + text, _EXPANDED))
                entries.append({"name": entry["key"], "value": str(entry.get("value", "")),
                                "merge_policy": policy})
        if entries or self.untouched("extra_environment"):
            self.change("extra_environment", "extra_environment " + " ".join(
                self.values["extra_environment"]), json.dumps(entries) if entries else "")

    def metadata(self) -> None:
        """A list of JSON texts, each an object of key and value."""
        entries = {}
        for text in self.untouched("metadata"):
            entry = _entry(text)
            if entry is None:
                self.left.append(("metadata " + text, "this is no entry of theirs"))
            elif entry.get("value"):
                told = old_texts.as_plain_text(str(entry["value"]))
                entries[entry["key"]] = told.text
                self.left.extend(("metadata " + text, note) for note in told.notes)
        if entries or self.untouched("metadata"):
            self.change("metadata", "metadata " + " ".join(self.values["metadata"]),
                        json.dumps(entries) if entries else "")

    def untouched(self, name: str) -> Sequence[str]:
        """The texts of a list of theirs that is a single text of ours; none where somebody wrote
        ours since."""
        texts = self.values.get(name, ())
        is_theirs = getattr(self.now, name) in ("", *texts[:1])
        return texts if texts and is_theirs and not _is_ours(texts) else ()

    def log_level(self) -> None:
        """A position in a menu of fixed words."""
        texts = self.values.get("conductor_log_level", ())
        if texts and texts[0].isdigit() and int(texts[0]) < len(_LEVELS):
            self.change("log_level", "conductor_log_level " + texts[0], _LEVELS[int(texts[0])])

    def others(self) -> None:
        """What has no counterpart."""
        for name, why in _NO_PLACE:
            if name in self.values:
                self.leave(name, why)


_EXPANDED = "what has a $ was replaced on the workstation, and now the render node does it"
_NO_PLACE = (
    ("clarisse_version", (
        "it is a position in a menu of that day. Press Refresh, or choose the version in "
        "Packages")),
    ("localize_contexts", "in Clarisse, references to other projects are always made local"),
    ("timestamp_render_package", "every render package has a name of its own"),
    ("disable_validation", (
        "checks are turned off one by one, under checks in config.yml")),
)


def machine_name(text: str, catalog: Catalog) -> str:
    """The name of the machine of that description; the text where no machine, or several, fit."""
    found = [one.name for one in catalog.instance_types if one.description == text]
    return found[0] if len(found) == 1 and not catalog.instance_type(text) else text


def _entry(text: str) -> Mapping[str, Any] | None:
    """An entry of the vendor's lists; None for any other text."""
    try:
        entry = json.loads(text)
    except ValueError:
        return None
    is_entry = isinstance(entry, dict) and isinstance(entry.get("key"), str) and entry["key"]
    return entry if is_entry else None


def _is_ours(texts: Sequence[str]) -> bool:
    """True for the one JSON text of our form: a list, or an object without key and value."""
    if len(texts) != 1:
        return False
    try:
        data = json.loads(texts[0])
    except ValueError:
        return False
    return isinstance(data, list) or (isinstance(data, dict) and "key" not in data)
