"""The process: start, ready file, locks, sign-in, who is let in, what is logged, shutdown."""

from __future__ import annotations

import json
import os
import socket
import stat
import time
from pathlib import Path
from typing import Callable

import jwt
import pytest
import requests
from service_client import Client, Server, wait_until

from conductor.service.server import main


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# Starting


def test_the_ready_file_says_where_and_with_which_key(server: Server) -> None:
    told = json.loads(server.ready.read_text(encoding="utf-8"))
    assert set(told) == {"url", "api_key_path"}
    assert told["url"].startswith("http://127.0.0.1:")
    key = json.loads(Path(told["api_key_path"]).read_text(encoding="utf-8"))
    assert set(key) == {"client_id", "private_key"}
    assert len(key["private_key"]) > 40


def test_secrets_are_for_the_owner_only(server: Server) -> None:
    assert mode(server.data / "api_key.json") == 0o600
    assert mode(server.data / "signing_secret.json") == 0o600
    assert mode(server.data / "packages/conductor-slate/bin/cnode") == 0o755


def test_key_tokens_and_signed_urls_survive_a_restart_and_lost_modes_do_not(
    own_server: Server
) -> None:
    client = own_server.start().client()
    key = own_server.key_path.read_bytes()
    url = client.upload_url(b"sent after the restart")
    own_server.stop()
    own_server.key_path.chmod(0o644)
    own_server.start()
    assert mode(own_server.key_path) == 0o600
    assert own_server.key_path.read_bytes() == key
    answer = requests.get(
        own_server.url + "/api/v1/projects/", timeout=10,
        headers={"Authorization": "Bearer " + client.token},
    )
    assert answer.status_code == 200
    moved = url.replace(client.url, own_server.url)
    assert requests.put(moved, data=b"sent after the restart", timeout=10).status_code == 200


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """What a service that does not start says; it must end with 2."""

    def run(*arguments: str) -> str:
        assert main(arguments) == 2
        return capsys.readouterr().err

    return run


def test_one_service_per_data_folder(server: Server, refusal) -> None:
    said = refusal("--data", str(server.data))
    assert "another service (process %d) uses" % server.process.pid in said
    assert str(server.data) in said
    assert server.client().get("/api/v1/projects/"), "the first one goes on"


def test_a_taken_port_is_named(tmp_path: Path, refusal) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refusal("--data", str(tmp_path / "data"), "--port", str(port))
    assert "cannot listen on 127.0.0.1 port %d" % port in said


def test_a_wrong_farm_file_is_named(tmp_path: Path, refusal) -> None:
    farm = tmp_path / "farm.yml"
    farm.write_text("cors: 3", encoding="utf-8")
    said = refusal("--data", str(tmp_path / "data"), "--farm", str(farm))
    assert 'unknown entry "cors"' in said and str(farm) in said
    assert said.startswith("conductor serve: ") and said.count("\n") == 1


def test_a_stale_ready_file_goes_when_the_start_fails(tmp_path: Path, refusal) -> None:
    ready = tmp_path / "ready.json"
    ready.write_text("{}", encoding="utf-8")
    refusal("--data", str(tmp_path), "--ready-file", str(ready), "--farm", "/no/such/farm.yml")
    assert not ready.exists()


def test_it_listens_on_loopback_unless_told_otherwise(server: Server) -> None:
    port = server.url.rsplit(":", 1)[1]
    listening = Path("/proc/%d/net/tcp" % server.process.pid).read_text(encoding="ascii")
    rows = [line.split()[1] for line in listening.splitlines()[1:] if line.split()[3] == "0A"]
    assert "0100007F:%04X" % int(port) in rows
    assert "00000000:%04X" % int(port) not in rows


