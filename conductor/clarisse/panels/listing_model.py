"""Texts of the windows that only show what is set, and say where to set it."""

from __future__ import annotations

import json
import os
from typing import Callable, Mapping

from conductor.clarisse.attributes import JobSettings
from conductor.lib.catalog import Catalog

Exists = Callable[[str], bool]


def extra_uploads_text(settings: JobSettings, exists: Exists = os.path.exists) -> str:
    """Each extra file; those that are not on disk are marked."""
    lines = [
        path if "$" in path or exists(path) else path + "   (not found on disk)"
        for path in settings.extra_uploads
    ]
    return _listing("Extra files to upload", lines, "Extra Uploads")


def packages_text(settings: JobSettings, catalog: Catalog) -> str:
    """The chosen packages, then those that Conductor offers."""
    chosen = _listing("Chosen packages", settings.packages, "Packages")
    if not catalog.is_known:
        return chosen + "\n\nPress Refresh to see what Conductor offers."
    offered = "\n".join("  " + path for path in catalog.packages.paths())
    return "%s\n\nConductor offers:\n%s" % (chosen, offered or "  nothing")


def environment_text(settings: JobSettings) -> str:
    """Each change to the environment; what cannot be read is shown as it is."""
    entries = _read_json(settings.extra_environment or "[]")
    if not isinstance(entries, list) or not all(isinstance(one, Mapping) for one in entries):
        return _unreadable("Extra Environment", settings.extra_environment)
    lines = [
        "%s = %s   (%s)" % (one.get("name"), one.get("value"), one.get("merge_policy", "append"))
        for one in entries
    ]
    return _listing("Changes to the environment", lines, "Extra Environment")


def metadata_text(settings: JobSettings) -> str:
    """Each name with its value; what cannot be read is shown as it is."""
    entries = _read_json(settings.metadata or "{}")
    if not isinstance(entries, Mapping):
        return _unreadable("Metadata", settings.metadata)
    lines = ["%s = %s" % pair for pair in entries.items()]
    return _listing("Metadata of the job", lines, "Metadata")


def _read_json(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _unreadable(attribute: str, text: str) -> str:
    return "The text of %s cannot be read. It was left as it is:\n\n%s" % (attribute, text)


def _listing(title: str, lines: tuple[str, ...] | list[str], attribute: str) -> str:
    body = "\n".join("  " + line for line in lines) or "  none"
    return "%s:\n%s\n\nTo change them, edit the attribute %s of the item." % (
        title, body, attribute,
    )
