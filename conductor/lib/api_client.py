"""The service's endpoints, one method each: values in, values out, errors raised.

Addresses and shapes are the vendor's wire (observed from ciocore 9.2.0). What only our own service
has is asked for at ``/api/v1/capabilities``.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import threading
from dataclasses import dataclass, field
from typing import Any, Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit, urlunsplit

import requests

from conductor.lib.auth import Credentials, credentials_from_config
from conductor.lib.config import Config, check_url
from conductor.lib.errors import (
    ArgumentError,
    AuthError,
    ServiceError,
    ServiceUnreachable,
    SubmissionUnknown,
)
from conductor.lib.package_utils import with_relative_path
from conductor.lib.submission import UploadFile
from conductor.lib.transport import (
    BLOCK,
    AnswerLost,
    Bearer,
    BodyMaker,
    Call,
    MemoryBody,
    Timeout,
    Transport,
    redact,
)

LOG = logging.getLogger(__name__)

PAGE_SIZE = 50
_NUMBER = re.compile(r"[0-9]+\Z")
OCTETS = "application/octet-stream"
_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
# Answers of something between us and the service, or of a service that broke half way.
_UNCLEAR = frozenset({500, 502, 504})


@dataclass(frozen=True)
class UploadUrls:
    """What the service wants of the files it was asked about.

    Attributes:
        single: address to PUT the whole file to, by the file's destination.
        multi: descriptions of files to send in parts, by destination, as the wire gives them.
        kms_key: name of an encryption key to send along; usually empty.
    """

    single: Mapping[str, str] = field(default_factory=dict)
    multi: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    kms_key: str = ""


class ApiClient:
    """One service, one identity. Threads may share it.

    Every method raises AuthError (no or refused credentials), ServiceUnreachable (no connection,
    no answer in time) or ServiceError (the service refused).

    Args:
        url: address of the application.
        credentials: where tokens come from; None asks without.
        session: a requests session to use.
        timeout: seconds to connect, and between two bytes received.
        api_url: address of tasks and accounts; follows from `url` when None.
    """

    def __init__(
        self,
        url: str,
        credentials: Credentials | None,
        session: requests.Session | None = None,
        timeout: Timeout | None = None,
        api_url: str | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.url = check_url(url)
        self.api_url = check_url(api_url) if api_url else derive_api_url(self.url)
        self.credentials = credentials
        options: dict[str, Any] = {"timeout": timeout} if timeout else {}
        self.transport = transport or Transport(session, **options)

    @classmethod
    def from_config(cls, config: Config, transport: Transport | None = None) -> ApiClient:
        """The client that `config` describes; no request is made yet.

        Raises:
            AuthError: the API key cannot be read.
        """
        transport = transport or Transport(pool_size=config["thread_count"])
        api_url = config["api_url"] or derive_api_url(config["url"])
        credentials = credentials_from_config(config, transport, api_url)
        return cls(config["url"], credentials, api_url=api_url, transport=transport)

    @property
    def session(self) -> requests.Session:
        """The session of the API's requests (transfers to storage have another)."""
        return self.transport.session

    def close(self) -> None:
        """Release the connections."""
        self.transport.close()

    def cancelled_by(self, cancel: threading.Event) -> ApiClient:
        """The same client, for work that `cancel` ends at once."""
        return ApiClient(
            self.url, self.credentials, api_url=self.api_url,
            transport=self.transport.cancelled_by(cancel),
        )

    # -- what may be chosen -------------------------------------------------------------------

    def projects(self) -> list[str]:
        """Names of the active projects, sorted."""
        return sorted(
            str(item["name"]) for item in self._data("/api/v1/projects/")
            if item.get("status", "active") == "active" and item.get("name")
        )

    def instance_types(self) -> list[dict[str, Any]]:
        """The machines a job may ask for."""
        return self._data("/api/v1/instance-types")

    def software_packages(self) -> list[dict[str, Any]]:
        """All packages; each has a ``relative_path``."""
        items = self._data("/api/v1/ee/packages", {"all": "true"})
        return [with_relative_path(item) for item in items]

    def capabilities(self) -> dict[str, Any]:
        """What this service has beyond the vendor's protocol; {} where it does not tell."""
        answer = self._send("GET", self.url + "/api/v1/capabilities")
        if answer.status_code != 200:
            return {}
        try:
            content = answer.json()
        except ValueError:
            return {}
        if isinstance(content, dict):
            content = content.get("data", content)
        return content if isinstance(content, dict) else {}

    # -- uploads ------------------------------------------------------------------------------

    def upload_urls(
        self, project: str | None, files: Iterable[UploadFile], force: bool = False,
    ) -> UploadUrls:
        """Which of `files` the service lacks, and where they go.

        Args:
            files: hashed files; those the answer does not name are there already.
            force: ask for all of them (only where the service can).
        """
        request: dict[str, Any] = {
            "upload_files": [
                {"path": file.destination, "hash": file.md5, "size": file.size} for file in files
            ],
            "project": project or None,
        }
        if force:
            request["force"] = True
        answer = self.call("POST", "/api/v2/files/get_upload_urls", content=request, ok=(200, 204))
        return _upload_urls(answer) if answer.status_code == 200 else UploadUrls()

    def complete_multipart(
        self, project: str | None, upload_id: str, md5: str, parts: Sequence[Mapping[str, Any]],
    ) -> None:
        """Tell that all parts of a file are sent: ``{"partNumber": n, "etag": text}`` each."""
        self.call("POST", "/api/v2/files/multipart/complete", content={
            "uploadID": upload_id, "hash": md5, "completedParts": [dict(part) for part in parts],
            "project": project or None,
        })

    def put_bundle(self, make_body: BodyMaker) -> None:
        """Send small files in one request (only where the service advertises
        ``upload_bundle``)."""
        answer = self._send(
            "POST", self.url + "/api/v1/files/bundle", headers={"Content-Type": OCTETS},
            content=make_body)
        _check(answer, (200,))

    # -- jobs ---------------------------------------------------------------------------------

    def post_job(
        self, payload: Mapping[str, Any] | bytes | bytearray, idempotency_key: str | None = None,
        title: str = "",
    ) -> tuple[dict[str, Any], int]:
        """Create a job; the service's answer and status code.

        Args:
            payload: the body, or that as JSON.
            idempotency_key: only where the service advertises that it knows it: the request may
                then be repeated. Without, it is sent once.
            title: of the job, for messages.

        Raises:
            SubmissionUnknown: the job may or may not have been created.
        """
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        if isinstance(payload, Mapping):
            title = title or str(payload.get("job_title", ""))
        if not idempotency_key:
            # A kept connection may die under the request, and nobody could tell what happened.
            self.transport.drop_idle_connections()
        try:
            answer = self._send(
                "POST", self.url + "/jobs/", content=payload, headers=headers,
                safe=bool(idempotency_key),
            )
        except AnswerLost as error:
            raise _unknown(title, error.url, None, error.detail) from None
        if answer.status_code in _UNCLEAR:
            raise _unknown(title, _place(answer), answer.status_code, _detail(answer))
        _check(answer, (200, 201, 202, 204))
        return _object(answer), answer.status_code

    def job(self, jid: str) -> dict[str, Any]:
        """One job; ServiceError when there is none."""
        wanted = job_id(jid)
        number = int(wanted)
        found = self._data("/api/v1/jobs", {"filter": "jid_gt_%05d,jid_lt_%05d" % (
            number - 1, number + 1)})
        for item in found:
            if str(item.get("jid") or item.get("jobid") or "").zfill(5) == wanted:
                return item
        raise ServiceError('There is no job "%s" at %s.' % (wanted, self.url))

    def jobs(
        self, limit: int | None = None, tags: Mapping[str, str] | None = None, **filters: Any,
    ) -> list[dict[str, Any]]:
        """Jobs, all or those whose members equal `filters` (``status="running"``).

        Args:
            limit: how many the service is asked for; it may answer more.
            tags: metadata they must have; heeded where ``job_metadata_filter`` is advertised.
        """
        terms = ["%s_eq_%s" % pair for pair in sorted(filters.items())]
        params: dict[str, Any] = {"filter": ",".join(terms)} if terms else {}
        if tags:
            params["metadata"] = ["%s=%s" % pair for pair in sorted(tags.items())]
        if limit:
            params["limit"] = limit
        return self._data("/api/v1/jobs", params or None)

    def tasks(self, jid: str) -> list[dict[str, Any]]:
        """The tasks of a job, in their order."""
        found = self._data(
            "/api/v1/tasks", {"filter": "jobLabel_eq_%s" % job_id(jid)}, base=self.api_url,
        )
        return sorted(found, key=lambda item: str(item.get("taskLabel", "")))

    def task_log(self, jid: str, tid: str) -> str:
        """Everything a task has written so far."""
        answer = self.call("GET", "/get_log_file", {
            "job": job_id(jid), "task": task_id(tid), "num_lines[]": "0",
        })
        lines: list[str] = []
        for part in _object(answer).get("logs") or ():
            content = part.get("log", ())
            lines.extend([content] if isinstance(content, str) else content)
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)

    def kill_jobs(self, *jids: str) -> dict[str, Any]:
        """Stop jobs."""
        return self._act_on_jobs("kill", jids)

    def kill_tasks(self, jid: str, *tids: str) -> dict[str, Any]:
        """Stop tasks of a job."""
        return self._act_on_tasks("kill", jid, tids)

    def release_tasks(self, jid: str, *tids: str) -> dict[str, Any]:
        """Let holding tasks run; all that hold when none is named."""
        return self._act_on_tasks("release", jid, tids)

    def retry_tasks(self, jid: str, *tids: str) -> dict[str, Any]:
        """Run failed or killed tasks again; all of them when none is named."""
        return self._act_on_tasks("retry", jid, tids)

    def _act_on_jobs(self, action: str, jids: Sequence[str]) -> dict[str, Any]:
        return _object(self.call("PUT", "/jobs_multi", content={
            "action": action, "jobids": [job_id(jid) for jid in jids],
        }))

    def _act_on_tasks(self, action: str, jid: str, tids: Sequence[str]) -> dict[str, Any]:
        if not tids:
            return self._act_on_jobs(action, (jid,))
        return _object(self.call("PUT", "/tasks_multi", content={
            "action": action, "jobid": job_id(jid), "taskids": [task_id(tid) for tid in tids],
        }))

    # -- downloads ----------------------------------------------------------------------------

    def job_downloads(
        self, jid: str, task_ids: Sequence[str] | None = None, page_size: int = PAGE_SIZE,
    ) -> Iterator[dict[str, Any]]:
        """What the tasks of a job have written, page after page, one dictionary per task."""
        tids = None if task_ids is None else [task_id(tid) for tid in task_ids]
        cursor: str | None = None
        while True:
            params: dict[str, Any] = {"limit": page_size}
            if cursor:
                params["start_cursor"] = cursor
            page = _object(self.call(
                "POST", "/jobs/%s/downloads" % job_id(jid), params, {"tids": tids}, ok=(200, 201),
            ))
            yield from page.get("downloads") or ()
            following = page.get("next_cursor")
            if not following or following == cursor:
                return
            cursor = str(following)

    def report_download(self, download_id: str, status: str, done: int, total: int) -> None:
        """Tell how a download goes: "downloading", "downloaded" or "pending"; sizes in bytes."""
        self.call("POST", "/downloads/status", content={
            "download_id": download_id, "status": status, "bytes_downloaded": done,
            "bytes_to_download": total,
        })

    # -- the wire -----------------------------------------------------------------------------

    def call(
        self, method: str, path: str, params: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | bytes | None = None, *,
        base: str | None = None, ok: Sequence[int] = (200, 201, 202, 204),
    ) -> requests.Response:
        """Send a request that may be repeated; the answer if its status is one of `ok`."""
        answer = self._send(method, (base or self.url) + path, params, content)
        _check(answer, ok)
        return answer

    def _data(
        self, path: str, params: Mapping[str, Any] | None = None, base: str | None = None,
    ) -> list[dict[str, Any]]:
        """The list in the ``data`` of an answer; a single object counts as a list of one."""
        content = _object(self.call("GET", path, params, base=base)).get("data")
        if isinstance(content, dict):
            return [content]
        return [item for item in content or () if isinstance(item, dict)]

    def _send(
        self, method: str, url: str, params: Mapping[str, Any] | None = None,
        content: Mapping[str, Any] | bytes | bytearray | BodyMaker | None = None,
        headers: Mapping[str, str] | None = None, safe: bool = True,
    ) -> requests.Response:
        """Send, with a token; renew the token once when it is refused."""
        body: None | bytes | BodyMaker
        if isinstance(content, Mapping):
            body = json.dumps(content).encode("utf-8")
        elif isinstance(content, (bytes, bytearray)) and len(content) <= BLOCK:
            body = bytes(content)
        elif isinstance(content, (bytes, bytearray)):
            body = functools.partial(MemoryBody, content, self.transport.cancel)
        else:
            body = content
        call = Call(method, url, dict(_JSON, **(headers or {})), params, body, safe=safe)
        if self.credentials is None:
            return self.transport.send(call)
        token = self.credentials.token()
        answer = self.transport.send(_signed(call, token))
        if answer.status_code == 401:
            answer = self.transport.send(_signed(call, self.credentials.token(stale=token)))
        return answer


