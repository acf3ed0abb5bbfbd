"""The vendor's own client, unchanged, in everything it can do with a service.

Its fixed pauses make each run take up to half a minute, so all of them go side by side.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest
from service_client import ENDED, Client, Server, md5_of, wait_until

from tests import sign_in_page

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = ROOT / ".venv-vendor" / "bin" / "python"
LIMIT_S = 120
FARM = """
cores: 8
part_size: 2000000
multipart_from: 4000000
packages:
  - {product: clarisse, major_version: "5", minor_version: "0"}
  - product: ornatrix
    major_version: "1"
    plugin_host_product: clarisse
    plugin_host_version: "5.0"
"""
COMMAND = "from ciocore.cli import main; main()"
SUBMIT = """
import json, sys
from ciocore import conductor_submit
print(json.dumps(conductor_submit.Submit(json.loads(sys.argv[1])).main()))
"""
CALLS = """
import json, sys
from ciocore import api_client, data, hardware_set, package_tree
done, running, other = json.loads(sys.argv[1])
api_client.kill_tasks(running, "000")
api_client.kill_jobs(other)
types = api_client.request_instance_types(filter_param="cpu=gte:4:int")
data.init("clarisse")
print(json.dumps({
    "projects": api_client.request_projects(),
    "jobs": [job["jid"] for job in api_client.get_jobs(done, other)],
    "log": json.loads(api_client.get_log(done, 0)),
    "categories": [entry["label"] for entry in hardware_set.HardwareSet(types).categories],
    "types": [entry["name"] for entry in types],
    "paths": package_tree.PackageTree(
        api_client.request_software_packages()).to_path_list(),
    "clarisse": data.data()["software"].supported_host_names(),
    "environment": api_client.request_extra_environment(),
}))
"""
SIGN_IN = """
import json
from ciocore import api_client
print(json.dumps([api_client.request_projects(), api_client.account_name_from_jwt(
    api_client.read_conductor_credentials(use_api_key=False))]))
"""


class Runs:
    """All runs of the vendor's client, begun at once."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server, self.folder = server, folder
        self.client: Client = server.client()
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self.big = secrets.token_bytes(7_000_000)
        self.late = secrets.token_bytes(1000)
        self.rendered = self._render(4)
        self._start_submit()
        self._start_daemon()
        self._start_calls()
        self._start_downloads()
        self._start_sign_in()

    def start(self, name: str, *arguments: str, **environ: str) -> None:
        home = self.folder / name
        home.mkdir()
        port = socket.create_server(("127.0.0.1", 0))
        with port:
            free = port.getsockname()[1]
        self._processes[name] = subprocess.Popen(
            [str(VENDOR), *arguments], cwd=str(home), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=(home / "errors").open("w"),
            env=dict({
                "PATH": os.environ["PATH"], "HOME": str(home), "NO_PROXY": "127.0.0.1",
                "CONDUCTOR_URL": self.server.url, "CONDUCTOR_THREAD_COUNT": "4",
                "CONDUCTOR_API_KEY": self.server.key_path.read_text(encoding="utf-8"),
                "CIO_DISABLE_VERSION_CHECK": "1", "CONDUCTOR_AUTH_PORT": str(free),
            }, **environ),
        )

    def end(self, name: str) -> str:
        """What a run printed; it must have gone well."""
        process = self._processes[name]
        printed, _nothing = process.communicate(timeout=LIMIT_S)
        errors = (self.folder / name / "errors").read_text(encoding="utf-8")
        assert process.returncode == 0, printed + errors
        return printed

    def answer(self, name: str) -> Any:
        """The last line a run printed, as JSON."""
        return json.loads(self.end(name).splitlines()[-1])

    def stop(self) -> None:
        for process in self._processes.values():
            process.kill()
            process.communicate()

    def _render(self, count: int) -> str:
        output = self.folder / "rendered"
        jid = self.client.submit(*(
            "echo frame %d; echo %d > '%s/f.%d'" % (frame, frame, output, frame)
            for frame in range(count)
        ), output_path=str(output))
        self.client.wait(jid, "success")
        return str(jid)

    def _start_submit(self) -> None:
        (self.folder / "big.bin").write_bytes(self.big)
        self.start("submit", "-c", SUBMIT, json.dumps({
            "job_title": "big", "project": "default", "instance_type": "n1-standard-2",
            "upload_paths": [str(self.folder / "big.bin")], "local_upload": True,
            "output_path": str(self.folder / "big_out"), "notify": None,
            "database_filepath": str(self.folder / "submit.db"),
            "tasks_data": [{"frames": "1", "command": "md5sum < '%s' > '%s/sum'" % (
                self.folder / "big.bin", self.folder / "big_out")}],
        }))

    def _start_daemon(self) -> None:
        late = self.folder / "late.bin"
        late.write_bytes(self.late)
        self.late_job = str(self.client.submit(
            "cat '%s' > '%s/copy'" % (late, self.folder / "late_out"), local_upload=False,
            output_path=str(self.folder / "late_out"), location="mars",
            upload_files=[{"destination": str(late), "md5": md5_of(self.late), "st_size": 1000}],
        ))
        self.start("daemon", "-c", COMMAND, "upload", "--location", "mars",
                   "--database_filepath", str(self.folder / "daemon.db"))

    def _start_calls(self) -> None:
        output = self.folder / "killed"
        running, other = (
            self.client.submit("sleep 100", output_path=str(output / name)) for name in "ab"
        )
        self.called = [self.rendered, running, other]
        self.start("calls", "-c", CALLS, json.dumps(self.called))

    def _start_downloads(self) -> None:
        for name in ("pages", "legacy"):
            (self.folder / (name + "_out")).mkdir()
        self.start("pages", "-c", COMMAND, "download", self.rendered + ":0-2",
                   "--output-path", str(self.folder / "pages_out"), "--page_size", "2")
        self.start("legacy", "-c", COMMAND, "downloader", "-j", self.rendered,
                   "--output", str(self.folder / "legacy_out"))

    def _start_sign_in(self) -> None:
        self.start("sign_in", "-c", SIGN_IN, CONDUCTOR_API_KEY="",
                   BROWSER="%s %s %%s &" % (VENDOR, sign_in_page.__file__))


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    if not VENDOR.exists():
        pytest.skip("no .venv-vendor: `make test` sets up the vendor's client")
    folder = tmp_path_factory.mktemp("vendor")
    server = Server(folder, FARM, options=["--trust-loopback"]).start()
    begun = Runs(server, folder)
    yield begun
    begun.stop()
    server.stop(signal.SIGKILL)


