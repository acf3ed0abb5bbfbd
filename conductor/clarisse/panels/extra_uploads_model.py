"""The list of extra files to upload, without any window: sizes, what is missing, scans, reasons."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Iterable, Iterator, Mapping, Sequence

from conductor.clarisse.attributes import GLOB, SMART, JobSettings
from conductor.clarisse.frames import read_frames
from conductor.clarisse.pointing import in_words
from conductor.clarisse.resolving import scene_lookup
from conductor.clarisse.scan import leave_out, resolved
from conductor.clarisse.scan_report import OURS, ScanReport, Why
from conductor.clarisse.snapshot import Scene
from conductor.clarisse.upload_list import EXTRA_UPLOADS
from conductor.lib import sequence
from conductor.lib.checks import Finding, errors_of
from conductor.lib.dependencies import Answer, FileReference, Policy, ScanWatch, resolve
from conductor.lib.directory_listing import DirectoryListing
from conductor.lib.errors import ChecksError
from conductor.lib.paths import comparable, is_absolute, normalize
from conductor.lib.progress import size_text

SHOWN = 500
"""Rows that the window holds; the others are counted, and found with the filter."""

TOLD = 20
"""Most paths that one message names."""

HINT = (
    "Files here are uploaded beside those that the dependency scan finds. Variables such as $PDIR "
    "are kept as they are typed; a folder stands for all that is in it.")

_STEP = 256


# ---------------------------------------------------------------- the disk


@dataclass(frozen=True)
class OnDisk:
    """What one entry stands for.

    Attributes:
        sizes: of each of its files in bytes, by path; None where the size cannot be asked for.
        problem: why there is nothing, or not everything; empty when all is well.
    """

    sizes: Mapping[str, int | None]
    problem: str = ""

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(size or 0 for size in self.sizes.values())


def measure(
    scene: Scene, sources: Sequence[str], watch: ScanWatch | None = None,
) -> dict[str, OnDisk]:
    """Look entries up on disk, as a submission does.

    Args:
        sources: paths as typed, variables allowed; folders and patterns stand for many files.

    Raises:
        Cancelled: through ``watch``.
    """
    watch = watch or ScanWatch()
    lookup = scene_lookup(scene)
    found: dict[str, OnDisk] = {}
    wanted: dict[str, FileReference] = {}
    for source in sources:
        findings: list[Finding] = []
        path = resolved(source, EXTRA_UPLOADS, lookup, findings)
        if path:
            wanted[source] = FileReference(path, EXTRA_UPLOADS)
        else:
            found[source] = OnDisk({}, findings[0].message if findings else "It is empty.")
    answered = resolve(
        wanted.values(), sequence.Sequence(), Policy.GLOB, DirectoryListing(), leave_out(scene),
        watch)
    complaints = iter(answered.findings)
    for place, (source, answer) in enumerate(zip(wanted, answered.answers)):
        if place % _STEP == 0:
            watch.step(place, len(wanted))
        found[source] = _on_disk(answer, complaints)
    return found


def _on_disk(answer: Answer, complaints: Iterator[Finding]) -> OnDisk:
    # There is one complaint for each answer that misses something, in their order.
    problem = next(complaints).message if answer.missing else ""
    return OnDisk({path: _size(path) for path in answer.files}, problem)


def _size(path: str) -> int | None:
    try:
        return os.stat(path).st_size
    except OSError:
        return None


# ---------------------------------------------------------------- the scan


def look_through(
    settings: JobSettings, scene: Scene, policy: int, watch: ScanWatch | None = None,
) -> ScanReport:
    """Scan the scene for the frames of the job, whatever the policy of the item.

    Raises:
        ChecksError: the frames cannot be told.
        Cancelled: through ``watch``.
    """
    frames, findings = read_frames(settings, scene)
    errors = errors_of(findings)
    if errors:
        raise ChecksError("The scan needs to know the frames. %s: %s" % (
            errors[0].subject, in_words(errors[0].message)))
    return ScanReport(scene, frames, Policy(policy), (), watch)


POLICIES = {"Smart Sequence": SMART, "Glob": GLOB}
"""What a scan from the window can be asked to do, by the labels of its buttons."""

POLICY_QUESTION = (
    "How are sequences to be found?\n\n"
    "Smart Sequence: the files that the frames of the job need.\n"
    "Glob: every file on disk that belongs to a sequence.")


# ---------------------------------------------------------------- the list


def full_path(scene: Scene, text: str) -> str:
    """What was typed as a path, its variables resolved; empty where it is no full path."""
    path = resolved(text, EXTRA_UPLOADS, scene_lookup(scene), None)
    return normalize(path) if is_absolute(path) else ""


class ExtraUploads:
    """The entries of one item while they are edited, each with what is on disk.

    Attributes:
        policy: for the question who asks for a file: the item's, Smart where that is No Scan.
        report: the last scan, None before the first.
    """

    def __init__(self, settings: JobSettings) -> None:
        self.policy = settings.dependency_scan_policy or SMART
        self.report: ScanReport | None = None
        self._stored = settings.extra_uploads
        self._entries: dict[str, OnDisk | None] = dict.fromkeys(self._stored)
        # Adding up 100,000 entries at every sign of the filter would be felt.
        self._totals = ""

    @property
    def entries(self) -> tuple[str, ...]:
        """The list as it would be stored."""
        return tuple(self._entries)

    @property
    def is_changed(self) -> bool:
        """True when there is something to store."""
        return self.entries != self._stored

    # -- what is on disk

    def unmeasured(self) -> list[str]:
        """Entries that were not looked up yet."""
        return [source for source, found in self._entries.items() if found is None]

    def learn(self, found: Mapping[str, OnDisk]) -> None:
        """Take up what :func:`measure` found."""
        self._totals = ""
        for source, on_disk in found.items():
            if source in self._entries:
                self._entries[source] = on_disk

    def missing(self) -> list[str]:
        """Entries without any file on disk."""
        return [source for source, found in self._entries.items()
                if found is not None and not found.sizes]

    # -- changed by the artist

    def add(self, paths: Iterable[str]) -> str:
        """Append paths; says how many were new."""
        self._totals = ""
        wanted = [normalize(path) for path in paths if path.strip()]
        new = [path for path in dict.fromkeys(wanted) if path not in self._entries]
        self._entries.update(dict.fromkeys(new))
        if not wanted:
            return "Nothing was added."
        there = len(wanted) - len(new)
        return "Added %s%s." % (
            _count(len(new)), ", %s in the list already" % _are(there) if there else "")

    def remove(self, sources: Iterable[str]) -> str:
        """Take entries away; says how many."""
        self._totals = ""
        gone = [source for source in sources if source in self._entries]
        for source in gone:
            del self._entries[source]
        return "Removed %s." % _count(len(gone)) if gone else "Choose what to remove first."

    def remove_missing(self) -> str:
        """Take away what has no file on disk; says how many."""
        missing = self.missing()
        return self.remove(missing) if missing else "Nothing is missing."

    def add_found(self, report: ScanReport) -> str:
        """Append what a scan found and no entry stands for; says what it found and missed."""
        self.report, self._totals = report, ""
        known = {comparable(path) for found in self._entries.values() if found
                 for path in found.sizes}
        files = [file for file in report.files if file.asked_by != (OURS,)]
        new = [file for file in files if comparable(file.path) not in known]
        odd = [file.path for file in new if "$" in file.path]
        new = [file for file in new if "$" not in file.path]
        for file in new:
            self._entries[file.path] = OnDisk({file.path: file.size})
        lines = ["The scan found %s; %s not in the list and added." % (
            _count(len(files)), _are(len(new), "was", "were"))]
        if odd:
            lines.append("Not added, because $ would begin a variable in the list:")
            lines += _cut(["  " + path for path in odd])
        if report.missing:
            lines.append("%s that the scene asks for %s not on disk:" % (
                _count(len(report.missing)), "is" if len(report.missing) == 1 else "are"))
            lines += _cut(["  %s   (%s)" % pair for pair in report.missing])
        return "\n".join(lines)

    # -- shown

    def matching(self, words: str = "") -> list[str]:
        """Entries that hold all the words."""
        wanted = words.lower().split()
        return [source for source in self._entries
                if all(word in source.lower() for word in wanted)]

    def rows(self, words: str = "") -> list[tuple[str, str]]:
        """Entry and text of the rows that the window holds."""
        return [(source, self.line(source)) for source in self.matching(words)[:SHOWN]]

    def line(self, source: str) -> str:
        """One entry in words."""
        found = self._entries[source]
        if found is None:
            return source
        if not found.sizes:
            return source + "   (NOT ON DISK)"
        several = "%s, " % _count(len(found.sizes)) if _is_many(found) else ""
        partly = ", not all on disk" if found.problem else ""
        return "%s   (%s%s%s)" % (source, several, size_text(found.size), partly)

    def summary(self, words: str = "") -> str:
        """How many files and bytes, what is missing, and how much of it is shown."""
        self._totals = self._totals or self._sum_up()
        matching, rows = len(self.matching(words)), len(self._entries)
        if matching > SHOWN:
            shown = "; %d of %d rows shown, filter to see others" % (SHOWN, matching)
        else:
            shown = "; %d of %d rows shown" % (matching, rows) if matching < rows else ""
        return self._totals + shown

    def _sum_up(self) -> str:
        sizes: dict[str, int | None] = {}
        for found in self._entries.values():
            sizes.update(found.sizes if found is not None else {})
        size = sum(size or 0 for size in sizes.values())
        missing, unmeasured = len(self.missing()), len(self.unmeasured())
        return "; ".join(filter(None, (
            "%s, %s" % (_count(len(sizes)), size_text(size)),
            "%d missing" % missing if missing else "",
            "%d not looked up" % unmeasured if unmeasured else "")))

    def hint(self) -> str:
        """What the window says when it opens."""
        missing = len(self.missing())
        return "%s not on disk. %s" % (_are(missing), HINT) if missing else HINT

    def why(self, sources: Sequence[str]) -> str:
        """Who asks for these entries beside this list, or why nobody does."""
        told = [self._why(source, self.report) for source in sources[:TOLD] if self.report]
        more = len(sources) - TOLD
        return "\n\n".join(told + (["%d more are chosen." % more] if more > 0 else []))

    def why_path(self, path: str) -> str:
        """Who asks for any file, or why it is not uploaded, whether it is in this list or not."""
        if self.report is None:
            return ""
        why, key = self.report.why(path), comparable(path)
        is_listed = any(comparable(one) == key for found in self._entries.values() if found
                        for one in found.sizes)
        return _beside_the_list(why) if is_listed else why.to_text()

    def _why(self, source: str, report: ScanReport) -> str:
        found = self._entries[source] or OnDisk({}, "It was not looked up.")
        if not found.sizes:
            return _why_missing(source, found, report)
        path = next(iter(found.sizes))
        told = _beside_the_list(report.why(path))
        if _is_many(found):
            told = "%s stands for %s. The first of them:\n%s" % (
                source, _count(len(found.sizes)), told)
        return told

    def log_text(self) -> str:
        """Everything for the log."""
        lines = _cut([self.line(source) for source in self._entries])
        return "\n".join(["Extra files to upload: " + self.summary(), *lines])


def _is_many(found: OnDisk) -> bool:
    """True for a folder or a pattern with several files."""
    return len(found.sizes) > 1


def _beside_the_list(why: Why) -> str:
    """The scan's answer about a file that is in this list too."""
    if why.uploaded:
        return why.to_text()
    lines = why.to_text().splitlines()
    return "\n".join([
        "%s is uploaded because it is in this list. The scan alone would leave it out: %s"
        % (why.path, why.why_not), *lines[1:]])


def _why_missing(source: str, found: OnDisk, report: ScanReport) -> str:
    """Why an entry without a file is in vain, and who asks for that file beside this list."""
    asked = [path for path, _ in report.missing if comparable(path) == comparable(source)]
    if asked:
        return report.why(asked[0]).to_text()
    return "%s is not uploaded, and nothing in the scene asks for it. %s" % (
        source, found.problem)


def _count(files: int) -> str:
    return "1 file" if files == 1 else "%d files" % files


def _are(count: int, one: str = "is", many: str = "are") -> str:
    return "%d %s" % (count, one if count == 1 else many)


def _cut(lines: Sequence[str]) -> list[str]:
    more = len(lines) - TOLD
    return list(lines[:TOLD]) + (["  ... and %d more" % more] if more > 0 else [])
