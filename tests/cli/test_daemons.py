"""``conductor uploader`` and ``downloader``: real processes, real signals."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import threading
import time
from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.cli import main as command
from conductor.cli.job_watch import wait_for_jobs
from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import SETTINGS
from tests.cli.commands import parsed
from tests.cli.conftest import start
from tests.lib.fault_server import Answer, FaultServer, Seen

LIMIT_S = 60


@pytest.fixture
def place(tmp_path: Path) -> str:
    """A location of this test alone: the service is shared."""
    return tmp_path.name


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    folder = tmp_path / "shot"
    folder.mkdir()
    (folder / "in.txt").write_bytes(os.urandom(100))
    return folder


def submit(client: ApiClient, shot: Path, location: str, *paths: Path) -> str:
    """A job whose files a daemon brings; it copies one of them."""
    out = shot / "out"
    return str(Submit({
        "job_title": "daemon", "project": "default", "instance_type": "n1-standard-2",
        "upload_paths": [str(shot / "in.txt"), *map(str, paths)], "output_path": str(out),
        "local_upload": False, "location": location, "tasks_data": [
            {"command": "mkdir -p '{0}' && cp '{1}/in.txt' '{0}/copy'".format(out, shot),
             "frames": "1"}],
    }, client=client).main()[0]["jobid"])


def end(client: ApiClient, job: str) -> str:
    found = wait_for_jobs(client, [job], limit_s=LIMIT_S, interval_s=0.05)
    return str(found[job]["status"])


def test_up_rendered_and_down_again(
    client: ApiClient, shot: Path, place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    job = submit(client, shot, place)
    for location, status in ((place + "-elsewhere", "upload_pending"), (place, "success")):
        assert command.run(["uploader", "--location", location, "--root", str(shot),
                            "--once"]) == 0
        told = capsys.readouterr().err
        assert "of location %s, below %s" % (location, shot) in told
        if status == "success":
            assert end(client, job) == status
        else:
            assert client.job(job)["status"] == status
    shutil.rmtree(shot / "out")  # The task ran on this very machine.
    assert command.run(["downloader", "--location", place, "--root", str(shot), "--once"]) == 0
    assert (shot / "out" / "copy").read_bytes() == (shot / "in.txt").read_bytes()
    assert client.job(job)["status"] == "downloaded"


def test_several_side_by_side_share_the_work(
    client: ApiClient, shot: Path, place: str
) -> None:
    """Real processes that run on; one interrupt each, a clean end each."""
    jobs = [submit(client, shot, place) for _ in range(4)]
    running = [start("uploader", "--location", place, "--root", str(shot), "--interval", "0.1")
               for _ in range(2)]
    try:
        assert [end(client, job) for job in jobs] == ["success"] * 4
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        said = [process.communicate(timeout=LIMIT_S)[1] for process in running]
    assert [process.returncode for process in running] == [0, 0], said
    assert sum(text.count(": 1 files") for text in said) == 4, "each job was claimed once"


def test_a_job_that_asks_for_a_private_key_fails_and_the_log_says_why(
    client: ApiClient, shot: Path, place: str, clean_home: Path
) -> None:
    secret = clean_home / ".ssh" / "id_rsa"
    secret.parent.mkdir()
    secret.write_text("PRIVATE")
    (shot / "texture.png").symlink_to(secret)
    for asked in (secret, shot / "texture.png"):
        job = submit(client, shot, place, asked)
        process = start("uploader", "--location", place, "--root", str(shot), "--once")
        _, err = process.communicate(timeout=LIMIT_S)
        assert process.returncode == 0, err
        assert client.job(job)["status"] == "failed"
        assert str(asked) in err and "refused" in err and "PRIVATE" not in err
    log = clean_home / ".conductor" / "log" / "conductor.log"
    assert "refused" in log.read_text()


def test_outputs_for_another_folder_are_not_written(
    client: ApiClient, shot: Path, place: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    job = submit(client, shot, place)
    assert command.run(["uploader", "--location", place, "--root", str(shot), "--once"]) == 0
    assert end(client, job) == "success"
    shutil.rmtree(shot / "out")
    (tmp_path / "allowed").mkdir()
    assert command.run(["downloader", "--location", place, "--root", str(tmp_path / "allowed"),
                        "--once"]) == 0
    assert not (shot / "out").exists()
    assert "copy" in capsys.readouterr().err
    assert client.job(job)["status"] == "success", "not downloaded"


@pytest.mark.parametrize("name", ["uploader", "downloader"])
class TestRoots:
    """They read and write on behalf of others."""

    def test_none_is_refused(
        self, name: str, service_env: Any, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.run([name, "--once"]) == 2
        assert "--root DIR" in capsys.readouterr().err

    def test_the_setting_will_do_and_the_option_replaces_it(
        self, name: str, service_env: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        (tmp_path / "a").mkdir()
        monkeypatch.setenv("CONDUCTOR_ROOTS", str(tmp_path))
        monkeypatch.setenv("CONDUCTOR_JOB_LOCATION", "of-the-setting")
        assert command.run([name, "--once"]) == 0
        told = capsys.readouterr().err
        assert "of location of-the-setting, below %s.\n" % tmp_path in told
        assert command.run([name, "--once", "--root", str(tmp_path / "a")]) == 0
        assert "below %s.\n" % (tmp_path / "a") in capsys.readouterr().err

    def test_one_that_is_not_there_is_refused(
        self, name: str, service_env: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert command.run([name, "--root", str(tmp_path / "gone"), "--once"]) == 2
        assert "gone" in capsys.readouterr().err


class Stuck:
    """A service that gives out one upload, whose storage never answers."""

    def __init__(self, server: FaultServer, folder: Path) -> None:
        self.server, self.begun, self.release = server, threading.Event(), threading.Event()
        self.handed_back_at = 0.0
        file = folder / "a"
        file.write_bytes(b"x")
        key = folder / "key.json"
        key.write_text(json.dumps({"client_id": "c", "private_key": "k"}))
        self.environ = {"CONDUCTOR_URL": server.url, "CONDUCTOR_API_KEY_PATH": str(key)}
        server.on("GET", "/api/oauth_jwt", Answer(200, {
            "access_token": "t", "token_type": "Bearer", "expires_in": 3600}))
        server.on("GET", "/api/v1/capabilities", Answer(200, {"upload_hand_back": True}))
        server.on("PUT", "/uploads/client/next", Answer(201, {"data": {
            "id": 5, "project": "p", "upload_files": {str(file): None}}}), Answer(204))
        server.on("POST", "/uploads/5/update", self._update)
        server.on("POST", "/api/v2/files/get_upload_urls", Answer(200, {"singlePartURLs": [
            {"filePath": str(file), "preSignedURL": server.url + "/blob"}]}))
        server.on("PUT", "/blob", self._stall)

    def _update(self, seen: Seen) -> Answer:
        if seen.json.get("status") == "pending":
            self.handed_back_at = time.monotonic()
        return Answer(200, {})

    def _stall(self, _seen: Seen) -> Answer:
        self.begun.set()
        self.release.wait(LIMIT_S)
        return Answer(200)


@pytest.fixture
def stuck(clean_home: Path) -> Iterator[Stuck]:
    server = FaultServer()
    made = Stuck(server, clean_home)
    yield made
    made.release.set()
    server.stop()


@pytest.mark.parametrize(("number", "code"), [
    pytest.param(signal.SIGTERM, 0, id="terminated"),
    pytest.param(signal.SIGINT, 130, id="ctrl-c"),
])
def test_a_signal_hands_the_work_back_at_once(
    number: signal.Signals, code: int, stuck: Stuck, clean_home: Path
) -> None:
    """Though a thread hangs in a transfer, and will for ever."""
    process = start("uploader", "--root", str(clean_home), **stuck.environ)
    try:
        assert stuck.begun.wait(LIMIT_S)
        told_at = time.monotonic()
        process.send_signal(number)
        _, err = process.communicate(timeout=LIMIT_S)
        ended_at = time.monotonic()
    finally:
        if process.poll() is None:
            process.kill()
    assert process.returncode == code, err
    assert not stuck.release.is_set()
    assert 0 < stuck.handed_back_at - told_at < 1.0
    assert ended_at - told_at < 3.0
    assert err.splitlines()[-1].endswith("stopped.")


def test_a_refused_sign_in_ends_it(stuck: Stuck, clean_home: Path) -> None:
    stuck.server.on("GET", "/api/oauth_jwt", Answer(401, {"detail": "who?"}))
    process = start("uploader", "--root", str(clean_home), **stuck.environ)
    _, err = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 4
    assert "who?" in err


UNITS = Path(__file__).resolve().parent.parent.parent / "docs" / "daemons.md"


def test_the_units_of_the_page_start_what_there_is() -> None:
    """Each ExecStart parses, each variable is a setting's."""
    text = UNITS.read_text(encoding="utf-8")
    started = re.findall(r"^ExecStart=\S+/(conductor .*)$", text, re.MULTILINE)
    assert [parsed(line).command_path for line in started] == [
        "conductor uploader", "conductor downloader"]
    known = {setting.environment_name for setting in SETTINGS}
    set_there = re.findall(r"\b(CONDUCTOR_[A-Z_]+)=", text)
    assert set_there and set(set_there) <= known