def _signed(call: Call, token: str) -> Call:
    return Call(call.method, call.url, call.headers, call.params, call.body, Bearer(token),
                call.safe, call.stream)


def derive_api_url(url: str) -> str:
    """The API's address that belongs to an application's: ``dashboard.`` becomes ``api.``."""
    parts = urlsplit(url)
    host = parts.netloc
    if host.startswith("dashboard."):
        host = "api." + host[len("dashboard."):]
    return urlunsplit(parts._replace(netloc=host))


def job_id(text: str) -> str:
    """The wire's form of a job id: five digits at least. ArgumentError for anything else."""
    if not _NUMBER.match(str(text)):
        raise ArgumentError('"%s" is no job id; it must be a number such as 00012.' % text)
    return str(text).zfill(5)


def task_id(text: str) -> str:
    """The wire's form of a task id: three digits at least. ArgumentError for anything else."""
    if not _NUMBER.match(str(text)):
        raise ArgumentError('"%s" is no task id; it must be a number such as 003.' % text)
    return str(text).zfill(3)


def _place(answer: requests.Response) -> str:
    return answer.url.split("?", 1)[0]


def _detail(answer: requests.Response) -> str:
    """What the service says about an error, in at most 500 characters."""
    try:
        content = answer.json()
    except ValueError:
        content = None
    text = answer.text
    if isinstance(content, dict):
        for name in ("detail", "message", "error", "body"):
            if content.get(name):
                text = str(content[name])
                break
    elif "<html" in text[:1000].lower():
        text = answer.reason or ""
    return redact(" ".join(text.split())[:500])


