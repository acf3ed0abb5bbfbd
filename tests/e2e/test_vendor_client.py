"""The vendor's own public client, unchanged, submits to our service and gets its frames back."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.states import JobState

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = ROOT / ".venv-vendor" / "bin" / "python"

# Runs in the vendor's environment; reads its arguments as JSON, prints its answer as JSON.
SUBMIT = """
import json, sys
from ciocore import conductor_submit
response, code = conductor_submit.Submit(json.loads(sys.argv[1])).main()
print(json.dumps([response, code]))
"""


@pytest.fixture
def vendor(service, tmp_path):
    """Runs the vendor's Python against our service, in a HOME of its own."""
    if not VENDOR.exists():
        pytest.skip("no .venv-vendor: `make test` sets up the vendor's client")
    home = tmp_path / "vendor_home"
    home.mkdir()
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(home), "CONDUCTOR_URL": service.url,
        "CONDUCTOR_API_KEY": Path(service.key_path).read_text(encoding="utf-8"),
        "CONDUCTOR_THREAD_COUNT": "4", "NO_PROXY": "127.0.0.1", "CIO_DISABLE_VERSION_CHECK": "1",
    }

    def run(*arguments: str) -> str:
        answer = subprocess.run(
            [str(VENDOR), *arguments], env=environ, cwd=str(tmp_path), timeout=120,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    return run


def wait_for_success(service, jid: str) -> None:
    """Until the job has ended; it must have ended well."""
    client = ApiClient.from_config(Config.load(environ=service.environ))
    limit = time.monotonic() + 60
    while not JobState(client.job(jid)["status"]).is_ended:
        assert time.monotonic() < limit, client.job(jid)
        time.sleep(0.05)
    assert client.job(jid)["status"] == JobState.SUCCESS


def test_it_submits_a_directory_of_files_and_downloads_what_the_tasks_wrote(
    vendor, service, tmp_path
) -> None:
    inputs = tmp_path / "inputs" / "deep"
    inputs.mkdir(parents=True)
    for number in range(30):
        (inputs / ("tex.%04d.txt" % number)).write_text("texel %d" % number, encoding="utf-8")
    (inputs / "empty.txt").touch()
    output = tmp_path / "renders"
    command = "cat '%s'/tex.*.txt > '%s'/frame.%%s.txt" % (inputs, output)
    arguments = {
        "job_title": "conformance", "project": "default", "instance_type": "n1-standard-2",
        "upload_paths": [str(tmp_path / "inputs")], "output_path": str(output),
        "local_upload": True, "database_filepath": str(tmp_path / "vendor.db"), "notify": ["a@b.c"],
        "tasks_data": [
            {"command": command % frame, "frames": str(frame)} for frame in (1, 2)
        ],
    }
    response, code = json.loads(vendor("-c", SUBMIT, json.dumps(arguments)).splitlines()[-1])
    assert code == 201
    assert response["body"] == "job submitted." and response["status"] == "success"
    assert response["uri"] == "/jobs/" + response["jobid"]

    wait_for_success(service, response["jobid"])
    downloaded = tmp_path / "downloaded"
    downloaded.mkdir()
    vendor(
        "-c", "from ciocore.cli import main; main()", "download", response["jobid"],
        "--output-path", str(downloaded), "--thread_count", "2",
    )
    expected = b"".join(path.read_bytes() for path in sorted(inputs.glob("tex.*.txt")))
    got = {
        path.name: path.read_bytes()
        for path in (downloaded / response["jobid"]).rglob("*") if path.is_file()
    }
    assert got == {"frame.1.txt": expected, "frame.2.txt": expected}
