"""Golden cases: a scene, what the artist does with it, and the submission that comes of it.

Each folder of ``tests/golden`` holds ``scene.project``, read through the stand-in; ``job.yaml``:
what is set, configured and on disk; ``expected.json``: payload, findings and widened ranges (the
scripts, which always travel, left out); and ``derivation.md``: some tasks derived by hand, which
the test compares too. A case is written anew by running the tests with GOLDEN_UPDATE=1; look at the
difference before keeping it.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from build_values import CATALOG, MOMENT, SCRIPTS, config, scripts_elsewhere, touch

from conductor.clarisse import headless, item, startup
from conductor.clarisse.build import Built, build
from conductor.clarisse.scene import read_scene
from conductor.clarisse.upload_list import SCRIPT_FOLDER
from conductor.lib.sequence import Sequence

__all__ = ["scripts_elsewhere"]
pytestmark = pytest.mark.usefixtures("scripts_elsewhere")

GOLDEN = Path(__file__).resolve().parent.parent / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/job.yaml"))


class Case:
    """One folder, copied to where it is built."""

    def __init__(self, name: str, tmp_path: Path) -> None:
        self.folder = GOLDEN / name
        self.job: dict[str, Any] = yaml.safe_load(
            (self.folder / "job.yaml").read_text(encoding="utf-8"))
        self.root = tmp_path.resolve() / self.job.get("folder", "shot")
        self.root.mkdir()
        for line in self.job.get("files", ()):
            name, _, frames = line.partition(" ")
            touch(self.root, *(Sequence.parse(frames).expand(name) if frames else [name]))

    def build(self) -> Built:
        """Open the scene in the stand-in, set what is to be set, build."""
        scene_path = self.root / self.job.get("scene_name", "scene.project")
        shutil.copy(str(self.folder / "scene.project"), str(scene_path))
        with headless.session(str(scene_path)) as ix:
            assert startup.start()
            job = item.find_or_create_job(ix, self.job.get("job"), self.job.get("images", ()))
            for name, text in self.job.get("set", {}).items():
                item.set_by_text(job, name, text)
            return build(item.read_settings(job), read_scene(ix, job), CATALOG,
                         config(**self.job.get("config", {})), MOMENT)

    def anywhere(self, made: Built) -> dict[str, Any]:
        """What is compared, without this machine's folders."""
        found: dict[str, Any] = {
            "payload": made.submission.to_payload(),
            "findings": [finding.to_json() for finding in made.findings],
            "ranges": {path: list(ends) for path, ends in made.plan.ranges.items()},
        }
        files = found["payload"]["upload_files"]
        found["payload"]["upload_files"] = [
            file for file in files if not file["destination"].startswith(SCRIPT_FOLDER + "/")]
        text = json.dumps(found, ensure_ascii=False)
        placed: dict[str, Any] = json.loads(
            text.replace(self.root.as_posix(), "{root}").replace(SCRIPTS, "{scripts}"))
        return placed

    def derived(self) -> dict[int, str]:
        """Commands derived by hand, by the number of their task."""
        text = (self.folder / "derivation.md").read_text(encoding="utf-8")
        found = re.findall(r"^Task (\d+)[^\n]*(?:\n[^\n]+)*\n\n((?:    .+\n)+)", text, re.MULTILINE)
        return {int(number): " ".join(block.split("\n    ")).strip() for number, block in found}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, tmp_path: Path, clean_home: Path) -> Case:
    return Case(request.param, tmp_path)


def test_there_are_cases() -> None:
    assert len(CASES) >= 3


def test_the_submission_is_the_expected_one(case: Case) -> None:
    found = case.anywhere(case.build())
    expected = case.folder / "expected.json"
    if os.environ.get("GOLDEN_UPDATE"):
        text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
        expected.write_text(text, encoding="utf-8")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_tasks_derived_by_hand_are_the_built_ones(case: Case) -> None:
    tasks = case.build().submission.tasks
    derived = case.derived()
    assert derived
    for number, text in derived.items():
        # Word by word as a shell splits them: quotes may stand where they are not needed.
        words = shlex.split(text.replace("{root}", "\0root").replace("{scripts}", "\0scripts"))
        placed = [word.replace("\0root", case.root.as_posix()).replace("\0scripts", SCRIPTS)
                  for word in words]
        assert shlex.split(tasks[number].command) == placed
