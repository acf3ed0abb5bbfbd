"""One press of a button: what it reads from Clarisse, and how it waits for long work."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any, Callable, Mapping, TypeVar

from conductor.clarisse import item as items
from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.background import leaving_behind, on_watcher
from conductor.clarisse.frames_info import frames_info
from conductor.clarisse.host import HostModule, OfObject
from conductor.clarisse.old_items import map_once
from conductor.clarisse.panels.progress import watch
from conductor.clarisse.panels.sign_in import sign_in
from conductor.clarisse.prepared import Prepared, prepare_values
from conductor.clarisse.run_state import RunState, client_or_none, known_catalog
from conductor.clarisse.scan import scan_scope
from conductor.clarisse.scene import read_images, read_scene
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.studio import check_locked
from conductor.clarisse.studio_defaults import read_defaults
from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import Catalog, fetch_catalog
from conductor.lib.config import Config
from conductor.lib.dependencies import ScanWatch
from conductor.lib.errors import SignInNeeded

T = TypeVar("T")
Wait = Callable[[str, Callable[..., Any]], Any]
_ASKING = "Asking Conductor"


def prepare(
    ix: HostModule, item: OfObject, config: Config, client: ApiClient | None = None
) -> Prepared:
    """Read the item and the scene and build the submission; nothing is written or sent.

    Args:
        client: where names are looked up; without one, or when it cannot be reached, they stay
            unchecked and a finding says so.
    """
    return _prepare(ix, lambda: item, config, known_catalog(client))


def _prepare(
    ix: HostModule, find: Callable[[], OfObject], config: Config, catalog: Catalog,
    wait: Wait | None = None,
) -> Prepared:
    item = find()
    items.declare_variables(ix)
    noted = (*map_once(ix, item, catalog), *check_locked(item, read_defaults(config)),
             *items.check_images(ix, item))
    settings_now, scene = items.read_settings(item), read_job_scene(ix, item, config)

    def build(on_progress: Any = None, cancel: Any = None) -> Prepared:
        watch = ScanWatch(on_progress, cancel)
        return prepare_values(
            settings_now, scene, catalog, config, watch, functools.partial(_evaluate, ix, find))

    prepared: Prepared = wait("Scanning", build) if wait else build()
    find()
    items.set_variables(ix, prepared.variables)
    return prepared.noted(noted, config)


def _evaluate(
    ix: HostModule, find: Callable[[], OfObject], attribute: str, values: Mapping[str, str],
) -> str:
    """What Clarisse makes of one of the item's texts; nothing but CT_ variables is set for it."""
    def evaluate() -> str:
        item = find()
        items.set_variables(ix, values)
        return str(item.get_attribute(attribute).get_string())

    # The scene is built on a thread, and Clarisse is asked on its own.
    return on_watcher(evaluate)


def read_job_scene(ix: HostModule, item: OfObject, config: Config) -> Scene:
    """The scene, as deep as the configured scan needs it."""
    return read_scene(ix, item, with_branches=scan_scope(config) == "images")


@dataclass(frozen=True)
class Press:
    """One press of one button.

    Attributes:
        path: full name of the item whose button it is.
        project: file of the project that was open.
    """

    ix: HostModule
    path: str
    project: str
    state: RunState
    config: Config

    @property
    def item(self) -> OfObject:
        """The item, found anew: while events are pumped the artist may delete it or open another
        project, and what points to an item that is gone ends Clarisse.

        Raises:
            SceneError: when it is gone.
        """
        return items.find_again(self.ix, self.path, self.project)

    def settings(self) -> JobSettings:
        """What the artist set on the item."""
        return items.read_settings(self.item)

    def ask_conductor(self) -> Catalog:
        """What Conductor offers now; signs in where that is needed.

        Raises AuthError and ServiceError, and Cancelled where the artist does not sign in.
        """
        client = ApiClient.from_config(self.config)
        found: Catalog = self.signed_in(
            lambda: self.wait(_ASKING, leaving_behind(lambda: fetch_catalog(client))))
        self.state.catalog = found
        return found

    def signed_in(self, work: Callable[[], T]) -> T:
        """Do work that needs a sign-in; where it turns out that there is none, sign in and do it
        again."""
        try:
            return work()
        except SignInNeeded:
            if not self.ix.is_gui_application():
                raise
            with self.state.doing("Signing in"):
                sign_in(self.ix, self.config)
            return work()

    def catalog(self) -> Catalog:
        """What Conductor offers; asked once in a run of Clarisse, and not known where that would
        need a sign-in first."""
        if self.state.catalog is None:
            client = client_or_none(self.config)
            found: Catalog = self.wait(_ASKING, leaving_behind(lambda: known_catalog(client)))
            if not found.is_known:
                return found
            self.state.catalog = found
        return self.state.catalog

    def prepare(self) -> Prepared:
        """The submission as it would be now."""
        prepared = _prepare(
            self.ix, lambda: self.item, self.config, self.catalog(), self.wait)
        update_item(self.ix, self.item, self.state)
        return prepared

    def has_changed(self, prepared: Prepared) -> bool:
        """True when settings, images or project are not those of a submission any more.

        Raises:
            SceneError: when the item is gone.
        """
        return not prepared.is_of(self.settings(), self.project, read_images(self.item))

    def scene(self) -> Scene:
        """The scene as it is now."""
        return read_job_scene(self.ix, self.item, self.config)

    def wait(self, what: str, work: Callable[..., Any], is_lasting: bool = False) -> Any:
        """Do long work on a thread while Clarisse's events are pumped, as :func:`watch` says."""
        with self.state.doing(what):
            return watch(self.ix, what, work, is_lasting)


def update_items(ix: HostModule, state: RunState) -> None:
    """Bring every ConductorJob up to date: Clarisse tells neither that a project was opened, nor
    a job that one of its images has changed."""
    for item in items.find_jobs(ix):
        update_item(ix, item, state)


def update_item(ix: HostModule, item: OfObject, state: RunState) -> None:
    """Show the rows whose switch is on, and bring the frames line up to date."""
    with state.writing():
        items.show_rows(item)
        text = frames_info(items.read_settings(item), read_images(item))
        items.write_frames_info(item, text)
