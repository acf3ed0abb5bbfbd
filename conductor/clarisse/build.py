"""From what was read to what is sent: settings, scene, catalogue and configuration in, one
:class:`~conductor.lib.submission.Submission` and the findings about it out.

Nothing is asked of the host or of the service, and nothing is written; the disk is only looked at
(which files of the scene there are).
"""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Mapping, Tuple, TypeVar

from conductor.clarisse import checking, choices
from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.command_paths import map_template
from conductor.clarisse.ct_values import (
    Elements,
    JobContext,
    commands,
    job_values,
    last_values,
    scene_in_commands,
    titles,
)
from conductor.clarisse.environment import make_addresses, make_environment, make_metadata
from conductor.clarisse.expressions import OutsideSubset
from conductor.clarisse.finding_places import located
from conductor.clarisse.frames import JobFrames, read_frames
from conductor.clarisse.host_evaluation import Evaluator, HostText
from conductor.clarisse.output_paths import find_outputs
from conductor.clarisse.package_folders import can_be_filled, is_read_only
from conductor.clarisse.package_plan import PackagePlan, package_path, package_plan
from conductor.clarisse.resolving import lookup_of, resolve_text
from conductor.clarisse.setting_values import check_ranges
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.task_list import make_tasks
from conductor.clarisse.upload_list import SCRIPT_FOLDER, Uploads, list_uploads
from conductor.lib.catalog import Catalog
from conductor.lib.checks import Finding, error, read_levels, warning, with_levels
from conductor.lib.config import Config
from conductor.lib.dependencies import Policy, ScanWatch
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import ExpressionError
from conductor.lib.paths import PathMap, comparable, destination, folder_of
from conductor.lib.submission import Submission, UploadFile, new_submission_id

T = TypeVar("T")
_Noted = Tuple[T, Tuple[Finding, ...]]


@dataclass(frozen=True)
class Moment:
    """What differs between two presses of the same button.

    Attributes:
        watch: sees how far the dependency scan has come, and may cancel it.
        evaluate: asks Clarisse for the title and the commands that we cannot evaluate; None
            where there is no Clarisse.
    """

    submission_id: str = field(default_factory=new_submission_id)
    now: datetime = field(default_factory=datetime.now)
    watch: ScanWatch | None = None
    evaluate: Evaluator | None = None


@dataclass(frozen=True)
class Built:
    """A submission with all that belongs to it.

    Attributes:
        plan: how its render package is made.
        variables: last values of the CT_ variables, for the Variables panel.
        frames: what is rendered of each image.
    """

    submission: Submission
    findings: tuple[Finding, ...]
    plan: PackagePlan
    variables: Mapping[str, str]
    frames: JobFrames = field(default_factory=JobFrames)


def build_submission(
    settings: JobSettings, scene: Scene, catalog: Catalog, config: Config,
) -> tuple[Submission, tuple[Finding, ...]]:
    """What one press would send, and what is worth telling before."""
    built = build(settings, scene, catalog, config)
    return built.submission, built.findings


def build(
    settings: JobSettings, scene: Scene, catalog: Catalog, config: Config,
    moment: Moment | None = None,
) -> Built:
    """As :func:`build_submission`, with the plan of the render package and the variables.

    Raises:
        ConfigError: a rule of the path map is not usable, or a level is given to an unknown check.
    """
    return _Builder(settings, scene, catalog, config, moment or Moment()).build()