def _check(answer: requests.Response, ok: Sequence[int]) -> None:
    status = answer.status_code
    if status in ok:
        return
    method = answer.request.method or ""
    place, detail = _place(answer), _detail(answer)
    if status == 401:
        raise AuthError("%s refused the sign-in (HTTP 401%s)." % (place, detail and ": " + detail))
    if 300 <= status < 400:
        detail = 'the service has moved to "%s"; change the setting url' % (
            answer.headers.get("Location", "?").split("?", 1)[0])
    raise ServiceError(
        "%s %s was refused: HTTP %d%s." % (method, place, status, detail and ": " + detail),
        method, place, status, detail)


def _object(answer: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; {} for an empty body."""
    if not answer.content.strip():
        return {}
    try:
        content = answer.json()
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise ServiceError(
            "%s answered something that is not JSON; is it a Conductor service?" % _place(answer),
            answer.request.method or "", _place(answer), answer.status_code, _detail(answer),
        )
    return content


def _upload_urls(answer: requests.Response) -> UploadUrls:
    content = _object(answer)
    single = {
        str(item["filePath"]): str(item["preSignedURL"])
        for item in content.get("singlePartURLs") or ()
    }
    multi = {str(item["filePath"]): item for item in content.get("multiPartURLs") or ()}
    return UploadUrls(single, multi, str(content.get("kmsKeyName") or ""))


def _unknown(title: str, url: str, status: int | None, detail: str) -> SubmissionUnknown:
    return SubmissionUnknown(
        'The job "%s" was sent to %s, but the answer was lost (%s): it may or may not have been '
        "created. Submit the same again and the earlier one is looked up first, or look at the "
        "job list." % (title, url, detail or "HTTP %s" % status),
        "POST", url, status, detail,
    )


def request_projects(config: Config | None = None) -> list[str]:
    """Names of the active projects of the service that the configuration names."""
    return _configured(config).projects()


def request_instance_types(config: Config | None = None) -> list[dict[str, Any]]:
    """The machines that the configured service offers."""
    return _configured(config).instance_types()


def request_software_packages(config: Config | None = None) -> list[dict[str, Any]]:
    """The packages of the configured service; each has ``package_id`` and ``relative_path``."""
    return _configured(config).software_packages()


def _configured(config: Config | None) -> ApiClient:
    return ApiClient.from_config(config or Config.load())


__all__ = [
    "ApiClient", "ServiceUnreachable", "UploadUrls", "derive_api_url", "job_id",
    "request_instance_types", "request_projects", "request_software_packages", "task_id",
]
