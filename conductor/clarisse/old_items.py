"""ConductorJob items of the vendor's plugins, mapped to ours the first time a button is pressed.

Whether Clarisse still shows attributes that the registered class lacks is unverified, so they are
read both ways: from the project's file, and from the item where they exist.
"""

from __future__ import annotations

from typing import Iterator

from conductor.clarisse import item as items
from conductor.clarisse import old_scenes
from conductor.clarisse.attributes import LAST
from conductor.clarisse.host import HostModule, OfAttr, OfObject, tell_finding
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding
from conductor.lib.errors import SceneError

RECORD = "mapped_from"
"""Hidden text of an item: how it was mapped; empty for an item of ours."""


def map_once(ix: HostModule, item: OfObject, catalog: Catalog) -> tuple[Finding, ...]:
    """Map an item that the vendor's plugin wrote; what was mapped now or earlier, as findings."""
    known = _read_record(item)
    if known:
        known = _name_machine(item, known, catalog)
    else:
        known = _map(ix, item, catalog)
    return tuple(known.findings(str(item.get_full_name()))) if known else ()


def _read_record(item: OfObject) -> old_scenes.Record | None:
    text = str(item.get_attribute(RECORD).get_raw_string())
    return old_scenes.Record.from_text(text) if text else None


def _name_machine(
    item: OfObject, known: old_scenes.Record, catalog: Catalog,
) -> old_scenes.Record:
    """The machine by its name, once Conductor has told which one is so described."""
    last = item.get_attribute(LAST + "instance_type")
    described = str(last.get_string())
    name = old_scenes.machine_name(described, catalog)
    if name == described:
        return known
    last.set_string(name)
    known = known.with_machine(described, name)
    item.get_attribute(RECORD).set_string(known.to_text())
    return known


def _map(ix: HostModule, item: OfObject, catalog: Catalog) -> old_scenes.Record | None:
    values = dict(_from_file(ix, item), **_from_item(item))
    release = old_scenes.release_of(values)
    if release is None:
        return None
    record = old_scenes.mapped(release, values, items.read_settings(item), catalog,
                               lambda path: _is_image(ix, path))
    for change in record.changes:
        items.set_by_text(item, change.name, change.value)
    item.get_attribute(RECORD).set_string(record.to_text())
    for finding in record.findings(str(item.get_full_name())):
        tell_finding(ix, finding)
    return record


def _is_image(ix: HostModule, path: str) -> bool:
    try:
        return items.find_image(ix, path) is not None
    except SceneError:
        return False


def _from_item(item: OfObject) -> dict[str, list[str]]:
    """The vendor's attributes that Clarisse shows on the item."""
    return {name: list(_texts(item.get_attribute(name)))
            for name in old_scenes.SIGNS if item.attribute_exists(name)}


def _texts(attr: OfAttr) -> Iterator[str]:
    for index in range(attr.get_value_count()):
        named = attr.get_object(index) if attr.get_type() == attr.TYPE_REFERENCE else None
        yield str(attr.get_raw_string(index) if named is None else named.get_full_name())


def _from_file(ix: HostModule, item: OfObject) -> dict[str, list[str]]:
    path = str(ix.application.get_current_project_filename())
    return old_scenes.values_of(path, str(item.get_full_name()))
