"""The scripted class ConductorJob: what its buttons do, and what follows from a changed row.

One press reads Clarisse once into plain values, decides on values, and writes back at the end.
The command line takes the same steps without windows: :func:`prepare`, :func:`write_package`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, Mapping

from conductor.clarisse import item as items
from conductor.clarisse.attributes import CLASS_NAME, Attribute, JobSettings, settings
from conductor.clarisse.expected_files import note_expected
from conductor.clarisse.frames_info import best_chunk_size, frames_info
from conductor.clarisse.host import (
    HostModule,
    OfObject,
    guard,
    objects_of,
    tell_finding,
)
from conductor.clarisse.panels import listing, listing_model, preview_model
from conductor.clarisse.panels.message import agrees, tell
from conductor.clarisse.panels.preview import wants_submit
from conductor.clarisse.panels.progress import watch
from conductor.clarisse.panels.result_model import result_text
from conductor.clarisse.prepared import Prepared, clean_up, findings_text, prepare_values
from conductor.clarisse.render_package import write_package
from conductor.clarisse.run_state import RunState, client_or_none, known_catalog, start_log
from conductor.clarisse.scan import scan_scope
from conductor.clarisse.scene import read_images, read_scene
from conductor.clarisse.snapshot import Scene
from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import Catalog, fetch_catalog
from conductor.lib.conductor_submit import SubmitResult, send
from conductor.lib.config import Config
from conductor.lib.dependencies import ScanWatch
from conductor.lib.errors import ConductorError

Wait = Callable[[str, Callable[..., Any]], Any]

__all__ = ["ACTIONS", "Prepared", "make_engine", "prepare", "write_package"]


def prepare(
    ix: HostModule, item: OfObject, config: Config, client: ApiClient | None = None
) -> Prepared:
    """Read the item and the scene and build the submission; nothing is written or sent.

    Args:
        client: where names are looked up; without one, or when it cannot be reached, they stay
            unchecked and a finding says so.
    """
    return _prepare(ix, item, config, known_catalog(client))


def _prepare(
    ix: HostModule, item: OfObject, config: Config, catalog: Catalog, wait: Wait | None = None,
) -> Prepared:
    items.declare_variables(ix)
    settings_now, scene = items.read_settings(item), _read_scene(ix, item, config)

    def build(on_progress: Any = None, cancel: Any = None) -> Prepared:
        watch = ScanWatch(on_progress, cancel)
        return prepare_values(settings_now, scene, catalog, config, watch)

    prepared: Prepared = wait("Scanning", build) if wait else build()
    items.set_variables(ix, prepared.variables)
    return prepared


def _read_scene(ix: HostModule, item: OfObject, config: Config) -> Scene:
    return read_scene(ix, item, with_branches=scan_scope(config) == "images")


# ---------------------------------------------------------------- buttons


@dataclass(frozen=True)
class Press:
    """One press of one button."""

    ix: HostModule
    item: OfObject
    state: RunState
    config: Config

    def settings(self) -> JobSettings:
        """What the artist set on the item."""
        return items.read_settings(self.item)

    def catalog(self) -> Catalog:
        """What Conductor offers; asked once in a run of Clarisse."""
        if self.state.catalog is None:
            client = client_or_none(self.config)
            found: Catalog = self.wait("Asking Conductor", lambda *_: known_catalog(client))
            if not found.is_known:
                return found
            self.state.catalog = found
        return self.state.catalog

    def prepare(self) -> Prepared:
        """The submission as it would be now."""
        prepared = _prepare(self.ix, self.item, self.config, self.catalog(), self.wait)
        update_info(self.ix, self.item, self.state)
        return prepared

    def wait(self, what: str, work: Callable[..., Any]) -> Any:
        """Do long work on a thread while Clarisse's events are pumped."""
        with self.state.doing(what):
            return watch(self.ix, what, work)


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


def preview(press: Press) -> None:
    """Show what would be sent; send exactly that when the artist says so."""
    prepared = press.prepare()
    while wants_submit(press.ix, preview_model.of(prepared)):
        if prepared.is_made_of(
            press.settings(), _read_scene(press.ix, press.item, press.config)
        ):
            send_prepared(press, prepared)
            return
        tell(press.ix, "The item or the scene has changed since this preview. Look again.")
        prepared = press.prepare()


def submit(press: Press) -> None:
    """Write the package, upload, and start the job."""
    send_prepared(press, press.prepare())


def send_prepared(press: Press, prepared: Prepared) -> None:
    """Send one submission as it was shown, unless its findings forbid it."""
    if not may_be_sent(press.ix, prepared):
        return
    client = ApiClient.from_config(press.config)
    write_package(press.ix, prepared)
    note_expected(prepared, press.config)
    result: SubmitResult = press.wait(
        "Submitting " + prepared.submission.job_title,
        lambda on_progress, cancel: send(
            prepared.submission, client, press.config, on_progress=on_progress, cancel=cancel))
    clean_up(prepared)
    tell(press.ix, result_text(result.response, client.url, prepared.submission.upload_only))


def may_be_sent(ix: HostModule, prepared: Prepared) -> bool:
    """False when a finding forbids it or the artist does not accept the warnings."""
    for finding in prepared.findings:
        tell_finding(ix, finding)
    if prepared.errors:
        tell(ix, findings_text("Nothing was sent. Please correct:", prepared.errors))
        return False
    question = findings_text("Submit with these warnings?", prepared.warnings)
    return not prepared.warnings or agrees(ix, question)


def even_out_chunks(press: Press) -> None:
    """Set the smallest chunk size that gives as many tasks."""
    size = best_chunk_size(press.settings(), read_images(press.item))
    press.item.get_attribute("chunk_size").set_long(size)


def export_render_package(press: Press) -> None:
    """Write the render package and say where it is."""
    prepared = press.prepare()
    write_package(press.ix, prepared)
    tell(press.ix, "The render package was written:\n\n" + prepared.plan.path)


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
    config = Config.load()
    start_log(config, items.read_settings(item).log_level)
    try:
        ACTIONS[name](Press(ix, item, state, config))
    except ConductorError as error:
        tell(ix, "%s: %s" % (name, error))
        raise


# ---------------------------------------------------------------- changed rows


def update_info(ix: HostModule, item: OfObject, state: RunState) -> None:
    """Bring the frames line up to date."""
    with state.writing():
        text = frames_info(items.read_settings(item), read_images(item))
        items.write_frames_info(item, text)


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
