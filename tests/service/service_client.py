"""A service process under test, and a small client that speaks its protocol."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable, Sequence

import requests

ROOT = Path(__file__).resolve().parent.parent.parent
LIMIT_S = 30
ENDED = {"success", "failed", "killed", "downloaded"}
FARM = """
cores: 4
projects: [default, spiderman]
path_map:
  - {from: "Z:/show", to: /mnt/show}
packages:
  - {product: clarisse, major_version: "5", minor_version: "0"}
  - product: ornatrix
    major_version: "1"
    plugin_host_product: clarisse
    plugin_host_version: "5.0"
"""


def wait_until(condition: Callable[[], Any], what: str, limit_s: float = LIMIT_S) -> Any:
    """The first true answer of a condition, asked every few milliseconds."""
    limit = time.monotonic() + limit_s
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < limit, "waited in vain for " + what
        time.sleep(0.01)


def md5_of(content: bytes) -> str:
    """The wire's form of an MD5."""
    return base64.b64encode(hashlib.md5(content).digest()).decode("ascii")


def alive(pid: int) -> bool:
    """True while a process runs; one that only waits to be reaped does not."""
    try:
        text = Path("/proc/%d/stat" % pid).read_text(encoding="utf-8")
    except OSError:
        return False
    return text.rpartition(")")[2].split()[0] not in "ZX"


class Server:
    """One data folder, and the service process that runs on it now."""

    def __init__(
        self, folder: Path, farm: str = FARM, environ: dict[str, str] | None = None,
        options: Sequence[str] = (),
    ):
        self.options = options
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "service.log"
        self.ready = folder / "ready.json"
        self.farm = folder / "farm.yml"
        self.farm.write_text(farm, encoding="utf-8")
        self.environ = dict(os.environ, **(environ or {}))

    def start(self) -> Server:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "conductor.service.server", "--data", str(self.data),
                    "--ready-file", str(self.ready), "--farm", str(self.farm),
                    *self.options,
                ],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=str(ROOT), env=self.environ,
            )
        wait_until(self._is_up, "the service to come up")
        told = json.loads(self.ready.read_text(encoding="utf-8"))
        self.url: str = told["url"]
        self.key_path = Path(told["api_key_path"])
        return self

    def _is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        return self.ready.exists()

    def stop(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        code = self.process.wait(LIMIT_S)
        self.ready.unlink()
        return code

    def client(self) -> Client:
        return Client(self.url, json.loads(self.key_path.read_text(encoding="utf-8")))


class Client:
    """What a client does, in a line each."""

    def __init__(self, url: str, key: dict[str, str]) -> None:
        self.url = url
        self.key = key
        self.session = requests.Session()
        self.token = self.sign_in().json()["access_token"]
        self.session.headers["Authorization"] = "Bearer " + self.token

    def sign_in(self, **changes: str) -> requests.Response:
        query = {
            "grant_type": "client_credentials", "scope": "owner admin user",
            "client_id": self.key["client_id"], "client_secret": self.key["private_key"],
        }
        return requests.get(self.url + "/api/oauth_jwt", params=dict(query, **changes), timeout=10)

    def ask(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        """The JSON of an answer, which must have a status."""
        answer = self.session.request(method, self.url + path, timeout=LIMIT_S, **options)
        assert answer.status_code == status, "%d: %s" % (answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def get(self, path: str, status: int = 200, **options: Any) -> Any:
        return self.ask("GET", path, status, **options)

    def upload_url(self, content: bytes, path: str = "/w/file", force: bool = False) -> str:
        """The signed URL for a content the service does not have; with ``force`` for any."""
        file = {"path": path, "hash": md5_of(content), "size": len(content)}
        answer = self.ask(
            "POST", "/api/v2/files/get_upload_urls",
            json={"project": "default", "upload_files": [file], "force": force},
        )
        single, = answer["singlePartURLs"]
        assert (single["filePath"], single["fileSize"]) == (path, len(content))
        return str(single["preSignedURL"])

    def knows(self, content: bytes) -> bool:
        """True when the service asks for no upload of a content."""
        file = {"path": "/w/file", "hash": md5_of(content), "size": len(content)}
        answer = self.session.post(
            self.url + "/api/v2/files/get_upload_urls",
            json={"project": "default", "upload_files": [file]}, timeout=10,
        )
        return answer.status_code == 204

    def upload(self, content: bytes) -> None:
        if not self.knows(content):
            answer = requests.put(self.upload_url(content), data=content, timeout=10)
            assert answer.status_code == 200, answer.text

    def submit(self, *commands: str, status: int = 201, headers: Any = None, **changes: Any) -> Any:
        """Post a job of one task per command, frames 1, 2, …; its id, or the refusal."""
        payload = dict({
            "project": "default", "instance_type": "n1-standard-2", "job_title": "test",
            "tasks_data": [
                {"command": command, "frames": str(frame)}
                for frame, command in enumerate(commands, 1)
            ],
        }, **changes)
        answer = self.ask("POST", "/jobs/", status, json=payload, headers=headers)
        return answer["jobid"] if status == 201 else answer

    def job(self, jid: str) -> dict[str, Any]:
        return self.get("/api/v1/client/jobs/" + jid)["data"]

    def tasks(self, jid: str) -> list[dict[str, Any]]:
        return self.get("/api/v1/tasks?filter=jobLabel_eq_" + jid)["data"]

    def states(self, jid: str) -> list[str]:
        return [task["status"] for task in self.tasks(jid)]

    def wait(self, jid: str, *statuses: str) -> dict[str, Any]:
        """The job once it has one of the states; any end by default."""
        wanted = set(statuses) or ENDED

        def reached() -> Any:
            job = self.job(jid)
            return job if job["status"] in wanted else None

        return wait_until(reached, "job %s to be %s" % (jid, " or ".join(sorted(wanted))))

    def log(self, jid: str, tid: str = "000") -> dict[str, Any]:
        return self.get("/get_log_file?job=%s&task=%s&num_lines[]=0" % (jid, tid))

    def act(self, action: str, jid: str, *tids: str) -> int:
        """Release, kill or retry tasks, or all of the job; the number it applied to."""
        if not tids:
            body = {"action": action, "jobids": [jid]}
            return self.ask("PUT", "/jobs_multi", json=body)["tasks"]
        body = {"action": action, "jobid": jid, "taskids": list(tids)}
        return self.ask("PUT", "/tasks_multi", json=body)["tasks"]

    def outputs(self, jid: str) -> dict[str, bytes]:
        """Everything the tasks wrote, by relative path."""
        answer = self.ask("POST", "/jobs/%s/downloads" % jid, 201, json={"tids": None})
        found = {}
        for file in (file for download in answer["downloads"] for file in download["files"]):
            content = requests.get(file["url"], timeout=10).content
            assert (md5_of(content), len(content)) == (file["md5"], file["size"])
            found[file["relative_path"]] = content
        return found


class Gate:
    """Holds a running command until the test lets it go on."""

    def __init__(self, folder: Path) -> None:
        self.reached = folder / "reached"
        self._open = folder / "open"
        self.command = "touch {reached}; until [ -e {open} ]; do sleep 0.01; done".format(
            reached=shlex.quote(str(self.reached)), open=shlex.quote(str(self._open)),
        )

    def wait(self) -> None:
        wait_until(self.reached.exists, "the command to run")

    def open(self) -> None:
        self._open.touch()
