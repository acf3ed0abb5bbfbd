"""The known defects of the vendor's clients in signing in, HTTP and configuration, by number."""

from __future__ import annotations

import base64
import json
import logging
import os
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
import requests
from fault_server import CUT, Answer, FaultServer, Seen, upload_server

from conductor.lib.api_client import ApiClient, derive_api_url
from conductor.lib.auth import ApiKeyCredentials
from conductor.lib.conductor_submit import Submit
from conductor.lib.config import Config
from conductor.lib.credentials import API_KEY_FILE, BROWSER_FILE, ApiKey, Token, TokenStore
from conductor.lib.errors import AuthError, ServiceError, SubmissionUnknown
from conductor.lib.package_utils import PackageTree
from conductor.lib.sign_in import login
from conductor.lib.transport import Transport

KEY = {"client_id": "c1", "private_key": "s3cret-private-key"}
PROJECTS = "/api/v1/projects/"


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(str(tmp_path / "credentials"))


@pytest.fixture
def signed(faults: FaultServer, quick: Transport, store: TokenStore) -> ApiClient:
    """A client with an API key; the service numbers its tokens."""
    numbers = iter(range(1, 99))
    faults.on("GET", "/api/oauth_jwt", lambda seen: Answer(200, {
        "access_token": "token%d" % next(numbers), "expires_in": 3600}))
    key = ApiKey.parse(KEY, "here")
    return ApiClient(
        faults.url, ApiKeyCredentials(faults.url, key, store, quick), transport=quick)


def test_d14_a_job_is_posted_once_where_nobody_can_tell(
    faults: FaultServer, client: ApiClient,
) -> None:
    faults.on("POST", "/jobs/", CUT)
    with pytest.raises(SubmissionUnknown):
        client.post_job({"job_title": "t"})
    assert faults.count("POST", "/jobs/") == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_d16_refusals_are_not_repeated(
    faults: FaultServer, client: ApiClient, status: int,
) -> None:
    faults.on("GET", PROJECTS, Answer(status))
    with pytest.raises(ServiceError):
        client.projects()
    assert faults.count("GET", PROJECTS) == 1


def test_d16_a_refused_token_is_renewed_once(faults: FaultServer, signed: ApiClient) -> None:
    def answer(seen: Seen) -> Answer:
        good = seen.headers["Authorization"] == "Bearer token2"
        return Answer(200, {"data": [{"name": "p", "status": "active"}]}) if good else Answer(401)

    faults.on("GET", PROJECTS, answer)
    assert signed.projects() == ["p"] and faults.count("GET", PROJECTS) == 2


def test_d16_one_connection_and_a_time_limit_on_every_call(
    faults: FaultServer, client: ApiClient,
) -> None:
    faults.on("GET", PROJECTS, Answer(200, {"data": []}))
    for _ in range(3):
        client.projects()
    assert len({one.peer for one in faults.seen}) == 1
    assert all(limit and limit > 0 for limit in client.transport.timeout)


def test_d16_retry_after_is_obeyed(faults: FaultServer) -> None:
    waits: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: Any = None) -> bool:
            waits.append(timeout)
            return False

    faults.on("GET", PROJECTS, Answer(503, headers={"Retry-After": "7"}),
              Answer(200, {"data": []}))
    ApiClient(faults.url, None, transport=Transport(cancel=Stop())).projects()
    assert waits == [7.0]


