"""A submission with everything it was made of: what Preview shows and Submit sends."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Callable, Iterable, Iterator, Mapping

from conductor.clarisse import guesses
from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.build import Moment, build
from conductor.clarisse.file_checks import total_bytes
from conductor.clarisse.frames import JobFrames
from conductor.clarisse.host_evaluation import Evaluator
from conductor.clarisse.package_plan import PackagePlan
from conductor.clarisse.project_file import ProjectFile
from conductor.clarisse.snapshot import Image, Scene
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding, Level, errors_of, read_levels, with_levels
from conductor.lib.config import Config
from conductor.lib.dependencies import ScanWatch
from conductor.lib.errors import ConductorError, SubmissionUnknown
from conductor.lib.submission import Submission

# They follow the time line, which moves while the artist looks around.
_MOVING = ("F", "T")


@dataclass(frozen=True)
class Prepared:
    """One press of Preview or Submit, as values.

    Attributes:
        plan: how the render package is made.
        variables: last values of the CT_ variables, for the Variables panel.
        frames: what is rendered of each image.
        upload_bytes: size of the files as they are on disk; the package is not written yet.
    """

    settings: JobSettings
    scene: Scene
    catalog: Catalog
    submission: Submission
    findings: tuple[Finding, ...]
    plan: PackagePlan
    variables: Mapping[str, str]
    frames: JobFrames = field(default_factory=JobFrames)
    upload_bytes: int = 0

    @property
    def errors(self) -> list[Finding]:
        """What stops the submission."""
        return errors_of(self.findings)

    @property
    def warnings(self) -> list[Finding]:
        """What the artist may accept."""
        return [finding for finding in self.findings if finding.level is Level.WARNING]

    def noted(self, findings: Iterable[Finding], config: Config) -> Prepared:
        """The same with more findings before its own, at the levels that the studio gave them."""
        more = with_levels(findings, read_levels(config.get("checks", {})))
        return replace(self, findings=(*more, *self.findings))

    def is_of(self, settings: JobSettings, project: str, images: tuple[Image, ...]) -> bool:
        """True when item, project and images are still the same; the rest is not looked at."""
        now = settings, project, images
        return now == (self.settings, self.scene.path, self.scene.images)

    def is_made_of(self, settings: JobSettings, scene: Scene) -> bool:
        """True when these would give the same submission again."""
        return settings == self.settings and _still(scene) == _still(self.scene)


def _still(scene: Scene) -> Scene:
    variables = {key: value for key, value in scene.variables.items() if key not in _MOVING}
    return replace(scene, variables=variables, modified=False)


def clean_up(prepared: Prepared) -> None:
    """Delete the render package after an upload alone, if that is wanted.

    That of a job has gone already (:func:`put_aside`): what lies in its place now was put there
    for the job's tasks by a service on this disk.
    """
    if prepared.submission.local_upload and prepared.submission.upload_only:
        _remove_package(prepared)


@contextmanager
def put_aside(prepared: Prepared) -> Iterator[None]:
    """While a job is posted, its render package is out of the way if it will be cleaned up: once
    the job is there its tasks start, and where they run on this very disk they would find a
    package that goes away under their hands. Afterwards it is deleted, or back where it was."""
    is_wanted = prepared.settings.clean_up_render_package and prepared.submission.local_upload
    moved = [(path, path + ".sent") for path in prepared.plan.files if is_wanted]
    moved = [pair for pair in moved if os.path.exists(pair[0])]
    for path, aside in moved:
        os.replace(path, aside)
    try:
        yield
    except BaseException:
        for path, aside in moved:
            os.replace(aside, path)
        raise
    for _, aside in moved:
        os.remove(aside)


@contextmanager
def abandoned_after(prepared: Prepared) -> Iterator[None]:
    """Delete the render package, if that is wanted, when sending fails or is cancelled: there is
    no job that could read it. Where that is not known, it stays."""
    try:
        yield
    except SubmissionUnknown:
        raise
    except ConductorError:
        _remove_package(prepared)
        raise


def _remove_package(prepared: Prepared) -> None:
    is_wanted = prepared.settings.clean_up_render_package
    for path in prepared.plan.files if is_wanted else ():
        if os.path.exists(path):
            os.remove(path)


def prepare_values(
    settings: JobSettings, scene: Scene, catalog: Catalog, config: Config,
    watch: ScanWatch | None = None, evaluate: Evaluator | None = None,
) -> Prepared:
    """Build the submission from what was read; raises Cancelled through ``watch``."""
    built = build(settings, scene, catalog, config, Moment(watch=watch, evaluate=evaluate))
    return Prepared(
        settings, scene, catalog, built.submission, built.findings, built.plan, built.variables,
        built.frames, total_bytes(file.path for file in built.submission.upload_files))


def without_clarisse(
    prepared: Prepared, read: Callable[[], ProjectFile], config: Config,
) -> Prepared:
    """The same, its findings as they are worth when the scene was read from its file.

    Args:
        read: reads the scene's file; called only where a finding needs it.
    """
    levels = read_levels(config.get("checks", {}))
    ids = prepared.submission.software_package_ids
    packages = [package for package in prepared.catalog.packages.packages
                if str(package.get("package_id")) in ids]
    findings = guesses.without_clarisse(prepared.findings, read, packages, levels)
    return replace(prepared, findings=with_levels(findings, levels))
