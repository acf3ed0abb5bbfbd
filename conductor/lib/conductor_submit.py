"""Submitting: upload, note, post. ``Submit(args).main()`` for scripts, :func:`send` for all.

    >>> submission = Submit({
    ...     "project": "default", "instance_type": "n1-standard-2",
    ...     "upload_paths": ["/shows/batman/scene.vrscene"],
    ...     "tasks_data": [{"command": "vray -sceneFile=/shows/batman/scene.vrscene",
    ...                     "frames": "8"}],
    ...     "output_path": "/shows/batman/output",
    ... })
    >>> response, code = submission.main()    # doctest: +SKIP
"""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import threading
from dataclasses import dataclass, replace
from typing import Any, Callable, ContextManager, Mapping

from conductor.lib.api_client import ApiClient
from conductor.lib.arguments import JobArguments
from conductor.lib.catalog import find_instance_type, read_instance_types
from conductor.lib.config import Config
from conductor.lib.errors import (
    ArgumentError,
    AuthError,
    Cancelled,
    ServiceError,
    SubmissionUnknown,
    UploadError,
)
from conductor.lib.hash_cache import FILE_NAME, HashCache
from conductor.lib.journal import Entry, Journal, Outcome, fingerprint
from conductor.lib.manifest import read_path_list, upload_files
from conductor.lib.paths import destination
from conductor.lib.pre_submit import enforce_pre_submit
from conductor.lib.progress import ProgressCallback
from conductor.lib.submission import FileStat, Submission, UploadFile
from conductor.lib.transport import RedactingFilter, Transport
from conductor.lib.uploader import BATCH, Bundling, upload

LOG = logging.getLogger(__name__)

LOG_FILE = "conductor_submit_log"
LOGS_KEPT_DAYS = 7
_LOG_FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"


@dataclass(frozen=True)
class SubmitResult:
    """How a submission went.

    Attributes:
        response: what the service said; has ``jobid``.
        code: its status, 201 for a new job, 204 where nothing was to be posted.
        submission: as sent, with hashes.
    """

    response: dict[str, Any]
    code: int
    submission: Submission

    @property
    def job_id(self) -> str:
        """The job's number; empty when there is no job."""
        return str(self.response.get("jobid") or self.response.get("jid") or "")


def send(
    submission: Submission,
    client: ApiClient,
    config: Config,
    *,
    on_progress: ProgressCallback | None = None,
    cancel: threading.Event | None = None,
    storage: Transport | None = None,
    around_post: Callable[[], ContextManager[None]] = contextlib.nullcontext,
) -> SubmitResult:
    """Upload what a submission needs (unless a daemon does) and post its job.

    A submission of the same work whose outcome was never learnt is looked up first; if its job
    exists, that job is the result and no second one is made.

    Args:
        on_progress: called in this thread; False stops.
        cancel: stops when set; nothing is posted then.
        around_post: entered when all files have arrived, left when the job is there or refused.

    Raises:
        UploadError: files that did not arrive, all of them; nothing is posted.
        SubmissionUnknown: the answer was lost; the journal remembers.
        AuthError, ServiceError, Cancelled.
    """
    journal = Journal(config["user_dir"])
    earlier = _earlier(submission, client, journal)
    if earlier is not None:
        LOG.warning("The earlier submission of the same work became job %s.", earlier.job_id)
        return SubmitResult(_as_response(earlier), 201, submission)
    capabilities = client.capabilities()
    if submission.local_upload:
        files = _upload(submission, client, config, capabilities, on_progress, cancel, storage)
    else:
        files = _with_stats(submission.upload_files)
    submission = submission.with_files(files)
    if submission.upload_only:
        message = "%d files uploaded" % len(files) if files else "No files to upload"
        return SubmitResult({"message": message, "jobid": None}, 204, submission)
    if cancel is not None and cancel.is_set():
        raise Cancelled("The submission was stopped; nothing was posted.")
    key = submission.submission_id if capabilities.get("idempotency_key") else None
    with around_post():
        response, code = _post(submission, client, journal, key)
    return SubmitResult(response, code, submission)


def _earlier(submission: Submission, client: ApiClient, journal: Journal) -> Entry | None:
    """The job of the same work that an earlier run made without learning of it."""
    if not journal.open_entries(client.url):
        return None
    wanted = fingerprint(submission)
    try:
        found = journal.resolve(client.url, client.jobs())
    except AuthError:
        raise
    except ServiceError as error:
        LOG.warning("Earlier submissions cannot be looked up: %s", error)
        return None
    return next((entry for entry in found if entry.fingerprint == wanted), None)


def _as_response(entry: Entry) -> dict[str, Any]:
    return {
        "body": "job submitted.", "jobid": entry.job_id, "status": "success",
        "uri": "/jobs/%s" % entry.job_id,
    }


def _upload(
    submission: Submission, client: ApiClient, config: Config, capabilities: Mapping[str, Any],
    on_progress: ProgressCallback | None, cancel: threading.Event | None,
    storage: Transport | None,
) -> tuple[UploadFile, ...]:
    force = submission.force_upload and bool(capabilities.get("force_upload"))
    if submission.force_upload and not force:
        LOG.warning("This service cannot be made to take files again that it has already.")
    with _cache(config) as cache:
        return upload(
            submission.upload_files, client, project=submission.project,
            threads=config["thread_count"], cache=cache if config["md5_caching"] else None,
            force=force, batch=int(capabilities.get("upload_batch") or BATCH),
            bundling=Bundling.of(capabilities), bandwidth=config["bandwidth"],
            on_progress=on_progress, cancel=cancel, storage=storage,
        )