class _Builder:
    """One build: what it is made of, and the findings as they come up."""

    def __init__(
        self, settings: JobSettings, scene: Scene, catalog: Catalog, config: Config,
        moment: Moment,
    ) -> None:
        self.settings = settings
        self.scene = scene
        self.catalog = catalog
        self.config = config
        self.moment = moment
        self.path_map = PathMap([*config.get("path_map", ()), *catalog.path_map])
        self.package = package_path(settings, scene, moment.submission_id, config)
        self.levels = read_levels(config.get("checks", {}))
        self.extra_uploads = [*settings.extra_uploads, *config.get("upload_paths", ())]
        self.packages: list[dict[str, Any]] = []
        self.uploads = Uploads()
        self.findings: list[Finding] = []

    def noted(self, answer: _Noted[T]) -> T:
        """The value of an answer, its findings kept."""
        value, findings = answer
        self.findings.extend(findings)
        return value

    def build(self) -> Built:
        """Everything, in the order in which findings are worth reading."""
        settings, scene = self.settings, self.scene
        self.findings.extend(
            choices.check_catalog(self.catalog) + _check_scene(scene, self.config))
        frames = self.noted(read_frames(settings, scene))
        self.findings.extend(check_ranges(settings))
        outputs = self.noted(find_outputs(scene))
        project = self.noted(choices.choose_project(settings, self.catalog, self.config))
        machine = self.noted(choices.choose_machine(settings, self.catalog, self.config))
        values = job_values(JobContext(
            settings, scene, frames, machine, project, self.package, SCRIPT_FOLDER,
            outputs.folders, self.path_map, self.moment.now))
        known = titles(values)
        submission = Submission(
            submission_id=self.moment.submission_id,
            job_title=self.title(known),
            project=project,
            instance_type=machine.name,
            output_path=outputs.common,
            scout_frames=str(frames.scout),
            chunk_size=frames.chunk_size,
            **self.work(frames, values), **self.software(known), **self.choices(known))
        plan = package_plan(settings, scene, submission, self.config, self.path_map)
        submission = _with_nested(submission, plan)
        self.findings.extend(checking.check(checking.Subject(
            settings, scene, frames, outputs, self.packages, self.extra_uploads, submission, plan,
            self.uploads)))
        findings = located(
            with_levels(self.findings, self.levels), settings, scene, self.uploads.inside)
        return Built(
            submission, findings, plan, last_values(values, frames.last_chunk), frames)

    def title(self, known: Mapping[str, str]) -> str:
        """The title; its source where that cannot be evaluated."""
        try:
            title = self._title(known).strip()
        except ExpressionError as problem:
            self.findings.append(error("title", "title", str(problem)))
            return self.settings.title
        if not title:
            self.findings.append(warning("title-empty", "title", (
                "The title is empty, so nothing on the dashboard says what the job is. Type one.")))
        return title

    def _title(self, known: Mapping[str, str]) -> str:
        source, lookup = self.settings.title, lookup_of(known, self.scene.variables)
        try:
            return resolve_text(source, lookup)
        except OutsideSubset as problem:
            return HostText(self.moment.evaluate, "title", source).value(problem, known, lookup)

    def work(self, frames: JobFrames, values: Mapping[str, Elements]) -> dict[str, Any]:
        """The tasks, and the files that they need."""
        fixed = scene_in_commands(self.scene.variables, self.path_map)
        fixed.update(commands(values))
        template = map_template(self.settings.task_template, self.path_map)
        evaluate = self.moment.evaluate
        tasks = self.noted(make_tasks(
            template, frames.chunks(), fixed, frames.tiles,
            HostText(evaluate, "task_template", self.settings.task_template, self.path_map)))
        return {
            # Nothing that could run travels with an upload alone.
            "tasks": () if self.settings.upload_only else tasks,
            "upload_files": self.files(frames),
        }

    def files(self, frames: JobFrames) -> tuple[UploadFile, ...]:
        """What is uploaded."""
        policy = Policy(self.settings.dependency_scan_policy)
        self.uploads = self.noted(list_uploads(
            self.scene, frames, policy, self.extra_uploads, self.package,
            DirectoryListing(), self.path_map, self.moment.watch))
        return self.uploads.files

    def software(self, known: Mapping[str, str]) -> dict[str, Any]:
        """Packages and environment."""
        self.packages = packages = self.noted(
            choices.choose_packages(
                self.settings, self.catalog, self.scene.version, self.scene.version_name))
        ids = [str(package["package_id"]) for package in packages]
        ids += self.config.get("software_package_ids", ())
        return {
            "software_package_ids": tuple(dict.fromkeys(ids)),
            "environment": self.noted(make_environment(
                packages, self.settings.extra_environment, self.config.get("environment", {}),
                self.path_map, lookup_of(known))),
        }

    def choices(self, known: Mapping[str, str]) -> dict[str, Any]:
        """Everything that is passed on much as it was set."""
        settings, config = self.settings, self.config
        lookup = lookup_of(known, self.scene.variables)
        return {
            "autoretry_policy": _retries(settings),
            "docker_image": config.get("docker_image", ""),
            "local_upload": settings.local_upload,
            "upload_only": settings.upload_only,
            "force_upload": settings.force_upload,
            "location": settings.location.strip() or config.get("location", ""),
            "preemptible": settings.preemptible,
            "metadata": self.noted(make_metadata(
                settings.metadata, config.get("metadata", {}), lookup)),
            "priority": settings.priority,
            "max_instances": config.get("max_instances", 0),
            "owner": config.get("owner") or _login_name(),
            "notify": self.noted(make_addresses(
                settings.notify, settings.email_addresses, config.get("notify", ()))),
        }


def _with_nested(submission: Submission, plan: PackagePlan) -> Submission:
    """The submission with the packages of referenced projects in the place of these,
    and what else is written for its package."""
    if not plan.nested and not plan.config_path:
        return submission
    packages = {comparable(one.source): one.path for one in plan.nested}
    files = {}
    for file in submission.upload_files:
        path = packages.get(comparable(file.destination))
        if path is not None:
            file = UploadFile(path.replace("/", os.sep), destination(path))
        files[file.destination] = file
    if plan.config_path:
        name = destination(plan.config_path)
        files[name] = UploadFile(plan.config_path.replace("/", os.sep), name)
    return submission.with_files(tuple(files[name] for name in sorted(files)))


def _check_scene(scene: Scene, config: Config) -> tuple[Finding, ...]:
    if not scene.path:
        return (error("scene-unsaved", "scene", (
            "The scene was never saved, so it has no folder. Save it first.")),)
    folder, elsewhere = folder_of(scene.path), config.get("package_folder", "")
    if not is_read_only(folder) or elsewhere and can_be_filled(elsewhere):
        return ()
    also = ' nor into package_folder, "%s"' % elsewhere if elsewhere else ""
    return (error("package-folder", "scene", (
        'The render package cannot be written into "%s"%s. Set package_folder in config.yml to '
        "the full path of a folder that you may write to." % (folder, also))),)


def _retries(settings: JobSettings) -> dict[str, dict[str, int]]:
    policy = {"failed": {"max_retries": settings.retries}}
    if settings.preemptible:
        policy["preempted"] = {"max_retries": settings.retries}
    return policy


def _login_name() -> str:
    """Who is logged in; empty where the system does not tell (a container without a user)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
