"""What the windows say, without any window."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.package_plan import PackagePlan
from conductor.clarisse.panels import preview_model
from conductor.clarisse.panels.progress_model import percent, progress_text, time_text
from conductor.clarisse.panels.result_model import read_result
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.snapshot import Scene
from conductor.lib.catalog import Catalog
from conductor.lib.checks import error, info, warning
from conductor.lib.progress import Progress
from conductor.lib.submission import Submission, Task, UploadFile

# ---------------------------------------------------------------- progress


@pytest.mark.parametrize("seconds, text", [
    (0.2, "0 s"), (59.4, "59 s"), (60, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"),
])
def test_time_text(seconds: float, text: str) -> None:
    assert time_text(seconds) == text


@pytest.mark.parametrize("progress, text", [
    (None, "Starting"),
    (Progress("posting"), "Posting"),
    (Progress("hashing", 1, 3), "Hashing: 1 of 3 files"),
    (Progress("uploading", 3, 12, 10 ** 6, 4 * 10 ** 6, 2.0),
     "Uploading: 3 of 12 files, 1.0 MB of 4.0 MB, 500.0 kB/s, 6 s left"),
], ids=["nothing told yet", "only a stage", "files", "all"])
def test_progress_text(progress: Progress | None, text: str) -> None:
    assert progress_text(progress) == text


@pytest.mark.parametrize("progress, share", [
    (None, 0), (Progress("posting"), 0), (Progress("hashing", 1, 3), 33),
    (Progress("hashing", 3, 3), 100), (Progress("uploading", 1, 2, 9, 10), 90),
    (Progress("uploading", 1, 2, 11, 10), 100),
], ids=["nothing told yet", "only a stage", "files", "all files", "bytes count first", "more"])
def test_percent(progress: Progress | None, share: int) -> None:
    assert percent(progress) == share


# ---------------------------------------------------------------- result


@pytest.mark.parametrize("response, url, said", [
    ({"jobid": "00012", "uri": "/jobs/00012"}, "http://farm:1/", "http://farm:1/jobs/00012"),
    ({"jobid": "00012", "uri": "https://x/jobs/00012"}, "http://farm", "https://x/jobs/00012"),
], ids=["relative address", "whole address"])
def test_the_result_names_the_job_and_its_address(
    response: dict[str, str], url: str, said: str
) -> None:
    text = read_result(response, url).text
    assert "00012" in text.splitlines()[0]
    assert text.splitlines()[-1] == said


def test_the_result_of_an_upload_says_that_nothing_runs() -> None:
    result = read_result({"jobid": None}, "http://farm", upload_only=True)
    assert "Nothing was started" in result.text and not result.has_page


# ---------------------------------------------------------------- preview

SCENE = Scene(
    path="/p/shot.project", version="5.0.5.8.0", job="project://job", modified=False, fps=25.0,
    variables={"F": "1", "PNAME": "shot"}, images=(), references=(),
)
SETTINGS = JobSettings(
    use_custom_frames=True, custom_frames="1-10", chunk_size=2, use_scout_frames=True,
    scout_frames="3,8",
)


def prepared(tasks: int = 5, files: int = 3) -> Prepared:
    submission = Submission(
        submission_id="5" * 32, job_title="Shot 1", project="atlas", instance_type="n1-standard-2",
        output_path="/p/out",
        tasks=tuple(Task("render %d" % one, "%d-%d" % (one, one)) for one in range(tasks)),
        upload_files=tuple(
            UploadFile("/p/tex/%03d.png" % one, "/p/tex/%03d.png" % one) for one in range(files)
        ),
    )
    findings = (
        warning("w", "title", "is long"), error("e", "project", "is gone"), info("i", "x", "y"),
    )
    plan = PackagePlan("/p/shot.job.55555555.render.project")
    return Prepared(SETTINGS, SCENE, Catalog.unknown(), submission, findings, plan, {})


def test_the_text_has_the_frames_line_the_tasks_the_files_and_the_payload() -> None:
    text = preview_model.of(prepared()).to_text()
    assert "2 Scout / 10 Frames -- 5 Chunks -- 1-10" in text
    assert "Tasks (5)\n  0-0: render 0\n" in text
    assert "Files to upload (3)\n  /p/tex/000.png\n" in text
    assert "warning: title: is long" in text and "error: project: is gone" in text
    assert '"job_title": "Shot 1"' in text
    assert "/p/shot.job.55555555.render.project" in text


@pytest.mark.parametrize("size, files", [(0, "Files: 3"), (2_500_000, "Files: 3, 2.5 MB")])
def test_the_summary_tells_files_and_bytes(size: int, files: str) -> None:
    model = preview_model.of(replace(prepared(), upload_bytes=size))
    assert files in model.to_text().splitlines()
    assert model.summary()["bytes"] == size
    assert "Findings: 1 error, 1 warning, 1 note" in model.to_text().splitlines()


def test_the_headline_says_how_much_and_what_became_of_it() -> None:
    ready = replace(prepared(), upload_bytes=2_500_000)
    said = preview_model.of(ready).headline
    assert said == "5 tasks, 3 files with 2.5 MB, 1 error, 1 warning, 1 note"
    assert preview_model.of(prepared()).headline.startswith("5 tasks, 3 files, 1 error")
    assert preview_model.of(replace(ready, findings=())).headline.endswith("no findings")
    assert preview_model.of(ready, "Job 1 was submitted").headline.startswith("Job 1 was")


def test_the_payload_in_the_text_is_the_payload() -> None:
    ready = prepared()
    text = preview_model.of(ready).to_text()
    assert json.loads(text[text.index("Payload\n{") + 8:]) == ready.submission.to_payload()


def test_a_long_command_is_read_in_several_lines() -> None:
    ready = prepared()
    words = ["ct_cnode", "/p/" + 130 * "x", *["-image project://scene/image%d" % one
                                             for one in range(12)], "-image_frames_list 1:4"]
    task = Task(" ".join(words), "1-4")
    text = preview_model.of(replace(ready, submission=replace(
        ready.submission, tasks=(task,)))).to_text()
    shown = text[text.index("Tasks (1)\n") + 10:text.index("\n\nFiles to upload")].split("\n")
    assert shown[0] == "  1-4: ct_cnode"
    assert shown[1] == "    /p/" + 130 * "x", "a path is there to be copied"
    assert len(shown) > 4 and all(len(line) <= 110 for line in shown[2:])
    assert " ".join(line.strip() for line in shown) == "1-4: " + task.command


def test_long_lists_are_cut_and_counted_in_the_text_alone() -> None:
    ready = prepared(tasks=60, files=53)
    model = preview_model.of(ready)
    text = model.to_text()
    assert "Tasks (60)" in text and "  ... and 10 more" in text
    assert "Files to upload (53)" in text and "  ... and 3 more" in text
    assert "render 50" not in text
    assert model.to_json()["payload"] == ready.submission.to_payload()
    assert len(model.to_json()["payload"]["tasks_data"]) == 60


def test_json_is_plain_and_has_three_parts() -> None:
    told = json.loads(json.dumps(preview_model.of(prepared()).to_json()))
    assert sorted(told) == ["findings", "payload", "summary"]
    assert told["summary"]["tasks"] == 5
    assert told["summary"]["frames"] == "2 Scout / 10 Frames -- 5 Chunks -- 1-10"
    assert [finding["code"] for finding in told["findings"]] == ["w", "e", "i"]


# ---------------------------------------------------------------- prepared


def test_errors_and_warnings_are_told_apart() -> None:
    ready = prepared()
    assert [finding.code for finding in ready.errors] == ["e"]
    assert [finding.code for finding in ready.warnings] == ["w"]


@pytest.mark.parametrize("settings, scene, same", [
    (SETTINGS, SCENE, True),
    (SETTINGS, replace(SCENE, modified=True, variables={"F": "7", "PNAME": "shot"}), True),
    (replace(SETTINGS, chunk_size=3), SCENE, False),
    (SETTINGS, replace(SCENE, variables={"F": "1", "PNAME": "other"}), False),
], ids=["nothing", "only the time line", "the item", "the scene"])
def test_what_makes_a_preview_stale(settings: JobSettings, scene: Scene, same: bool) -> None:
    assert prepared().is_made_of(settings, scene) is same