def _cache(config: Config) -> HashCache:
    path = config.get("database_filepath") or os.path.join(config["cache_dir"], FILE_NAME)
    return HashCache(path)


def _with_stats(files: tuple[UploadFile, ...]) -> tuple[UploadFile, ...]:
    """Sizes and times for a daemon's manifest; hashes only where the user demands them."""
    found, failures = [], []
    for file in files:
        try:
            found.append(replace(file, stat=FileStat.of(os.stat(file.path))))
        except OSError as error:
            failures.append((file.path, error.strerror or str(error)))
    if failures:
        raise UploadError("%d files cannot be read:" % len(failures), failures)
    return tuple(found)


def _post(
    submission: Submission, client: ApiClient, journal: Journal, key: str | None,
) -> tuple[dict[str, Any], int]:
    journal.write(submission, client.url, Outcome.POSTING)
    try:
        response, code = client.post_job(submission.encoded(), key, submission.job_title)
    except SubmissionUnknown:
        journal.write(submission, client.url, Outcome.UNKNOWN)
        raise
    except (ServiceError, AuthError, Cancelled):
        journal.write(submission, client.url, Outcome.REFUSED)
        raise
    job_id = str(response.get("jobid") or response.get("jid") or "")
    journal.write(submission, client.url, Outcome.SUBMITTED, job_id)
    LOG.info("Job %s submitted to %s.", job_id, client.url)
    return response, code


class Submit:
    """A submission from a script: a dictionary of arguments in, the service's answer out.

    Args:
        args: the arguments; see ``conductor.lib.arguments.ARGUMENTS``. What is absent comes from
            the configuration.
        config: a configuration already read; the usual one when None.
        client: a client to use; made from the configuration when None.
        on_progress: called while hashing and uploading; answering False stops.

    Raises:
        ArgumentError: an argument is unknown or wrong. Nothing was asked or sent yet.
    """

    def __init__(
        self,
        args: Mapping[str, Any],
        config: Config | None = None,
        client: ApiClient | None = None,
        on_progress: ProgressCallback | None = None,
    ) -> None:
        self.arguments = JobArguments.read(args, config=config)
        self._client = client
        self._on_progress = on_progress
        self._cancel = threading.Event()

    def main(self) -> tuple[dict[str, Any], int]:
        """Upload and post; ``(response, code)``, the code being 201.

        Each call makes a job of its own (unless the outcome of an equal one was lost; see
        :func:`send`).

        Raises:
            UploadError, AuthError, ServiceError, SubmissionUnknown, Cancelled: see :func:`send`.
            ArgumentError: the service has no such machine.
            ChecksError: the studio's hook refuses it.
        """
        config = self.arguments.config
        client = self._client or ApiClient.from_config(config)
        try:
            submission = self.build(client)
            for finding in enforce_pre_submit(submission, config, self._cancel):
                LOG.warning("%s: %s", finding.subject, finding.message)
            result = send(
                submission, client, config, on_progress=self._on_progress, cancel=self._cancel
            )
        finally:
            if self._client is None:
                client.close()
        return result.response, result.code

    def stop_work(self) -> None:
        """Stop a running :meth:`main` from another thread: it raises Cancelled."""
        self._cancel.set()

    def build(self, client: ApiClient) -> Submission:
        """The submission, its files found on disk and its machine in the service's list."""
        arguments = self.arguments
        instance_type = arguments.instance_type
        if not instance_type and not arguments.config["upload_only"]:
            instance_type = find_instance_type(
                read_instance_types(client), arguments.flavor, arguments.cores
            ).name
        return arguments.submission(instance_type).with_files(self._files())

    def _files(self) -> tuple[UploadFile, ...]:
        arguments = self.arguments
        paths = list(arguments.upload_paths)
        if arguments.config.get("upload_file"):
            paths += read_path_list(arguments.config["upload_file"])
        files = upload_files(paths)
        demanded = {
            destination(os.path.abspath(path)): md5
            for path, md5 in arguments.enforced_md5s.items()
        }
        unknown = sorted(set(demanded) - {file.destination for file in files})
        if unknown:
            raise ArgumentError(
                '"enforced_md5s" names "%s", which is not among the uploaded files.' % unknown[0])
        return tuple(
            replace(file, md5=demanded.get(file.destination)) for file in files
        )


def set_logging(level: int | str | None = None, log_dirpath: str | None = None) -> None:
    """Show this project's log on the error stream, and keep it in a folder.

    Calling it again replaces what the last call did.

    Args:
        level: a level of ``logging`` or its name; INFO when None.
        log_dirpath: folder of a log file that starts anew each day; seven are kept.
    """
    logger = logging.getLogger("conductor")
    for handler in [one for one in logger.handlers if getattr(one, "conductor_own", False)]:
        logger.removeHandler(handler)
        handler.close()
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if log_dirpath:
        os.makedirs(log_dirpath, exist_ok=True)
        handlers.append(logging.handlers.TimedRotatingFileHandler(
            os.path.join(log_dirpath, LOG_FILE), when="midnight", backupCount=LOGS_KEPT_DAYS,
            encoding="utf-8", delay=True,
        ))
    for handler in handlers:
        handler.conductor_own = True  # type: ignore[attr-defined]
        handler.setFormatter(logging.Formatter(_LOG_FORMAT))
        handler.addFilter(RedactingFilter())
        logger.addHandler(handler)
    logger.setLevel(logging.INFO if level is None else level)
