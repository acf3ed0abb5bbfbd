"""The vendor's own Clarisse plugin, unchanged, on our stand-in and against our service."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, Iterator

import pytest

from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from tests.conftest import RunningService

ROOT = Path(__file__).resolve().parent.parent.parent
VENDOR = ROOT / ".venv-vendor"
PLUGIN = VENDOR / "plugin"
SESSION = Path(__file__).with_name("vendor_plugin_session.py")
SCENE = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
Context "scene" {
    Image {
        name "image"
        layers ".plate" ".off"
        first_frame 1
        last_frame 10
        frame_step 1
        render_to_disk yes
        save_as "$PDIR/out/beauty"
        embedded_objects {
            LayerFile {
                name "plate"
                filename "$PDIR/plate.$4F.png"
            }
            LayerFile {
                name "off"
                filename "/no/such.png"
                disabled yes
            }
        }
    }
    TextureMapFile {
        name "not_needed"
        filename "/no/such/texture.png"
    }
}
"""


FARM = """packages:
  - product: clarisse
    major_version: "5"
    minor_version: "0"
    release_version: sp8
    environment:
      - {name: PATH, value: /opt/clarisse5, merge_policy: append}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that offers Clarisse: the plugin asks for nothing else."""
    running = RunningService(tmp_path_factory.mktemp("farm"), FARM)
    yield running
    running.stop()


@pytest.fixture
def seen(service: Any, tmp_path: Path) -> dict[str, Any]:
    """One session with the plugin; see ``vendor_plugin_session.py``."""
    if not (PLUGIN / "cioclarisse").exists():
        pytest.skip("no .venv-vendor/plugin: `make test` sets up the vendor's plugin")
    (tmp_path / "shot.project").write_text(SCENE, encoding="utf-8")
    for frame in (1, 2):
        (tmp_path / ("plate.%04d.png" % frame)).write_bytes(b"plate %d" % frame)
    environ = {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path / "home"), "TMPDIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join((str(PLUGIN), str(ROOT))), "NO_PROXY": "127.0.0.1",
        "CONDUCTOR_URL": service.url,
        "CONDUCTOR_API_KEY": Path(service.key_path).read_text(encoding="utf-8"),
    }
    (tmp_path / "home").mkdir()
    answer = subprocess.run(
        [str(VENDOR / "bin" / "python"), str(SESSION), str(tmp_path / "shot.project"),
         str(PLUGIN)],
        env=environ, cwd=str(tmp_path), timeout=120, stdin=subprocess.DEVNULL,
        capture_output=True, text=True,
    )
    assert answer.returncode == 0, answer.stderr
    found: dict[str, Any] = json.loads(answer.stdout.splitlines()[-1])
    return found


def test_the_vendors_plugin_runs_on_the_stand_in(
    seen: dict[str, Any], service: Any, tmp_path: Path
) -> None:
    assert seen["infos"] == ["10 Frames -- 2 Chunks -- 1-10",
                             "1 Scout / 5 Frames -- 3 Chunks -- 1-9x2"]
    assert (seen["title"], seen["hidden"]) == ("My Clarisse Job", False)
    assert "default" in seen["projects"] and "- Not Connected -" not in seen["machines"]
    assert seen["versions"]

    sent = seen["preview"]
    assert sent["job_title"] == "job 1-9x2"
    assert sent["output_path"] == str(tmp_path / "out")
    assert [task["frames"] for task in sent["tasks_data"]] == ["1-3x2", "5-7x2", "9"]
    assert "-image project://scene/image -image_frames_list '1:3%2'" in (
        sent["tasks_data"][0]["command"])
    scanned = [path for path in sent["upload_paths"] if path.endswith(".png")]
    assert scanned == [str(tmp_path / ("plate.%04d.png" % frame)) for frame in (1, 2)]

    assert len(seen["told"]) == 1, seen["log"]
    number = seen["told"][0].rpartition("/")[2]
    job = ApiClient.from_config(Config.load(environ=service.environ)).job(number)
    assert job["title"] == "job 1-9x2"
