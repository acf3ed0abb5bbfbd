"""The Refresh button: what Conductor offers, into the menus of every ConductorJob."""

from __future__ import annotations

from conductor.clarisse import item as items
from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.host import objects_of
from conductor.clarisse.press import Press, update_info
from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import fetch_catalog


def refresh(press: Press) -> None:
    """Fetch what Conductor offers and fill the menus of every ConductorJob."""
    client = ApiClient.from_config(press.config)
    catalog = press.wait("Asking Conductor", lambda *_: fetch_catalog(client))
    press.state.catalog = catalog
    with press.state.writing():
        for item in objects_of(press.ix, CLASS_NAME):
            items.fill_menus(item, catalog)
    update_info(press.ix, press.item, press.state)
    press.ix.application.log_info(
        "ConductorJob: %d projects, %d instance types, %d packages at %s" % (
            len(catalog.projects), len(catalog.instance_types),
            len(catalog.packages.paths()), client.url))
