"""The scripted class ConductorJob: what its buttons do, and what follows from a changed row.

One press reads Clarisse once into plain values, decides on values, and writes back at the end.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping

from conductor.clarisse import item as items
from conductor.clarisse.attributes import Attribute, JobSettings, settings
from conductor.clarisse.frames_info import best_chunk_size
from conductor.clarisse.host import HostModule, OfObject, guard
from conductor.clarisse.old_items import map_once
from conductor.clarisse.panels import listing, listing_model
from conductor.clarisse.panels.message import tell
from conductor.clarisse.press import Press, update_info
from conductor.clarisse.refreshing import refresh
from conductor.clarisse.run_state import RunState, start_log
from conductor.clarisse.scene import read_images
from conductor.clarisse.submitting import export_render_package, preview, submit
from conductor.lib.config import Config
from conductor.lib.errors import ConductorError


def even_out_chunks(press: Press) -> None:
    """Set the smallest chunk size that gives as many tasks."""
    size = best_chunk_size(press.settings(), read_images(press.item))
    press.item.get_attribute("chunk_size").set_long(size)


def _listing(title: str, text: Callable[[JobSettings], str]) -> Callable[[Press], None]:
    return lambda press: listing.show(press.ix, title, text(press.settings()))


def choose_packages(press: Press) -> None:
    """Show the chosen packages and those that Conductor offers."""
    text = listing_model.packages_text(press.settings(), press.catalog())
    listing.show(press.ix, "Packages", text)


ACTIONS: Mapping[str, Callable[[Press], None]] = {
    "refresh": refresh,
    "preview": preview,
    "submit": submit,
    "best_chunk_size": even_out_chunks,
    "manage_extra_uploads": _listing("Extra uploads", listing_model.extra_uploads_text),
    "export_render_package": export_render_package,
    "choose_packages": choose_packages,
    "manage_extra_environment": _listing("Extra environment", listing_model.environment_text),
    "manage_metadata": _listing("Metadata", listing_model.metadata_text),
}
"""What each button does."""


def press_button(ix: HostModule, state: RunState, item: OfObject, name: str) -> None:
    """One press; one transfer at a time."""
    if state.busy:
        tell(ix, "Busy: %s. Wait for its end, or cancel it." % state.busy)
        return
    items.declare_variables(ix)
    with state.writing():
        map_once(ix, item, state.known)
    config = Config.load()
    start_log(config, items.read_settings(item).log_level)
    try:
        ACTIONS[name](Press(ix, item, state, config))
    except ConductorError as error:
        tell(ix, "%s: %s" % (name, error))
        raise


# ---------------------------------------------------------------- changed rows


def _show_rows(ix: HostModule, item: OfObject, state: RunState) -> None:
    items.show_rows(item)
    update_info(ix, item, state)


def _keep_choice(row: Attribute) -> Callable[[HostModule, OfObject, RunState], None]:
    return lambda ix, item, state: items.keep_choice(item, row, state.known)


ON_CHANGE: Mapping[str, Callable[[HostModule, OfObject, RunState], None]] = dict(
    {
        "use_custom_frames": _show_rows,
        "use_scout_frames": _show_rows,
        "notify": _show_rows,
        "images": update_info,
        "custom_frames": update_info,
        "scout_frames": update_info,
        "chunk_size": update_info,
    },
    **{row.name: _keep_choice(row) for row in settings() if row.menu}
)
"""What follows from a changed row."""


def follow_change(ix: HostModule, state: RunState, item: OfObject, name: str) -> None:
    """What follows from a change that is not ours."""
    if name in ON_CHANGE and not state.is_writing:
        with state.writing():
            ON_CHANGE[name](ix, item, state)


def make_engine(ix: HostModule, state: RunState | None = None) -> Any:
    """The engine of the scripted class; nothing escapes its methods."""
    run_state = state or RunState()

    class Engine(ix.api.ModuleScriptedClassEngine):  # type: ignore[misc]
        def __init__(self) -> None:
            ix.api.ModuleScriptedClassEngine.__init__(self)

        def declare_attributes(self, s_class: Any) -> None:
            guard(ix, "declaring", lambda: items.declare(ix, s_class, self.add_action))

        def on_action(self, action: Any, item: Any, data: Any) -> None:
            name = action.get_name()
            guard(ix, name, lambda: press_button(ix, run_state, item, name),
                  lambda: items.wants_tracebacks(item))

        def on_attribute_change(self, item: Any, attr: Any, *_: Any) -> None:
            guard(ix, "a changed row", lambda: follow_change(ix, run_state, item, attr.get_name()),
                  lambda: items.wants_tracebacks(item))

    return Engine()
