"""The dependency scan: which files the frames of a job need, who asks for each, and why.

Everything is decided on values; the disk is only looked at. A path that no render reads is skipped
by a rule that has a name (:class:`Skip`); what is neither scanned nor skipped but looks like a path
is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from fractions import Fraction
from typing import Iterable, Iterator, Pattern

from conductor.clarisse import expressions
from conductor.clarisse.classes import DERIVED_PATHS, output_names
from conductor.clarisse.frames import JobFrames
from conductor.clarisse.references import (
    ReferencedProject,
    is_context,
    is_project_reference,
    lookup_in,
    plain_item,
    read_text,
    referenced_projects,
)
from conductor.clarisse.resolving import resolve_path, scene_lookup
from conductor.clarisse.snapshot import PathHint, PathReference, Scene
from conductor.clarisse.stray_paths import strays
from conductor.lib import paths
from conductor.lib.checks import Finding, warning
from conductor.lib.config import Config
from conductor.lib.dependencies import (
    Answer,
    Behavior,
    FileReference,
    LeaveOut,
    Policy,
    ScanWatch,
    resolve,
)
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import ConfigError, ExpressionError, ProjectFileError
from conductor.lib.sequence import Sequence

PREFERENCES = "preferences"
"""The item that paths of the project's preferences belong to."""

OCIO_CONFIG = "ocio_config_file"
SCOPES = ("project", "images")
_EXPLICIT_RANGE = 1
_SAME_RATE = 1e-6
# Frames per second outside of these are no rates.
_LEAST_RATE, _MOST_RATE = 1e-3, 1e5
_RATE_DENOMINATOR = 100000


class Skip(str, Enum):
    """Why a path of the scene is not scanned; the values are the names of the rules."""

    SAVE = "save-path"
    PRIVATE = "private"
    DISABLED = "disabled"
    DERIVED = "derived"
    NO_SCAN = "no-scan"
    SCOPE = "other-images"
    LOCAL = "made-local"


SKIP_TEXTS = {
    Skip.SAVE: "it is written by a render, not read",
    Skip.PRIVATE: "the attribute is private to Clarisse",
    Skip.DISABLED: "the item is disabled",
    Skip.DERIVED: "Clarisse derives this copy from another attribute, which is scanned",
    Skip.NO_SCAN: "the policy is No Scan",
    Skip.SCOPE: "no image of the job depends on the item (scan_scope is images)",
    Skip.LOCAL: "Clarisse makes referenced projects part of the render package",
}


@dataclass(frozen=True)
class Asker:
    """One path of the scene, and what became of it.

    Attributes:
        path: the text with its variables resolved, the frame left in; empty when it cannot be.
        skip: the rule that skips it; None when it was scanned.
        answer: None when it was not looked for.
    """

    reference: PathReference
    path: str = ""
    skip: Skip | None = None
    answer: Answer | None = None


@dataclass(frozen=True)
class Scan:
    """What the scene needs.

    Attributes:
        frames: of the job.
        askers: one for each path of the scene and of the projects that it references.
        files: paths on disk, none twice, in the order they are asked for.
        missing: path and asker of what is not on disk.
        projects: projects that the scene references.
    """

    policy: Policy
    frames: Sequence
    askers: tuple[Asker, ...]
    files: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]
    findings: tuple[Finding, ...]
    projects: tuple[ReferencedProject, ...] = ()


def scan_scope(config: Config) -> str:
    """``project`` or ``images``.

    Raises:
        ConfigError: the setting is another word.
    """
    scope = str(config.get("scan_scope", SCOPES[0]) or SCOPES[0])
    if scope not in SCOPES:
        raise ConfigError('scan_scope is "%s"; it must be one of: %s' % (
            scope, ", ".join(SCOPES)))
    return scope


