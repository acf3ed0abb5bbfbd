"""Daemons against the real service: by location, within their roots, handed back when stopped."""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from fault_server import Answer, FaultServer, Seen

from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import Config
from conductor.lib.daemons import DownloadDaemon, UploadDaemon
from conductor.lib.errors import AuthError
from conductor.lib.roots import Roots
from conductor.lib.states import JobState
from conductor.lib.transport import Transport

LIMIT_S = 60


@pytest.fixture
def config(service_env: Any) -> Config:
    return Config.load()


@pytest.fixture
def real(config: Config) -> ApiClient:
    return ApiClient.from_config(config)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A location of this test alone: the service is shared."""
    return tmp_path.name


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    folder = tmp_path / "shot"
    folder.mkdir()
    for number in range(5):
        (folder / ("f%d" % number)).write_bytes(os.urandom(100))
    return folder


def submit(config: Config, client: ApiClient, shot: Path, location: str, **others: Any) -> str:
    output = shot.parent / "out"
    arguments = dict({
        "job_title": "daemon", "project": "default", "instance_type": "n1-standard-2",
        "upload_paths": [str(shot)], "output_path": str(output), "local_upload": False,
        "location": location, "tasks_data": [
            {"command": "mkdir -p {0} && cat {1}/f0 > {0}/copy".format(output, shot),
             "frames": "1"}],
    }, **others)
    return str(Submit(arguments, config, client).main()[0]["jobid"])


def wait_for(client: ApiClient, jid: str, *states: JobState) -> dict[str, Any]:
    limit = time.monotonic() + LIMIT_S
    while True:
        job = client.job(jid)
        if job["status"] in states:
            return job
        assert time.monotonic() < limit, job
        time.sleep(0.05)


def test_a_job_renders_after_the_uploader_ran_and_comes_back(
    config: Config, real: ApiClient, shot: Path, place: str, tmp_path: Path,
) -> None:
    jid = submit(config, real, shot, place)
    assert real.job(jid)["status"] == JobState.UPLOAD_PENDING
    roots = Roots([str(tmp_path)])
    for other in (None, place + "-elsewhere"):
        UploadDaemon(real, config, roots, location=other).run(threading.Event(), once=True)
    assert real.job(jid)["status"] == JobState.UPLOAD_PENDING
    UploadDaemon(real, config, roots, location=place).run(threading.Event(), once=True)
    wait_for(real, jid, JobState.SUCCESS)
    shutil.rmtree(str(tmp_path / "out"))  # the task ran on this very machine
    DownloadDaemon(real, config, roots, location=place).run(threading.Event(), once=True)
    assert (tmp_path / "out" / "copy").read_bytes() == (shot / "f0").read_bytes()
    assert real.job(jid)["status"] == JobState.DOWNLOADED


def test_a_job_that_asks_for_a_private_key_is_refused(
    config: Config, real: ApiClient, shot: Path, place: str, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_rsa").write_text("PRIVATE")
    (shot / "texture").symlink_to(tmp_path / ".ssh" / "id_rsa")
    jid = submit(config, real, shot, place, upload_paths=[
        str(shot), str(tmp_path / ".ssh" / "id_rsa")])
    UploadDaemon(real, config, Roots([str(shot)]), location=place).run(
        threading.Event(), once=True)
    assert real.job(jid)["status"] == JobState.FAILED
    assert "2 of 7 files are refused" in caplog.text and "id_rsa" in caplog.text


def test_outputs_never_leave_the_roots(
    config: Config, real: ApiClient, shot: Path, place: str, tmp_path: Path,
) -> None:
    jid = submit(config, real, shot, place, local_upload=True)
    wait_for(real, jid, JobState.SUCCESS)
    shutil.rmtree(str(tmp_path / "out"))
    (tmp_path / "allowed").mkdir()
    DownloadDaemon(real, config, Roots([str(tmp_path / "allowed")]), location=place).run(
        threading.Event(), once=True)
    assert not (tmp_path / "out").exists()
    assert real.job(jid)["status"] == JobState.SUCCESS


def test_an_enforced_md5_catches_a_changed_file_by_name(
    config: Config, real: ApiClient, shot: Path, place: str, caplog: pytest.LogCaptureFixture,
) -> None:
    jid = submit(config, real, shot, place, enforced_md5s={
        str(shot / "f3"): "EbpmT5lXa5vQZnzFokxLoQ=="})
    UploadDaemon(real, config, Roots([str(shot)]), location=place).run(
        threading.Event(), once=True)
    assert real.job(jid)["status"] == JobState.FAILED
    assert "f3" in caplog.text and "has changed since" in caplog.text


class Work:
    """A server that gives out one upload, whose storage stalls."""

    def __init__(self, server: FaultServer, path: Path, hand_back: bool = True) -> None:
        self.server, self.begun, self.release = server, threading.Event(), threading.Event()
        server.on("GET", "/api/v1/capabilities", Answer(
            200, {"upload_hand_back": hand_back}))
        server.on("PUT", "/uploads/client/next", Answer(201, {"data": {
            "id": 5, "project": "p", "upload_files": {str(path): None}}}), Answer(204))
        for name in ("update", "finish", "fail"):
            server.on("POST", "/uploads/5/" + name, Answer(200, {}))
        server.on("POST", "/api/v2/files/get_upload_urls", Answer(200, {"singlePartURLs": [
            {"filePath": str(path), "preSignedURL": server.url + "/blob"}]}))
        server.on("PUT", "/blob", self._stall)

    def _stall(self, seen: Seen) -> Answer:
        self.begun.set()
        self.release.wait(20)
        return Answer(200)

    def posts(self, name: str) -> list[Any]:
        return [one.json for one in self.server.requests("POST", "/uploads/5/" + name)]


@pytest.fixture
def lone(tmp_path: Path) -> Config:
    return Config.load({"HOME": str(tmp_path), "CONDUCTOR_THREAD_COUNT": "1"})


def daemon(client: ApiClient, config: Config, root: Path, **options: Any) -> UploadDaemon:
    return UploadDaemon(client, config, Roots([str(root)]), location="mars", **options)


@pytest.mark.parametrize("hand_back", [True, False], ids=["can", "cannot"])
def test_a_stopped_daemon_hands_back_though_its_transfer_is_stuck(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path, hand_back: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    work, stop = Work(faults, tmp_path / "a", hand_back), threading.Event()
    thread = threading.Thread(target=daemon(client, lone, tmp_path).run, args=(stop,))
    thread.start()
    try:
        assert work.begun.wait(10)
        stop.set()
        thread.join(10)
        assert not thread.is_alive() and not work.release.is_set()
        assert [one["status"] for one in work.posts("update")] == ["pending"] * hand_back
        assert hand_back or "stays claimed" in caplog.text
        assert work.posts("finish") == [] and faults.count("POST", "/uploads/5/fail") == 0
    finally:
        work.release.set()
    assert faults.requests("PUT", "/uploads/client/next")[0].json == {"location": "mars"}


def test_signs_of_life_and_a_job_that_was_killed_meanwhile(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path,
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    work = Work(faults, tmp_path / "a")
    faults.on("POST", "/uploads/5/update", Answer(200, {}), lambda seen: (
        work.release.set() or Answer(410)))  # type: ignore[func-returns-value]
    daemon(client, lone, tmp_path, update_s=0.0).run(threading.Event(), once=True)
    assert len(work.posts("update")) >= 2
    assert set(work.posts("update")[0]) == {"upload_id", "transfer_size", "bytes_transfered"}


def test_the_finish_and_its_fields(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path,
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    work = Work(faults, tmp_path / "a")
    work.release.set()
    daemon(client, lone, tmp_path).run(threading.Event(), once=True)
    path = str(tmp_path / "a")
    assert work.posts("finish") == [{
        "upload_id": 5, "status": "server_pending", "upload_files": {
            path: {"source": path, "md5": "nd1OWgu4P20pnbUPZz/roA=="}}}] or (
        work.posts("finish")[0]["upload_files"][path]["source"] == path)


def test_a_vanished_file_fails_the_upload_with_its_name(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path,
) -> None:
    Work(faults, tmp_path / "gone")
    daemon(client, lone, tmp_path).run(threading.Event(), once=True)
    [body] = [one.body.decode() for one in faults.requests("POST", "/uploads/5/fail")]
    assert body.startswith("Uploader ERROR:") and "gone" in body and "No such file" in body


def test_a_service_in_trouble_is_asked_again_and_a_refused_sign_in_ends_it(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    faults.on("PUT", "/uploads/client/next", *[Answer(500)] * 5, Answer(401))
    with caplog.at_level(logging.WARNING), pytest.raises(AuthError):
        daemon(client, lone, tmp_path, poll_s=0).run(threading.Event())
    assert "HTTP 500" in caplog.text


def test_windows_paths_by_the_path_map(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path,
) -> None:
    (tmp_path / "a").write_bytes(b"x")
    work = Work(faults, Path("Z:/show/a"))
    work.release.set()
    mapped = lone.overridden({"path_map": [["Z:/show", str(tmp_path)]]})
    daemon(client, mapped, tmp_path).run(threading.Event(), once=True)
    assert list(work.posts("finish")[0]["upload_files"]) == ["Z:/show/a"]
    Work(faults, Path("Y:/show/a"))
    daemon(client, mapped, tmp_path).run(threading.Event(), once=True)
    assert b"path_map" in faults.requests("POST", "/uploads/5/fail")[0].body


def test_a_stopped_downloader_hands_back(
    faults: FaultServer, client: ApiClient, lone: Config, tmp_path: Path, quick: Transport,
) -> None:
    begun, release, stop = threading.Event(), threading.Event(), threading.Event()

    def stall(seen: Seen) -> Answer:
        begun.set()
        release.wait(20)
        return Answer(200, b"x")

    faults.on("GET", "/downloads/next", Answer(201, {"data": [{
        "download_id": "7", "task_id": "000", "output_dir": str(tmp_path), "files": [
            {"url": faults.url + "/blob", "relative_path": "a", "size": 1, "md5": "m"}]}]}))
    faults.on("GET", "/blob", stall)
    faults.on("POST", "/downloads/status", Answer(200))
    one = DownloadDaemon(client, lone, Roots([str(tmp_path)]), location="mars")
    thread = threading.Thread(target=one.run, args=(stop,))
    thread.start()
    try:
        assert begun.wait(10)
        stop.set()
        thread.join(10)
        assert not thread.is_alive() and not release.is_set()
        told = [one.json for one in faults.requests("POST", "/downloads/status")]
        assert [(each["download_id"], each["status"]) for each in told] == [("7", "pending")]
    finally:
        release.set()
    assert faults.requests("GET", "/downloads/next")[0].query == {
        "count": ["5"], "location": ["mars"]}
