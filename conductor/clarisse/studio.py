"""The studio's defaults in Clarisse: put into the class, locked rows, presets for a shelf.

A preset is applied to the selected ConductorJobs by two lines, in the script editor or on a shelf::

    from conductor.clarisse import studio
    studio.apply_preset("lookdev")
"""

from __future__ import annotations

from conductor.clarisse import item as items
from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.host import HostModule, OfClass, OfObject, get_ix
from conductor.clarisse.old_items import map_once
from conductor.clarisse.studio_defaults import StudioDefaults, read_defaults
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding
from conductor.lib.config import Config
from conductor.lib.errors import ConfigError, SceneError


def seed(ix: HostModule, s_class: OfClass) -> None:
    """Make the studio's values the defaults of the class.

    A wrong configuration leaves ours and says so: the class must be there, and each press of a
    button tells what is wrong again.
    """
    try:
        defaults = read_defaults(Config.load())
    except ConfigError as problem:
        ix.application.log_warning("ConductorJob: %s" % problem)
        return
    for name, text in defaults.values.items():
        items.set_by_text(s_class, name, text)
    for name in defaults.locked:
        s_class.get_attribute(name).set_read_only(True)


def check_locked(item: OfObject, defaults: StudioDefaults) -> tuple[Finding, ...]:
    """Errors for locked rows that differ; those can be edited until they are as they should be."""
    findings = tuple(defaults.check(items.read_settings(item)))
    wrong = {finding.subject for finding in findings}
    for name in defaults.locked:
        item.get_attribute(name).set_read_only(name not in wrong)
    return findings


def apply_preset(name: str) -> None:
    """Set what a preset says on the selected ConductorJobs.

    Raises:
        ArgumentError, ConfigError: there is no such preset, or the configuration is wrong.
        SceneError: no ConductorJob is selected.
    """
    ix = get_ix()
    values = read_defaults(Config.load()).preset(name)
    chosen = [ix.selection[place] for place in range(ix.selection.get_count())]
    jobs = [item for item in chosen if item.get_class_name() == CLASS_NAME]
    if not jobs:
        raise SceneError("select the ConductorJobs that the preset is for")
    for item in jobs:
        map_once(ix, item, Catalog.unknown())
        for attribute, text in values.items():
            items.set_by_text(item, attribute, text)
        ix.application.log_info('ConductorJob: %s has the preset "%s" now: %s' % (
            item.get_full_name(), name, ", ".join(values)))
