"""Troubles of machine and network: slow servers, full disks, folders that cannot be written,
clocks that jump, and two processes at once."""

from __future__ import annotations

import base64
import hashlib
import json
import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fault_server import CUT, Answer, FaultServer, Seen, upload_server

from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import Config
from conductor.lib.credentials import Token
from conductor.lib.errors import ServiceUnreachable, UploadError
from conductor.lib.hash_cache import HashCache
from conductor.lib.manifest import upload_files
from conductor.lib.transport import Transport
from conductor.lib.uploader import upload

DATA = os.urandom(300_000)
MD5 = base64.b64encode(hashlib.md5(DATA).digest()).decode()


def arguments(folder: object, **others: Any) -> dict[str, Any]:
    return dict({
        "project": "default", "instance_type": "n1-standard-2", "output_path": "/out",
        "upload_paths": [str(folder)], "tasks_data": [{"command": "true", "frames": "1"}]},
        **others)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    folder = tmp_path / "shot"
    folder.mkdir()
    for number in range(4):
        (folder / ("f%d" % number)).write_bytes(os.urandom(64))
    return folder


@pytest.fixture
def taking(faults: FaultServer, shot: Path) -> FaultServer:
    upload_server(faults)
    for path in shot.iterdir():
        faults.on("PUT", "/blob%s" % path, Answer(200))
    faults.on("POST", "/jobs/", Answer(201, {"jobid": "00001"}))
    return faults


