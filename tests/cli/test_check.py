"""``conductor clarisse check``: findings of a scene in a terminal, as JSON, and the exit code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from conductor.cli.main import run

SCENE = """#Isotropix_Serial_Version 1.2

#Isotropix_Clarisse_Version 5
#Isotropix_Clarisse_Project_Version 0.98
Context "scene" {
    Image {
        name "one"
        render_to_disk yes
        save_as "$PDIR/out/one."
        format 0
        first_frame 1
        last_frame 4
    }
    Image {
        name "two"
        render_to_disk yes
        save_as "$PDIR/out/%s."
        format 0
        first_frame 1
        last_frame 4
    }
    Image {
        name "unsure"
        save_as "$PDIR/out/unsure."
        first_frame 1
        last_frame 4
    }
}
"""


@pytest.fixture
def scene(tmp_path: Path, clean_home: Path) -> Any:
    def written(second: str) -> str:
        path = tmp_path / "shot.project"
        path.write_text(SCENE % second, encoding="utf-8")
        return str(path)

    return written


def test_a_good_scene_without_a_job(scene: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clarisse", "check", scene("two")]) == 0
    out, err = capsys.readouterr()
    assert "catalog-unknown" in out
    assert "0 errors, 1 warnings, 0 infos" in err


def test_a_scene_in_another_encoding_is_checked(
    scene: Any, capsys: pytest.CaptureFixture[str],
) -> None:
    path = Path(scene("two"))
    path.write_bytes(path.read_bytes().replace(
        b'Context "scene"', b'comment "caf\xe9"\nContext "scene"'))
    assert run(["clarisse", "check", str(path)]) == 0
    assert "0 errors, 1 warnings, 0 infos" in capsys.readouterr().err


def test_errors_are_told_with_item_attribute_text_and_remedy(
    scene: Any, capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["clarisse", "check", scene("One"), "--json"]) == 2
    found = json.loads(capsys.readouterr().out)["findings"]
    (collision,) = [one for one in found if one["level"] == "error"]
    assert collision["code"] == "output-collision"
    assert collision["item"] == "project://scene/two"
    assert (collision["attribute"], collision["text"]) == ("save_as", "$PDIR/out/One.")
    assert collision["remedy"]


def test_a_guessed_default_makes_a_warning(
    scene: Any, capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["clarisse", "check", scene("two"), "--image", "project://scene/unsure", "--json"]
    assert run(arguments) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    (off,) = [one for one in found if one["code"] == "render-to-disk-off"]
    assert off["level"] == "warning" and "Unsure" in off["message"]


def test_checks_are_turned_off_in_the_configuration(
    scene: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CONDUCTOR_CHECKS", '{"output-collision": "info", "catalog-unknown": "off"}')
    assert run(["clarisse", "check", scene("one"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(one["level"], one["code"]) for one in found] == [("info", "output-collision")]
    monkeypatch.setenv("CONDUCTOR_CHECKS", '{"output-colision": "off"}')
    assert run(["clarisse", "check", scene("one")]) == 2
    assert 'Did you mean "output-collision"?' in capsys.readouterr().err


def test_the_job_of_a_scene_is_checked(tmp_path: Path, clean_home: Path) -> None:
    import conductor.samples

    folder = tmp_path / "shot"
    shutil.copytree(Path(conductor.samples.__file__).parent / "shot", folder)
    scene = str(folder / "shot.project")
    assert run(["clarisse", "check", scene]) == 0
    assert run(["clarisse", "check", scene, "--set", "custom_frames=x"]) == 2
    assert sorted(path.name for path in folder.iterdir()) == ["geo", "shot.project", "textures"]
