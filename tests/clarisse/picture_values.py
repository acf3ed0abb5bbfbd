"""The made-up shot that the pictures of the windows show."""

from __future__ import annotations

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.package_plan import PackagePlan
from conductor.clarisse.panels.preview_model import Preview
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.snapshot import Scene
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding, warning
from conductor.lib.submission import Submission, Task, UploadFile

SHOT = "/shows/moon/sq010/sh0040/light"

SETTINGS = JobSettings(
    use_custom_frames=True, custom_frames="1-240", chunk_size=3, use_scout_frames=True,
    scout_frames="fml:3", packages=("clarisse 5.0.5.8",),
)
SCENE = Scene(
    path=SHOT + "/sh0040_v012.project", version="5.0.5.8.0", job="project://job", modified=False,
    fps=24.0, variables={"F": "1", "PNAME": "sh0040_v012"}, images=(), references=(),
)
WARNINGS = (
    warning("file-missing", "project://scene/rock.filename", (
        '"%s/tex/rock_disp.1003.tx" is not on disk. Restore it, or correct the path.' % SHOT)),
    warning("title", "title", "The title is longer than 80 signs and will be cut in lists."),
)


def prepared(findings: tuple[Finding, ...] = WARNINGS) -> Prepared:
    """A submission of 80 tasks and 214 files."""
    package = SHOT + "/sh0040_v012.job.render.project"
    tasks = tuple(
        Task("ct_cnode %s -image project://scene/beauty -image_frames_list %d-%d" % (
            package, first, first + 2), "%d-%d" % (first, first + 2))
        for first in range(1, 241, 3))
    paths = ["%s/tex/rock_diff.%d.tx" % (SHOT, number) for number in range(1001, 1214)]
    files = tuple(UploadFile(path, path) for path in [*paths, package])
    submission = Submission(
        submission_id="5" * 32, job_title="moon sh0040 lighting v012", project="moon",
        instance_type="n1-standard-16", output_path=SHOT + "/images", tasks=tasks,
        upload_files=files, preemptible=True,
    )
    return Prepared(
        SETTINGS, SCENE, Catalog.unknown(), submission, findings, PackagePlan(package), {})


def preview() -> Preview:
    """Its preview."""
    return Preview(prepared())
