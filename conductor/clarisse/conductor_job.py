"""The scripted class ConductorJob: what its buttons do, and what follows from a changed row.

One press reads Clarisse once into plain values, decides on values, and writes back at the end.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, Mapping

from conductor.clarisse import item as items
from conductor.clarisse.attributes import Attribute, settings
from conductor.clarisse.environment import make_addresses
from conductor.clarisse.frames_info import best_chunk_size
from conductor.clarisse.host import HostModule, OfObject, guard, tell_finding
from conductor.clarisse.old_items import map_once
from conductor.clarisse.panels.environment import edit_environment
from conductor.clarisse.panels.extra_uploads import edit_extra_uploads
from conductor.clarisse.panels.message import tell
from conductor.clarisse.panels.metadata import edit_metadata
from conductor.clarisse.panels.package_chooser import choose_packages
from conductor.clarisse.pointing import in_words
from conductor.clarisse.press import Press, update_item, update_items
from conductor.clarisse.refreshing import refresh
from conductor.clarisse.run_state import RunState, start_log
from conductor.clarisse.scene import read_images
from conductor.clarisse.studio import seed
from conductor.clarisse.submitting import export_render_package, preview, submit
from conductor.lib.checks import errors_of
from conductor.lib.config import Config
from conductor.lib.errors import Cancelled, ConductorError


def even_out_chunks(press: Press) -> None:
    """Set the smallest chunk size that gives as many tasks."""
    size = best_chunk_size(press.settings(), read_images(press.item))
    press.item.get_attribute("chunk_size").set_long(size)


ACTIONS: Mapping[str, Callable[[Press], None]] = {
    "refresh": refresh,
    "preview": preview,
    "submit": submit,
    "best_chunk_size": even_out_chunks,
    "manage_extra_uploads": edit_extra_uploads,
    "export_render_package": export_render_package,
    "choose_packages": choose_packages,
    "manage_extra_environment": edit_environment,
    "manage_metadata": edit_metadata,
}
"""What each button does."""


def press_button(ix: HostModule, state: RunState, item: OfObject, name: str) -> None:
    """One press; one transfer at a time."""
    if state.busy:
        tell(ix, "Busy: %s. Wait for its end, or cancel it." % state.busy)
        return
    try:
        _press(ix, state, item, name)
    except Cancelled as error:
        # The artist's own wish needs no window.
        ix.application.log_info("ConductorJob, %s: %s" % (name, error))
    except ConductorError as error:
        tell(ix, "%s: %s" % (name, in_words(str(error))))
        raise


def _press(ix: HostModule, state: RunState, item: OfObject, name: str) -> None:
    items.declare_variables(ix)
    with state.writing():
        map_once(ix, item, state.known)
    update_items(ix, state)
    config = Config.load()
    start_log(config, items.read_settings(item).log_level)
    project = str(ix.application.get_current_project_filename())
    ACTIONS[name](Press(ix, str(item.get_full_name()), project, state, config))


# ---------------------------------------------------------------- changed rows


def _check_addresses(ix: HostModule, item: OfObject, state: RunState) -> None:
    now = items.read_settings(item)
    for finding in errors_of(make_addresses(now.notify, now.email_addresses, ())[1]):
        tell_finding(ix, finding)


def _keep_choice(row: Attribute) -> Callable[[HostModule, OfObject, RunState], None]:
    return lambda ix, item, state: items.keep_choice(item, row, state.known)


ON_CHANGE: Mapping[str, Callable[[HostModule, OfObject, RunState], None]] = dict(
    {row.name: _keep_choice(row) for row in settings() if row.menu},
    notify=_check_addresses, email_addresses=_check_addresses,
)
"""What follows from a changed row, beside rows and the frames line that are brought up to date."""

LONG_LISTS = frozenset(row.name for row in settings() if row.is_list and not row.classes)
"""Thousands of uploads come in one by one: none is worth bringing the frames line up to date."""


def follow_change(ix: HostModule, state: RunState, item: OfObject, name: str) -> None:
    """What follows from a change that is not ours."""
    if not state.is_writing:
        with state.writing():
            if name in ON_CHANGE:
                ON_CHANGE[name](ix, item, state)
            if name not in LONG_LISTS:
                update_item(ix, item, state)


def make_engine(ix: HostModule, state: RunState | None = None) -> Any:
    """The engine of the scripted class; nothing escapes its methods."""
    run_state = state or RunState()

    class Engine(ix.api.ModuleScriptedClassEngine):  # type: ignore[misc]
        def __init__(self) -> None:
            ix.api.ModuleScriptedClassEngine.__init__(self)

        def declare_attributes(self, s_class: Any) -> None:
            guard(ix, "declaring", lambda: items.declare(ix, s_class, self.add_action))
            guard(ix, "the studio's defaults", lambda: seed(ix, s_class))

        def on_action(self, action: Any, item: Any, data: Any) -> None:
            # Asked before: when something fails, the item may be gone.
            is_wanted = bool(guard(ix, "a button", lambda: items.wants_tracebacks(item)))
            name = guard(ix, "a button", action.get_name, lambda: is_wanted) or ""
            guard(ix, name, lambda: press_button(ix, run_state, item, name), lambda: is_wanted)

        def on_attribute_change(self, item: Any, attr: Any, *_: Any) -> None:
            asks = functools.partial(items.wants_tracebacks, item)
            guard(ix, "a changed row", lambda: follow_change(ix, run_state, item, attr.get_name()),
                  asks)

    return Engine()