def limited(script: str, limit: int, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Run Python where no file may become larger than `limit` bytes, as on a full disk."""
    return subprocess.run(
        [sys.executable, "-c", "import resource, signal\n"
         "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
         "resource.setrlimit(resource.RLIMIT_FSIZE, (%d, %d))\n%s" % (limit, limit, script),
         *arguments],
        capture_output=True, timeout=60)


def test_a_server_that_never_answers_is_given_up(faults: FaultServer) -> None:
    release = threading.Event()

    def never(seen: Seen) -> Answer:
        release.wait(20)
        return Answer(200, {})

    faults.on("GET", "/api/v1/projects/", never)
    client = ApiClient(faults.url, None, transport=Transport(
        timeout=(1, 0.05), backoff_s=0, attempts=2))
    try:
        with pytest.raises(ServiceUnreachable, match="no answer"):
            client.projects()
    finally:
        release.set()
    assert faults.count("GET", "/api/v1/projects/") == 2


@pytest.mark.parametrize("trouble", [CUT, Answer(500), Answer(502), Answer(504)],
                         ids=["cut", "500", "502", "504"])
def test_trouble_at_every_step_of_an_upload(
    taking: FaultServer, client: ApiClient, quick: Transport, shot: Path, trouble: Answer,
) -> None:
    urls = taking._scripts["POST", "/api/v2/files/get_upload_urls"][0]
    taking.on("POST", "/api/v2/files/get_upload_urls", trouble, urls)
    for path in shot.iterdir():
        taking.on("PUT", "/blob%s" % path, trouble, Answer(200))
    assert len(upload(upload_files([str(shot)]), client, project="p", storage=quick)) == 4


def test_a_full_disk_fails_the_download_and_nothing_else(
    faults: FaultServer, tmp_path: Path,
) -> None:
    offer = [{"download_id": "1", "task_id": "000", "output_dir": str(tmp_path / "out"), "files": [
        {"url": "%s/%s" % (faults.url, name), "relative_path": name, "size": len(data),
         "md5": base64.b64encode(hashlib.md5(data).digest()).decode()}
        for name, data in (("large", DATA), ("small", b"x"))]}]
    faults.on("POST", "/jobs/00001/downloads", Answer(201, {"downloads": offer}))
    faults.on("POST", "/downloads/status", Answer(200))
    faults.on("GET", "/large", Answer(200, DATA))
    faults.on("GET", "/small", Answer(200, b"x"))
    answer = limited(
        "import sys\n"
        "from conductor.lib.api_client import ApiClient\n"
        "from conductor.lib.downloader import download_job\n"
        "from conductor.lib.errors import DownloadError\n"
        "try: download_job(ApiClient(sys.argv[1], None), '1')\n"
        "except DownloadError as error: print(error.failures)\n", 100_000, faults.url)
    assert b"File too large" in answer.stdout, answer.stderr
    assert (tmp_path / "out" / "small").read_bytes() == b"x"
    assert not (tmp_path / "out" / "large").exists()
    assert [one.json["status"] for one in faults.requests("POST", "/downloads/status")] == [
        "pending"]


def test_a_full_disk_costs_the_cache_and_the_journal_not_the_job(
    taking: FaultServer, shot: Path, tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    answer = limited(
        "import json, sys\n"
        "from conductor.lib.config import Config\n"
        "from conductor.lib.conductor_submit import Submit\n"
        "from conductor.lib.api_client import ApiClient\n"
        "config = Config.load({'HOME': sys.argv[1], 'CONDUCTOR_URL': sys.argv[2]})\n"
        "client = ApiClient(sys.argv[2], None)\n"
        "print(Submit(json.loads(sys.argv[3]), config, client).main()[1])\n",
        0, str(home), taking.url, json.dumps(arguments(shot)))
    assert answer.stdout.strip() == b"201", answer.stderr


@pytest.mark.parametrize("folder", ["cache_dir", "user_dir", "credentials_dir"])
def test_a_folder_that_cannot_be_written(
    taking: FaultServer, client: ApiClient, shot: Path, tmp_path: Path, folder: str,
) -> None:
    (tmp_path / "file").write_text("in the place of a folder")
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_URL": taking.url}).overridden(
        {folder: str(tmp_path / "file" / "below")})
    assert Submit(arguments(shot), config, client).main()[1] == 201


@pytest.mark.parametrize("jump_s", [-1e8, 1e8], ids=["back", "ahead"])
def test_a_clock_that_jumps_during_an_upload(
    taking: FaultServer, client: ApiClient, quick: Transport, shot: Path, tmp_path: Path,
    jump_s: float, monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + jump_s * len(taking.seen))
    with HashCache(str(tmp_path / "hashes"), clock=time.time) as cache:
        done = upload(upload_files([str(shot)]), client, project="p", storage=quick, cache=cache)
    assert len(done) == 4


def test_a_file_from_the_future_is_not_remembered(tmp_path: Path) -> None:
    with HashCache(str(tmp_path / "hashes"), clock=lambda: 1000.0) as cache:
        cache.put(("/a", 1, int(2000e9), 0), "m")
        cache.forget("")
        assert cache.get(("/a", 1, int(2000e9), 0)) is None


def test_a_token_of_before_a_jump_is_renewed_not_trusted() -> None:
    token = Token("t", 5000.0)
    assert token.is_fresh(1000.0) and not token.is_fresh(1e9)


def test_two_processes_submit_the_same_at_once(
    service_env: Any, shot: Path, tmp_path: Path,
) -> None:
    """One cache, one journal, one file of tokens; each makes its own job, all bytes are right."""
    script = ("import json, sys; from conductor.lib.conductor_submit import Submit;"
              "print(Submit(json.loads(sys.argv[1])).main()[0]['jobid'])")
    runs = [subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(arguments(shot, job_title="two at once"))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    answers = [run.communicate(timeout=60) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], answers
    assert len({out.strip() for out, _ in answers}) == 2


def test_all_failures_of_a_broken_folder_are_told(
    taking: FaultServer, client: ApiClient, quick: Transport, shot: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    files = upload_files([str(shot)])
    for file in files:
        os.unlink(file.path)
    with caplog.at_level(logging.DEBUG), pytest.raises(UploadError) as caught:
        upload(files, client, project="p", storage=quick)
    assert len(caught.value.failures) == 4