def test_help_needs_no_data(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0 and "--ready-file" in capsys.readouterr().out


# Signing in


def test_the_key_is_exchanged_for_a_token_that_fits_the_host(client: Client) -> None:
    answer = client.sign_in().json()
    assert answer["expires_in"] == 3600 and answer["token_type"] == "Bearer"
    claims = jwt.decode(answer["access_token"], options={"verify_signature": False})
    assert claims["aud"].rsplit("/", 1)[-1] == client.url.rsplit("/", 1)[-1]
    assert claims["account"] == "local"


def test_the_audience_is_the_host_the_client_used(client: Client) -> None:
    port = client.url.rsplit(":", 1)[1]
    other = Client("http://localhost:" + port, client.key)
    claims = jwt.decode(other.token, options={"verify_signature": False})
    assert claims["aud"].endswith("/localhost:" + port)


@pytest.mark.parametrize("changes, status", [
    ({"client_secret": "wrong"}, 401),
    ({"client_id": "wrong"}, 401),
    ({"client_id": "", "client_secret": ""}, 401),
    ({"client_secret": "schl\u00fcssel"}, 401),
    ({"grant_type": ""}, 400),
    ({"grant_type": "password"}, 400),
], ids=["secret", "id", "nothing", "not ASCII", "no grant", "other grant"])
def test_anything_else_is_refused(client: Client, changes: dict[str, str], status: int) -> None:
    answer = client.sign_in(**changes)
    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


GUARDED = [
    ("GET", "/api/v1/projects/"), ("GET", "/api/v1/ee/packages"), ("GET", "/api/v1/capabilities"),
    ("GET", "/api/v1/instance-types"), ("GET", "/api/v1/jobs"), ("GET", "/api/v1/tasks"),
    ("GET", "/api/v1/client/jobs/00001"), ("GET", "/get_log_file"), ("POST", "/jobs/"),
    ("PUT", "/jobs_multi"), ("PUT", "/tasks_multi"), ("POST", "/api/v2/files/get_upload_urls"),
    ("POST", "/api/files/get_upload_urls"), ("POST", "/jobs/00001/downloads"),
    ("GET", "/downloads/next"), ("GET", "/downloads/00001"), ("POST", "/downloads/status"),
    ("GET", "/no/such/thing"), ("GET", "/"),
]


def forged(claims: dict[str, object]) -> str:
    return jwt.encode(claims, "0" * 32, algorithm="HS256")


@pytest.mark.parametrize("method, path", GUARDED, ids=[" ".join(row) for row in GUARDED])
def test_nothing_is_answered_without_a_token(client: Client, method: str, path: str) -> None:
    answer = requests.request(method, client.url + path, timeout=10)
    assert answer.status_code == 401
    assert "bearer token" in answer.json()["error"]
    assert answer.headers["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("authorization", [
    "", "Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz",
    "Bearer " + forged({"account": "local", "exp": 2 ** 33}),
    "Bearer eyJhbGciOiJub25lIn0.eyJleHAiOjg1ODk5MzQ1OTJ9.",
], ids=["empty", "no token", "blank", "garbage", "basic", "other secret", "no algorithm"])
def test_a_token_that_is_not_ours_is_refused(client: Client, authorization: str) -> None:
    answer = requests.get(
        client.url + "/api/v1/projects/", headers={"Authorization": authorization}, timeout=10
    )
    assert answer.status_code == 401


def test_unknown_paths_and_methods_are_json(client: Client) -> None:
    assert client.get("/no/such/thing", 404) == {"error": "Not Found"}
    assert client.ask("DELETE", "/jobs/", 405) == {"error": "Method Not Allowed"}


# Connections and logs


def test_connections_are_kept(client: Client) -> None:
    session = requests.Session()
    session.headers.update(client.session.headers)
    ports = set()
    for _ in range(5):
        with session.get(client.url + "/api/v1/projects/", timeout=10, stream=True) as answer:
            ports.add(answer.raw.connection.sock.getsockname()[1])
            assert answer.raw.version == 11
            answer.content  # noqa: B018 - reading it gives the connection back
    assert len(ports) == 1