def test_it_signs_in_by_the_browser(runs: Runs) -> None:
    assert runs.answer("sign_in") == [["default"], "local"]
    kept = runs.folder / "sign_in" / ".config" / "conductor" / "credentials"
    assert json.loads(kept.read_text())["scope"] == ["user"]


def test_its_calls_are_answered(runs: Runs) -> None:
    told = runs.answer("calls")
    done, running, other = runs.called
    assert told["projects"] == ["default"]
    assert set(told["jobs"]) >= {done, running, other}
    assert told["log"]["logs"][0]["log"] == ["frame 0"]
    assert told["log"]["new_num_lines"] == [1]
    assert told["log"]["task_status"] in ("success", "downloaded")
    assert told["categories"] == ["CPU"]
    assert told["types"] == [
        "n1-%s-%d" % (flavor, cores)
        for flavor in ("standard", "highmem", "highcpu") for cores in (4, 8)
    ]
    assert "clarisse 5.0 linux/ornatrix 1 linux" in told["paths"]
    assert told["clarisse"] == ["clarisse 5.0 linux"]
    assert told["environment"] == []
    for jid in (running, other):
        assert runs.client.wait(jid)["status"] == "killed"


@pytest.mark.parametrize("name, place, frames", [
    ("pages", "pages_out/%s", "012"), ("legacy", "legacy_out", "0123"),
])
def test_it_downloads(runs: Runs, name: str, place: str, frames: str) -> None:
    runs.end(name)
    folder = runs.folder / (place % runs.rendered if "%" in place else place)
    got = {path.name: path.read_text().strip() for path in folder.rglob("f.*")}
    assert got == {"f." + frame: frame for frame in frames}


def test_it_sends_a_large_file_in_parts(runs: Runs) -> None:
    response, code = runs.answer("submit")
    assert code == 201
    assert runs.client.wait(response["jobid"])["status"] == "success"
    assert runs.client.knows(runs.big)
    log = runs.server.log.read_text(encoding="utf-8")
    assert log.count("PUT /files/parts/") == 4
    assert "POST /api/v2/files/multipart/complete 200" in log


def test_its_daemon_brings_what_a_job_waits_for(runs: Runs) -> None:
    def ended() -> Any:
        job = runs.client.job(runs.late_job)
        return job if job["status"] in ENDED else None

    job = wait_until(ended, "the daemon to finish", LIMIT_S)
    assert job["status"] == "success", job["status_description"]
    assert job["upload"]["status"] == "server_pending"
    assert runs.client.outputs(runs.late_job) == {"copy": runs.late}
    log = runs.server.log.read_text(encoding="utf-8")
    for what in ("update", "finish"):
        assert "POST /uploads/%d/%s 200" % (job["upload"]["id"], what) in log