def test_d17_no_secret_in_any_log_at_debug(
    faults: FaultServer, signed: ApiClient, tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    """Sign-in, renewal, upload, refused storage, lost answer: all of it, everything logged."""
    (tmp_path / "a").write_bytes(b"x")
    (tmp_path / "b").write_bytes(b"y")
    upload_server(faults)

    def urls(seen: Seen) -> Answer:
        return Answer(200, {"singlePartURLs": [
            {"filePath": one["path"], "fileSize": 1, "preSignedURL": "%s/blob%s?X-Amz-Signature="
             "s3cret-signature&signature=s3cret-own" % (faults.url, one["path"])}
            for one in seen.json["upload_files"]]})

    faults.on("POST", "/api/v2/files/get_upload_urls", Answer(401), urls)
    faults.on("PUT", "/blob%s/a" % tmp_path, Answer(503), Answer(200))
    faults.on("PUT", "/blob%s/b" % tmp_path, Answer(200))
    faults.on("POST", "/jobs/", Answer(500, {"error": "Bearer token2 was s3cret"}))
    home = tmp_path / "home"
    home.mkdir()
    config = Config.load({"HOME": str(home), "CONDUCTOR_URL": faults.url,
                          "CONDUCTOR_API_KEY": json.dumps(KEY)})
    submit = Submit({
        "project": "p", "instance_type": "m", "output_path": "/out",
        "upload_paths": [str(tmp_path / "a"), str(tmp_path / "b")],
        "tasks_data": [{"command": "true"}]}, config, signed)
    with caplog.at_level(logging.DEBUG), pytest.raises(SubmissionUnknown) as caught:
        submit.main()
    told = caplog.text + str(caught.value) + repr(config.values()) + repr(submit.__dict__)
    assert "get_upload_urls" in told and "oauth_jwt" in told
    for secret in ("s3cret-private-key", "token1", "token2", "s3cret-signature", "s3cret-own"):
        assert secret not in told


def test_d18_a_refused_key_says_so_and_an_old_token_is_not_used(
    faults: FaultServer, quick: Transport, store: TokenStore,
) -> None:
    faults.on("GET", "/api/oauth_jwt", Answer(403, {"error": "unknown client"}))
    host = faults.url.partition("//")[2]
    store.save(API_KEY_FILE, Token("old", 1.0, host=host, client_id="c1"))
    credentials = ApiKeyCredentials(faults.url, ApiKey.parse(KEY, "here"), store, quick)
    with pytest.raises(AuthError, match="unknown client"):
        credentials.token()
    assert stat.S_IMODE(os.stat(store.path(API_KEY_FILE)).st_mode) == 0o600


def test_d18_a_token_near_its_end_counts_as_expired() -> None:
    assert not Token("t", 1030.0).is_fresh(1000.0) and Token("t", 1090.0).is_fresh(1000.0)


def test_d19_no_local_page_can_plant_a_token(tmp_path: Path) -> None:
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_URL": "http://127.0.0.1:9"})
    answers, is_done = [], threading.Event()

    def browse(address: str) -> None:
        from urllib.parse import parse_qs, urlsplit
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        for guess in (back.rsplit("/", 1)[0] + "/index.html", back + "/", back):
            answers.append(requests.get(
                guess, {"access_token": "planted" if guess != back else "right"}, timeout=5))
        is_done.set()

    assert login(config, open_browser=browse).access_token == "right"
    assert is_done.wait(10), "the browser has a thread of its own"
    assert [one.status_code for one in answers] == [404, 404, 200]
    assert answers[2].headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("url", ["http://localhost:8898", "http://127.0.0.1:1", "https://a.studio"])
def test_d20_any_host_is_an_address(tmp_path: Path, url: str) -> None:
    assert Config.load({"HOME": str(tmp_path), "CONDUCTOR_URL": url})["url"] == url


def test_d20_a_key_in_base64_and_what_is_no_key(tmp_path: Path) -> None:
    path = tmp_path / "key"
    path.write_bytes(base64.b64encode(json.dumps(KEY).encode()))
    found = ApiKey.from_config(Config.load({
        "HOME": str(tmp_path), "CONDUCTOR_API_KEY_PATH": str(path)}))
    assert found == ApiKey("c1", "s3cret-private-key")
    with pytest.raises(AuthError):
        ApiKey.parse("[1]", "here")


def test_d20_only_the_hosts_first_name_is_replaced() -> None:
    assert derive_api_url("https://dashboard.x.com") == "https://api.x.com"
    assert derive_api_url("https://my-dashboard.x.com") == "https://my-dashboard.x.com"


def test_d20_importing_reads_nothing(tmp_path: Path) -> None:
    environ = dict(os.environ, CONDUCTOR_URL="nonsense", CONDUCTOR_CONFIG="/no/file")
    script = "import conductor.lib.conductor_submit, conductor.lib.daemons, sys; print('fine')"
    answer = subprocess.run(
        [sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, check=True)
    assert answer.stdout.strip() == b"fine"


def test_d22_logs_are_lines_and_parameters_are_clean(
    faults: FaultServer, client: ApiClient,
) -> None:
    faults.on("GET", "/get_log_file", Answer(200, {"logs": [{"log": ["one", "two\n"]}]}))
    assert client.task_log("1", "2") == "one\ntwo\n"
    faults.on("GET", "/api/v1/ee/packages", Answer(200, {"data": []}))
    assert client.software_packages() == []
    assert faults.seen[-1].query == {"all": ["true"]}
    assert PackageTree([]).paths() == []


def test_d27_we_say_who_we_are(faults: FaultServer, client: ApiClient) -> None:
    faults.on("GET", PROJECTS, Answer(200, {"data": []}))
    client.projects()
    assert faults.seen[-1].headers["User-Agent"].startswith("conductor-clarisse/")


def test_e06_the_environment_beats_the_file_and_nothing_is_shared(tmp_path: Path) -> None:
    (tmp_path / ".conductor").mkdir()
    file = tmp_path / ".conductor" / "config.yml"
    file.write_text("project: file\nnotify: [a@b.c]\n")
    environ = {"HOME": str(tmp_path), "CONDUCTOR_PROJECT": "environment"}
    first = Config.load(environ)
    first["notify"].append("planted")
    assert Config.load(environ)["project"] == "environment"
    assert Config.load(environ)["notify"] == ["a@b.c"]
    file.write_text("")
    assert Config.load({"HOME": str(tmp_path)})["priority"] == 5


def test_e07_another_host_never_gets_the_token(
    faults: FaultServer, signed: ApiClient, store: TokenStore, quick: Transport,
) -> None:
    first = signed.credentials.token()  # type: ignore[union-attr]
    other = ApiKeyCredentials(
        faults.url.replace("127.0.0.1", "localhost"), ApiKey.parse(KEY, "here"), store, quick)
    assert other.token() != first


def test_e08_the_sign_in_prints_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str],
) -> None:
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_URL": "http://127.0.0.1:9"})

    def browse(address: str) -> None:
        from urllib.parse import parse_qs, urlsplit
        back = parse_qs(urlsplit(address).query)["redirect_uri"][0]
        requests.get(back, {"access_token": "s3cret"}, timeout=5)

    login(config, open_browser=browse)
    assert TokenStore(config["credentials_dir"]).load(BROWSER_FILE) is not None
    assert "s3cret" not in "".join(capfd.readouterr())


def test_e12_arguments_are_read_without_a_service(tmp_path: Path) -> None:
    config = Config.load({"HOME": str(tmp_path), "CONDUCTOR_URL": "http://127.0.0.1:9"})
    Submit({"project": "p", "instance_type": "any", "output_path": "/o",
            "tasks_data": [{"command": "true"}]}, config)
