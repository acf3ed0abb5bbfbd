"""Everything a client does, logged at its loudest: no key, token or signed address in any text."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent

# As a pipeline does when it looks for trouble: every logger of the process, urllib3's too.
LOUD = """
import logging, sys
logging.basicConfig(level=logging.DEBUG, stream=sys.stderr)
logging.getLogger().setLevel(logging.DEBUG)
from conductor.cli.main import run
sys.exit(run(sys.argv[1:]))
"""


def loud(*arguments: str) -> str:
    """All that one command of its own process says."""
    ended = subprocess.run(
        [sys.executable, "-c", LOUD, *arguments], stdin=subprocess.DEVNULL, cwd=str(ROOT),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
        env=dict(os.environ, CONDUCTOR_MODE="dev", CONDUCTOR_LOG_LEVEL="DEBUG"))
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def written(home: Path) -> Iterator[tuple[str, str]]:
    for path in home.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(home)), path.read_text(encoding="utf-8", errors="replace")


def test_no_secret_in_any_text(service_env: Any, clean_home: Path, tmp_path: Path) -> None:
    folder, out = tmp_path / "shot", tmp_path / "shot" / "out"
    folder.mkdir()
    (folder / "small").write_bytes(os.urandom(100))
    (folder / "large").write_bytes(os.urandom(12 << 20))
    job_file = tmp_path / "job.yaml"
    job_file.write_text(json.dumps({
        "job_title": "loud", "project": "default", "instance_type": "n1-standard-2",
        "upload_paths": [str(folder)], "output_path": str(out), "local_upload": True,
        "tasks_data": [{"command": "mkdir -p '%s' && echo 1 > '%s/a'" % (out, out),
                        "frames": "1"}]}))
    texts = {"submit": loud("submit", str(job_file), "--json")}
    jid = re.findall(r'"jobid": "(\d+)"', texts["submit"])[-1]
    texts["wait"] = loud("jobs", "wait", jid)
    texts["log"] = loud("jobs", "log", jid)
    texts["download"] = loud("download", jid, "--destination", str(tmp_path / "got"))
    texts["config"] = loud("config")
    texts["service"] = service_env.log.read_text(encoding="utf-8")
    assert (tmp_path / "got" / "a").exists() and "PUT " in texts["service"]
    assert "DEBUG" in texts["submit"], "it was as loud as it can be"

    key = json.loads(Path(service_env.key_path).read_text(encoding="utf-8"))["private_key"]
    home = dict(written(clean_home))
    tokens = {token for text in home.values()
              for token in re.findall(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", text)}
    assert tokens, "the client keeps its token somewhere: else this looks for nothing"
    texts.update((name, text) for name, text in home.items() if ".log" in name)
    assert any(".log" in name for name in texts)
    for name, text in texts.items():
        assert key not in text, name
        assert not any(token in text for token in tokens), name
        assert not re.search(r"eyJ[\w-]{10,}\.[\w-]{10,}\.", text), name
        assert not re.search(r"(?i)(signature|sig)=[0-9a-f]{12,}", text), name


@pytest.mark.parametrize("text", [
    "GET /x?signature=0123456789abcdef01", "Authorization: Bearer eyJabcdefghijk.lmnopqrstuvw.xyz",
])
def test_what_is_looked_for_would_be_found(text: str) -> None:
    assert re.search(r"(?i)(signature|sig)=[0-9a-f]{12,}|eyJ[\w-]{10,}\.[\w-]{10,}\.", text)
