"""``conductor uploader`` and ``conductor downloader``: work that a service gives out by location.

A daemon claims one piece of work after the other and says how it goes. Several may run side by
side. When it is told to stop it hands its work back at once, whatever its threads are stuck in.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any, Callable, Mapping

from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.downloader import Place, download
from conductor.lib.errors import Cancelled, ConductorError, ServiceError, TransferError
from conductor.lib.hash_cache import FILE_NAME, HashCache
from conductor.lib.paths import PathMap, drop_drive, is_windows
from conductor.lib.progress import Progress
from conductor.lib.roots import Roots
from conductor.lib.states import UploadState
from conductor.lib.submission import UploadFile
from conductor.lib.uploader import BATCH, Bundling, upload

LOG = logging.getLogger(__name__)

POLL_S = 10.0
UPDATE_S = 15.0
"""The service takes a daemon that is silent for minutes for dead."""
GRACE_S = 0.5
"""How long a stopped daemon waits for its threads."""
TICK_S = 0.1
PAGE = 5
_GONE = 410


class _Daemon:
    """What both have in common.

    Args:
        roots: folders that may be touched.
        location: work of this place only; None: work without a place.
        poll_s: seconds between two questions while there is nothing to do.
    """

    def __init__(
        self, client: ApiClient, config: Config, roots: Roots, *, location: str | None = None,
        poll_s: float = POLL_S, update_s: float = UPDATE_S,
    ) -> None:
        self._client, self._config, self._roots = client, config, roots
        self._location = location or None
        self._poll_s, self._update_s = poll_s, update_s
        self._path_map = PathMap(config.get("path_map", ()))

    def run(self, stop: threading.Event, once: bool = False) -> None:
        """Work until `stop` is set; with `once` until there is nothing to do.

        A service that does not answer is asked again; nothing but a refused sign-in or `stop`
        ends the loop.

        Raises:
            AuthError: the sign-in is refused.
        """
        while not stop.is_set():
            found = False
            try:
                found = self.step(stop)
            except Cancelled:
                return
            except ServiceError as error:
                LOG.warning("%s", error)
            if not found and once:
                return
            if not found and stop.wait(self._poll_s):
                return

    def step(self, stop: threading.Event) -> bool:
        """Do the next piece of work; False when there was none (or it had better wait)."""
        raise NotImplementedError


class _Running:
    """Work in a thread of its own that may be left behind.

    Args:
        work: given an event that asks it to stop.
    """

    def __init__(self, work: Callable[[threading.Event], Any]) -> None:
        self.cancel = threading.Event()
        self.result: Any = None
        self.error: ConductorError | None = None
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work(self.cancel)
        except ConductorError as error:
            self.error = error
        except Exception as error:
            LOG.exception("A daemon stumbled.")
            self.error = ConductorError("an accident: %s" % error)

    @property
    def is_alive(self) -> bool:
        """True while it works."""
        return self._thread.is_alive()

    def join(self, limit_s: float) -> None:
        """Wait for its end, at most so long."""
        self._thread.join(limit_s)


class UploadDaemon(_Daemon):
    """Brings the files of jobs that were submitted with ``local_upload`` off."""

    def step(self, stop: threading.Event) -> bool:
        """Claim an upload and bring it to an end."""
        answer = self._client.call(
            "PUT", "/uploads/client/next", content={"location": self._location}, ok=(200, 201, 204))
        if answer.status_code == 204:
            return False
        claimed = answer.json()["data"]
        number = str(claimed["id"])
        LOG.info("Upload %s: %d files.", number, len(claimed.get("upload_files") or {}))
        try:
            files = self._files(claimed.get("upload_files") or {})
        except TransferError as error:
            self._fail(number, error)
            return True
        self._bring(number, claimed.get("project"), files, stop)
        return True

    def _files(self, wanted: Mapping[str, str | None]) -> list[UploadFile]:
        """The files by their real paths; TransferError names all that are refused."""
        files, refused = [], []
        for name, md5 in wanted.items():
            try:
                files.append(UploadFile(self._roots.check(self._here(name)), name, md5 or None))
            except TransferError as error:
                refused.append((name, str(error)))
        if refused:
            raise TransferError("%d of %d files are refused:" % (
                len(refused), len(wanted)), refused)
        return files

    def _here(self, name: str) -> str:
        """What this machine calls a file of the submitting one."""
        if os.name != "nt" and is_windows(name):
            here = self._path_map.to_node(name)
            if here == drop_drive(name):
                raise TransferError("it is a Windows path, and no path_map tells what it is here")
            return here
        return self._path_map.to_workstation(name)

    def _bring(
        self, number: str, project: str | None, files: list[UploadFile], stop: threading.Event,
    ) -> None:
        capabilities = self._client.capabilities()
        state = [Progress("hashing")]
        running = _Running(lambda cancel: self._upload(
            project, files, capabilities, cancel, lambda progress: state.__setitem__(0, progress)))
        told = time.monotonic()
        while running.is_alive and not stop.wait(TICK_S):
            if time.monotonic() - told >= self._update_s:
                told = time.monotonic()
                self._update(number, state[0], running)
        if stop.is_set():
            running.cancel.set()
            if running.is_alive or running.error is not None:
                self._hand_back(number, state[0], capabilities)
                running.join(GRACE_S)
                raise Cancelled("The daemon was stopped.")
        running.join(GRACE_S)
        self._end(number, running, state[0], capabilities)

    def _upload(
        self, project: str | None, files: list[UploadFile], capabilities: Mapping[str, Any],
        cancel: threading.Event, note: Callable[[Progress], None],
    ) -> tuple[UploadFile, ...]:
        config = self._config
        path = config.get("database_filepath") or os.path.join(config["cache_dir"], FILE_NAME)
        with HashCache(path) as cache:
            return upload(
                files, self._client, project=project, threads=config["thread_count"],
                cache=cache if config["md5_caching"] else None, cancel=cancel,
                batch=int(capabilities.get("upload_batch") or BATCH), on_progress=note,
                bundling=Bundling.of(capabilities), bandwidth=config["bandwidth"],
            )

    def _end(
        self, number: str, running: _Running, progress: Progress, capabilities: Mapping[str, Any],
    ) -> None:
        error = running.error
        if error is None:
            self._finish(number, running.result)
        elif isinstance(error, Cancelled):
            LOG.info("Upload %s is not wanted any more.", number)
        elif isinstance(error, ServiceError):
            # Not the files' fault: another try, here or elsewhere, may do better.
            self._hand_back(number, progress, capabilities)
            raise error
        else:
            self._fail(number, error)

    def _update(self, number: str, progress: Progress, running: _Running) -> None:
        try:
            self._report(number, progress)
        except ServiceError as error:
            if error.status == _GONE:
                running.cancel.set()
            LOG.warning("Upload %s: %s", number, error)

    def _report(self, number: str, progress: Progress, **others: Any) -> None:
        # The wire's own spelling.
        self._client.call("POST", "/uploads/%s/update" % number, content=dict({
            "upload_id": int(number), "transfer_size": progress.bytes_total,
            "bytes_transfered": progress.bytes_done}, **others))

    def _hand_back(
        self, number: str, progress: Progress, capabilities: Mapping[str, Any],
    ) -> None:
        if not capabilities.get("upload_hand_back"):
            LOG.warning("Upload %s stays claimed: this service takes nothing back.", number)
            return
        try:
            self._report(number, progress, status=UploadState.PENDING.value)
        except ServiceError as error:
            LOG.warning("Upload %s was not handed back: %s", number, error)

    def _finish(self, number: str, files: tuple[UploadFile, ...]) -> None:
        self._settle(number, "finish", {
            "upload_id": int(number), "status": UploadState.SERVER_PENDING.value,
            "upload_files": {
                file.destination: {"source": file.destination, "md5": file.md5}
                for file in files
            },
        })

    def _fail(self, number: str, error: ConductorError) -> None:
        LOG.error("Upload %s: %s", number, error)
        self._settle(number, "fail", ("Uploader ERROR: %s" % error).encode("utf-8", "replace"))

    def _settle(self, number: str, how: str, content: Mapping[str, Any] | bytes) -> None:
        try:
            self._client.call("POST", "/uploads/%s/%s" % (number, how), content=content)
        except ServiceError as error:
            if error.status is None:
                raise
            LOG.error("Upload %s could not be ended (%s): %s", number, how, error)


class DownloadDaemon(_Daemon):
    """Fetches what jobs have written, as it comes; tells the service of each task."""

    def step(self, stop: threading.Event) -> bool:
        """Claim some tasks and fetch them; False also when all of them failed: another try at once
        would fail again."""
        params: dict[str, Any] = {"count": PAGE}
        if self._location:
            params["location"] = self._location
        offers = self._client.call(
            "GET", "/downloads/next", params, ok=(200, 201, 204))
        found = offers.json().get("data") or [] if offers.content else []
        if not found:
            return False
        place = Place(None, self._path_map, self._roots)
        running = _Running(lambda cancel: download(
            self._client, found, place, threads=self._config["thread_count"],
            bandwidth=self._config["bandwidth"], cancel=cancel))
        while running.is_alive and not stop.wait(TICK_S):
            pass
        if stop.is_set():
            running.cancel.set()
            running.join(GRACE_S)
            raise Cancelled("The daemon was stopped.")
        running.join(GRACE_S)
        if running.error is not None:
            raise running.error
        for path, reason in running.result.failures:
            LOG.error('"%s" was not downloaded: %s', path, reason)
        return bool(running.result.files)
