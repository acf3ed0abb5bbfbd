"""The Refresh button: signs in when needed, and what Conductor offers goes into the menus of every
ConductorJob of the scene."""

from __future__ import annotations

import json
from dataclasses import replace

from conductor.clarisse import choices
from conductor.clarisse import item as items
from conductor.clarisse.host import HostModule, OfObject, tell_finding
from conductor.clarisse.old_items import map_once
from conductor.clarisse.package_detection import detect
from conductor.clarisse.press import Press, update_item
from conductor.lib.catalog import Catalog


def refresh(press: Press) -> None:
    """Ask what Conductor offers and bring every ConductorJob up to date."""
    catalog = press.ask_conductor()
    with press.state.writing():
        for item in items.find_jobs(press.ix):
            map_once(press.ix, item, catalog)
            _refresh_item(press.ix, item, catalog)
            update_item(press.ix, item, press.state)
    press.ix.application.log_info(
        "ConductorJob: %d projects, %d instance types, %d packages at %s" % (
            len(catalog.projects), len(catalog.instance_types),
            len(catalog.packages.paths()), press.config["url"]))


def _refresh_item(ix: HostModule, item: OfObject, catalog: Catalog) -> None:
    """Fill the menus, choose the running Clarisse where nothing is chosen, tell what is gone."""
    version_name, version = ix.application.get_version_name(), ix.application.get_version()
    items.fill_menus(item, catalog)
    path = detect(version_name, version, catalog.packages)
    if path and not items.read_settings(item).packages:
        items.set_by_text(item, "packages", json.dumps([path]))
        ix.application.log_info("ConductorJob: %s renders with %s, since Clarisse %s runs here" % (
            item.get_full_name(), path, version_name))
    settings = items.read_settings(item)
    for finding in (*choices.find_vanished(settings, catalog),
                    *choices.check_any_package(settings, catalog, version, version_name)):
        where = "%s.%s" % (item.get_full_name(), finding.subject)
        tell_finding(ix, replace(finding, subject=where))