def test_answers_come_without_the_40_ms_of_delayed_acknowledgement(client: Client) -> None:
    taken = []
    for _ in range(21):
        began = time.monotonic()
        client.get("/api/v1/projects/")
        taken.append(time.monotonic() - began)
    assert sorted(taken)[10] < 0.035, "the median"


def test_no_secret_is_in_the_log(server: Server, client: Client) -> None:
    content = os.urandom(50)
    url = client.upload_url(content)
    requests.put(url, data=content, timeout=10)
    client.sign_in()
    signature = url.rsplit("signature=", 1)[1]
    wait_until(
        lambda: url.split("?")[0].rsplit("/", 1)[1] in server.log.read_text(encoding="utf-8"),
        "the request to be logged",
    )
    log = server.log.read_text(encoding="utf-8")
    assert "GET /api/oauth_jwt 200" in log
    secret = json.loads((server.data / "signing_secret.json").read_text(encoding="utf-8"))["secret"]
    for hidden in (client.key["private_key"], client.token, signature, secret):
        assert hidden not in log


# What can be chosen from


def test_projects(client: Client) -> None:
    assert client.get("/api/v1/projects/")["data"] == [
        {"id": "local|default", "name": "default", "status": "active"},
        {"id": "local|spiderman", "name": "spiderman", "status": "active"},
    ]


def test_instance_types_double_up_to_the_farms_cores(client: Client) -> None:
    offered = client.get("/api/v1/instance-types?filter=")["data"]
    assert [offer["name"] for offer in offered] == [
        "n1-standard-2", "n1-standard-4", "n1-highmem-2", "n1-highmem-4", "n1-highcpu-2",
        "n1-highcpu-4",
    ]
    first = offered[0]
    assert (first["description"], first["cores"], first["memory"]) == ("2 core, 7.50GB Mem", 2, 7.5)
    assert first["operating_system"] == "linux" and first["gpu"] is None


PACKAGE_MEMBERS = {
    "package_id", "product", "major_version", "minor_version", "release_version", "build_version",
    "platform", "plugin_host_product", "plugin_host_version", "plugins", "plugin_hosts",
    "environment", "relative_path", "package", "vendor", "description", "build_id",
    "time_created", "time_updated", "updated_at",
}


def test_packages_have_every_member_and_are_linked(client: Client) -> None:
    offered = {
        package["product"]: package
        for package in client.get("/api/v1/ee/packages?all=true,")["data"]
    }
    assert set(offered) == {"clarisse", "ornatrix", "conductor-slate"}
    for package in offered.values():
        assert set(package) == PACKAGE_MEMBERS
        assert len(package["package_id"]) == 32 and package["relative_path"]
    clarisse, ornatrix = offered["clarisse"], offered["ornatrix"]
    assert clarisse["plugins"] == [ornatrix["package_id"]]
    assert ornatrix["plugin_hosts"] == [clarisse["package_id"]]
    assert offered["conductor-slate"]["platform"] == "linux"


def test_what_is_ours_is_advertised(client: Client) -> None:
    told = client.get("/api/v1/capabilities")["data"]
    assert told["idempotency_key"] is True and told["force_upload"] is True
    assert told["actions"] == ["kill", "release", "retry", "set_priority"]
    assert told["path_map"] == [["Z:/show", "/mnt/show"]]
    assert told["upload"] == "multipart" and told["upload_resume"] is True
    assert told["job_metadata_filter"] is True and "priority" in told["job_order"]


def test_accounts_and_extra_environment_have_the_right_shape(client: Client) -> None:
    assert client.get("/api/v1/accounts/local")["data"]["name"] == "local"
    client.get("/api/v1/accounts/other", 404)
    answer = client.get("/api/v1/integrations/env-vars-configs")
    assert answer["data"] == [{"account_id": "local", "env": []}]
