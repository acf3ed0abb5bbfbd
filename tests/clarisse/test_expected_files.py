"""The manifest of expected files: what it says, where it lies, and that old ones go."""

from __future__ import annotations

import json
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from build_values import CATALOG, SETTINGS, config, image, scene

from conductor.clarisse.expected_files import KEPT_DAYS, expected_files, note_expected
from conductor.clarisse.prepared import Prepared, prepare_values
from conductor.lib.config import Config
from conductor.lib.expected_files import note_path

DAY_S = 86400


def prepared(**changes: Any) -> Prepared:
    layer = image("image1.back", class_name="Layer3d", save_as="Z:/show/out/back.", last=2,
                  file_format=5)
    return prepare_values(
        replace(SETTINGS, metadata='{"shot": "s010"}', **changes),
        scene(image(save_as="Z:/show/out/beauty.", first=9), layer), CATALOG,
        config(path_map=[["Z:/show", "/mnt/show"]]))


def test_each_file_of_images_layers_and_frames() -> None:
    made = expected_files(prepared())
    assert [(one["item"], one["kind"], one["frames"]) for one in made["outputs"]] == [
        ("project://scene/image1", "image", "9-10"),
        ("project://scene/image1.back", "layer", "1-2")]
    assert made["outputs"][0]["files"] == [
        {"frame": frame, "tile": 1, "path": "Z:/show/out/beauty.%05d.exr" % frame,
         "node_path": "/mnt/show/out/beauty.%05d.exr" % frame} for frame in (9, 10)]
    assert [one["path"] for one in made["outputs"][1]["files"]] == [
        "Z:/show/out/back.00001.png", "Z:/show/out/back.00002.png"]
    assert (made["metadata"], made["project"], made["output_path"], made["tiles"]) == (
        {"shot": "s010"}, "dpool", "Z:/show/out", 1)


def test_tiles_are_files_of_their_own() -> None:
    made = expected_files(prepared(tiles=2))
    (files, _) = (one["files"] for one in made["outputs"])
    assert made["tiles"] == 4
    assert [(one["frame"], one["tile"]) for one in files] == [
        (frame, tile) for frame in (9, 10) for tile in (1, 2, 3, 4)]
    assert len({one["path"] for one in files}) == 8
    assert files[1]["path"] == "Z:/show/out/beauty..tilex4-2.00009.exr"


def folder_config(tmp_path: Path) -> Config:
    return config(user_dir=str(tmp_path / "user"))


def test_it_lies_in_the_users_folder_for_the_user_alone(tmp_path: Path) -> None:
    ready, settings = prepared(), folder_config(tmp_path)
    note_expected(ready, settings)
    path = note_path(settings, ready.submission.submission_id)
    with open(path, encoding="utf-8") as handle:
        assert json.load(handle) == expected_files(ready)
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert os.listdir(os.path.dirname(path)) == [os.path.basename(path)]


def test_old_ones_go(tmp_path: Path) -> None:
    ready, settings = prepared(), folder_config(tmp_path)
    note_expected(ready, settings)
    path = note_path(settings, ready.submission.submission_id)
    written = os.stat(path).st_mtime
    note_expected(prepared(), settings, lambda: written + (KEPT_DAYS - 1) * DAY_S)
    assert os.path.exists(path)
    note_expected(prepared(), settings, lambda: written + (KEPT_DAYS + 1) * DAY_S)
    assert not os.path.exists(path)


def test_an_upload_alone_expects_nothing(tmp_path: Path) -> None:
    note_expected(prepared(upload_only=True), folder_config(tmp_path))
    assert not (tmp_path / "user").exists()


def test_a_folder_that_cannot_be_written_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "user").write_text("a file")
    note_expected(prepared(), folder_config(tmp_path))
    assert "expected files is not kept" in caplog.text