def scan(
    scene: Scene, frames: JobFrames, policy: Policy, listing: DirectoryListing,
    watch: ScanWatch | None = None,
) -> Scan:
    """Find what the scene needs for these frames.

    Raises:
        Cancelled: through ``watch``.
    """
    projects, findings = referenced_projects(scene)
    made = _Scan(scene, frames, policy, list(findings))
    inside = (reference for project in projects for reference in project.references)
    askers = [made.ask(reference) for reference in (*scene.references, *inside)]
    wanted = [asker for asker in askers if asker.skip is None and asker.path]
    # Without a scan only projects are left, which must travel because the package names them.
    look = Policy.GLOB if policy is Policy.NO_SCAN else policy
    found = resolve(
        map(made.file_reference, wanted), frames.frames, look, listing, leave_out(scene), watch)
    answers = iter(found.answers)
    askers = [replace(asker, answer=next(answers)) if asker.skip is None and asker.path else asker
              for asker in askers]
    nets = made.safety_net(askers, projects) if policy is not Policy.NO_SCAN else ()
    return Scan(
        policy, frames.frames, tuple(askers), found.files, found.missing,
        (*made.findings, *found.findings, *nets), projects)


class _Scan:
    """One scan: what it is made of, and the findings as they come up."""

    def __init__(
        self, scene: Scene, frames: JobFrames, policy: Policy, findings: list[Finding],
    ) -> None:
        self.scene = scene
        self.policy = policy
        self.findings = findings
        self._all = frames.frames
        self._needed = _frames_of_items(scene, frames)
        self._lookups: dict[str, expressions.Lookup] = {}

    def ask(self, reference: PathReference) -> Asker:
        """The reference, resolved or skipped."""
        skip = skip_rule(reference) or self._out_of_scope(reference)
        if skip is not None:
            return Asker(reference, self._resolved(reference, None), skip)
        if self.policy is Policy.NO_SCAN:
            path = self._resolved(reference, None)
            if not is_project_reference(reference, path):
                return Asker(reference, path, Skip.NO_SCAN)
        path = self._resolved(reference, self.findings)
        # What is no context, Clarisse's exporter may leave as it is.
        is_local = self.scene.localizes_references and is_context(reference) and (
            is_project_reference(reference, path))
        return Asker(reference, path, Skip.LOCAL if is_local else None)

    def _out_of_scope(self, reference: PathReference) -> Skip | None:
        if self._needed is None or reference.project or reference.item == PREFERENCES or (
            is_context(reference)
        ):
            return None
        return None if reference.item in self._needed else Skip.SCOPE

    def _resolved(self, reference: PathReference, findings: list[Finding] | None) -> str:
        project = reference.project
        if project not in self._lookups:
            self._lookups[project] = lookup_in(self.scene, project)
        path = resolved(
            reference.source, reference.asked_by, self._lookups[project], findings)
        if path and reference.item == PREFERENCES and reference.attribute == OCIO_CONFIG:
            return paths.folder_of(path)  # the configuration names files beside it
        return path

    def file_reference(self, asker: Asker) -> FileReference:
        """What to look for on disk."""
        reference = asker.reference
        made = FileReference(
            asker.path, reference.asked_by, frames=self._frames_of(reference))
        sequence = reference.sequence
        if sequence is None or sequence.mode == 0:
            return made  # off: the attributes beside the path say nothing
        if sequence.mode == _EXPLICIT_RANGE:
            made = replace(
                made, start=sequence.start, end=sequence.end,
                before=_behavior(sequence.pre_behavior), after=_behavior(sequence.post_behavior))
        return replace(
            made, offset=sequence.offset, speed=self._speed(reference, sequence.rate))

    def _frames_of(self, reference: PathReference) -> Sequence | None:
        if self._needed is None or reference.project:
            return None
        frames = self._needed.get(reference.item)
        return None if frames == self._all else frames

    def _speed(self, reference: PathReference, rate: float) -> Fraction:
        fps = self.scene.fps
        if not (_LEAST_RATE < rate < _MOST_RATE and _LEAST_RATE < fps < _MOST_RATE) or (
            abs(rate - fps) < _SAME_RATE
        ):
            return Fraction(1)
        if self.policy is Policy.SMART:
            self.findings.append(warning("sequence-rate", reference.asked_by, (
                '"%s" plays at %g frames per second, the project at %g. Which files the frames '
                "need is reckoned from frame 0 and rounded down, which is unverified: use Glob "
                "to be sure." % (reference.source, rate, fps))))
        return _fraction(rate) / _fraction(fps)

    def safety_net(
        self, askers: Iterable[Asker], projects: tuple[ReferencedProject, ...],
    ) -> Iterator[Finding]:
        """A warning for each text that looks like a path and was neither scanned nor skipped."""
        known: dict[str, set[tuple[str, str]]] = {}
        scanned: dict[str, set[str]] = {}
        for asker in askers:
            reference = asker.reference
            if asker.skip is None:
                scanned.setdefault(reference.project, set()).add(reference.source)
            # Clarisse may write a text otherwise than it tells it.
            if asker.skip is not None or self.scene.localizes_references:
                known.setdefault(reference.project, set()).add(
                    (plain_item(reference.item), reference.attribute))
        # A text on disk that is older than the scene in Clarisse tells nothing.
        is_current = not (self.scene.localizes_references and self.scene.modified)
        files = [("", self.scene.path)] if is_current else []
        for key, path in files + [(project.path, project.path) for project in projects]:
            yield from _stray_findings(
                key, path, scanned.get(key, set()), known.get(key, set()))


