"""The made-up shot that the pictures of the windows show."""

from __future__ import annotations

from dataclasses import replace

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.package_plan import PackagePlan
from conductor.clarisse.panels.preview_model import Preview
from conductor.clarisse.panels.result_model import Result
from conductor.clarisse.panels.sign_in_model import SignInTry
from conductor.clarisse.prepared import Prepared
from conductor.clarisse.snapshot import Scene
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding, error, info, warning
from conductor.lib.config import Config
from conductor.lib.errors import AuthError
from conductor.lib.progress import Progress
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
ROCK = replace(
    warning("file-missing", "project://scene/rock.filename", (
        '3 of 213 files of "%s/tex/rock_diff.<UDIM>.tx" are not on disk, the first is '
        '"%s/tex/rock_diff.1031.tx". Restore them, or correct the sequence.' % (SHOT, SHOT))),
    item="project://scene/rock", attribute="filename",
    files=tuple("%s/tex/rock_diff.%d.tx" % (SHOT, number) for number in (1031, 1032, 1033)))
VERSION = warning("package-version", "packages", (
    'The package "clarisse 5.0.5.8" is not of the Clarisse that made the scene, 5.0.5.14.'))
WARNINGS = (ROCK, VERSION)
ERRORS = (
    replace(
        error("output-collision", "project://scene/beauty", (
            'The layer "project://scene/beauty.fog" and the image "project://scene/beauty" would '
            'both write "%s/images/beauty.00001.exr". Give each image a file name of its own.'
            % SHOT)),
        item="project://scene/beauty", attribute="save_as"),
    *WARNINGS,
    info("tasks-many", "chunk_size", "The job has 1,200 tasks. Raise the chunk size."),
)
ABSURD = (
    warning("tasks-absurd", "chunk_size", (
        "The job has 14,400 tasks. Raise the chunk size, or confirm that so many are meant.")),
    warning("upload-absurd", "files", (
        "48,211 files with 2.4 TB would be uploaded. Look for a folder or cache that is not "
        "needed.")),
)
PROGRESS = Progress("uploading", 131, 214, 2_390_000_000, 3_927_000_000, 41.0)
_TRY = SignInTry(Config.load({"CONDUCTOR_URL": "https://farm.example"}))
_TRY.address = "https://farm.example/api/oauth_jwt?redirect_uri=http://localhost:8085/f3a91c"
SIGNING_IN = _TRY.text()
SIGN_IN_DECLINED = AuthError(
    "https://farm.example did not sign you in: the sign-in was declined.")
RESULT = Result("00412", "https://farm.example/jobs/00412")


def prepared(findings: tuple[Finding, ...] = WARNINGS) -> Prepared:
    """A submission of 80 tasks and 214 files."""
    package = SHOT + "/sh0040_v012.job.render.project"
    tasks = tuple(
        Task("/tools/conductor/clarisse/scripts/ct_cnode %s -image project://scene/beauty "
             "-image_frames_list %d:%d -directories %s/images" % (
                 package, first, first + 2, SHOT), "%d-%d" % (first, first + 2))
        for first in range(1, 241, 3))
    paths = ["%s/tex/rock_diff.%d.tx" % (SHOT, number) for number in range(1001, 1214)]
    files = tuple(UploadFile(path, path) for path in [*paths, package])
    submission = Submission(
        submission_id="5" * 32, job_title="moon sh0040 lighting v012", project="moon",
        instance_type="n1-standard-16", output_path=SHOT + "/images", tasks=tasks,
        upload_files=files, preemptible=True,
    )
    return Prepared(
        SETTINGS, SCENE, Catalog.unknown(), submission, findings, PackagePlan(package), {},
        upload_bytes=3_927_000_000)


def preview() -> Preview:
    """Its preview."""
    return Preview(prepared())