def _stray_findings(
    project: str, path: str, scanned: set[str], known: set[tuple[str, str]],
) -> Iterator[Finding]:
    try:
        found = list(strays(read_text(path), scanned, known))
    except (OSError, ProjectFileError):
        return  # told elsewhere, or never saved
    for stray in found:
        name = "%s.%s" % (stray.item, stray.attribute) if stray.item else stray.attribute
        yield warning("path-unscanned", "%s: %s" % (project, name) if project else name, (
            '"%s" (line %d of "%s") looks like a path, but no rule says what it is, so nothing is '
            "uploaded for it. If a render reads it, add it to Extra Uploads."
            % (stray.text, stray.line, path)))


def skip_rule(reference: PathReference) -> Skip | None:
    """The rule by which no render reads this path; None when it is scanned."""
    if reference.hint is PathHint.SAVE:
        return Skip.SAVE
    if reference.private:
        return Skip.PRIVATE
    if not reference.enabled:
        return Skip.DISABLED
    return Skip.DERIVED if reference.attribute in DERIVED_PATHS else None


def resolved(
    source: str, asked_by: str, lookup: expressions.Lookup, findings: list[Finding] | None,
) -> str:
    """The path of a text; empty, with a finding, where it cannot be told."""
    try:
        return resolve_path(source, lookup).strip()
    except ExpressionError as problem:
        if findings is not None:
            findings.append(warning("path-expression", asked_by, (
                "%s\nIts files are not uploaded. Write the path without calculation, or add the "
                "files to Extra Uploads." % problem)))
        return ""


def _frames_of_items(scene: Scene, frames: JobFrames) -> dict[str, Sequence] | None:
    """The frames at which each item is needed; None when every item counts for all."""
    if scene.branches is None:
        return None
    needed: dict[str, Sequence] = {}
    for one in frames.images:
        for item in scene.branches.get(one.image.path, ()):
            before = needed.get(item)
            if before is None:
                needed[item] = one.frames
            elif before != one.frames:
                needed[item] = before | one.frames
    return needed


def _behavior(number: int) -> Behavior:
    """A number outside the menu drops."""
    return Behavior(number) if 0 <= number <= max(Behavior) else Behavior.DROP


def _fraction(rate: float) -> Fraction:
    return Fraction(rate).limit_denominator(_RATE_DENOMINATOR)


def leave_out(scene: Scene) -> LeaveOut:
    """The rule of the output folder, for folders that are uploaded with all they hold.

    An output folder below such a folder is left out; of one that is itself asked for, or that
    holds what is asked for, only what the job's images write.
    """
    outputs = list(_outputs(scene))

    def is_left_out(asked: str, file: str) -> bool:
        folder, _, name = file.rpartition("/")
        for output, written in outputs:
            if (folder + "/").startswith(output + "/"):
                if output.startswith(asked.rstrip("/") + "/"):
                    return True
                if folder == output and written.fullmatch(name):
                    return True
        return False

    return is_left_out


def _outputs(scene: Scene) -> Iterator[tuple[str, Pattern[str]]]:
    lookup = scene_lookup(scene)
    for image in scene.images:
        path = resolved(image.save_as, image.path, lookup, None)
        if image.enabled and path and paths.is_absolute(path):
            folder, _, leaf = paths.normalize(path).rpartition("/")
            if folder:
                yield folder, output_names(leaf, image.file_format)
