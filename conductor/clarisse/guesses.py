"""What a reader of a project file can only guess, and which findings rest on it.

Clarisse leaves out of the file what equals the default of the class, and not every default is
known: without Clarisse such a value may be wrong, and so may be what a check made of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, Iterable, Iterator, Mapping

from conductor.clarisse.choices import check_version
from conductor.clarisse.classes import Confidence, attribute_info
from conductor.clarisse.project_file import Item, ProjectFile
from conductor.lib.checks import Finding, Level

_SAYS_SO = (
    " (Unsure: the project leaves %s out, so it has the default of its class, which is not known "
    "for certain.)")
# Two values that are left out are at least equal.
_COMPARING = ("output-collision",)
# The stand-in's, not the artist's.
_OF_THE_HOST = ("scene-modified", "package-version")


def without_clarisse(
    findings: Iterable[Finding], read: Callable[[], ProjectFile],
    packages: Iterable[Mapping[str, object]] = (), levels: Mapping[str, str] | None = None,
) -> tuple[Finding, ...]:
    """The findings as they are worth when nobody asked Clarisse itself.

    Args:
        read: reads the project; only called where a finding needs it.
        packages: those that are chosen; compared with the version in the file's head.
        levels: the configuration's; a check that has one there keeps it.
    """
    reader = _Reader(read)
    kept = [reader.judged(finding, levels or {}) for finding in findings
            if finding.code not in _OF_THE_HOST]
    chosen = [dict(package) for package in packages]
    if any(package.get("product") == "clarisse" for package in chosen):
        kept.extend(check_version(chosen, reader.project.header.clarisse))
    return tuple(kept)


class _Reader:
    """The project, read when it is first needed."""

    def __init__(self, read: Callable[[], ProjectFile]) -> None:
        self._read = read
        self._project: ProjectFile | None = None

    @property
    def project(self) -> ProjectFile:
        """The project."""
        if self._project is None:
            self._project = self._read()
        return self._project

    def judged(self, finding: Finding, levels: Mapping[str, str]) -> Finding:
        """The finding; an error that rests on a guess as a warning that says so."""
        if finding.level is not Level.ERROR or not finding.rests_on or finding.code in levels:
            return finding
        guessed = [value for value in finding.rests_on if self._is_guess(value)]
        is_certain = not guessed or finding.code in _COMPARING and len(guessed) == len(
            finding.rests_on)
        if is_certain:
            return finding
        return replace(finding, level=Level.WARNING, message=finding.message + _SAYS_SO % (
            " and ".join(guessed)))

    def _is_guess(self, value: str) -> bool:
        path, _, name = value.rpartition(".")
        item = self.project.item(path)
        if item is None or any(one.values(name) is not None for one in self._sources(item)):
            return False
        about = attribute_info(item.class_name, name)
        return about is not None and about.confidence is Confidence.GUESSED

    def _sources(self, item: Item) -> Iterator[Item]:
        """The item, and what it is an instance of."""
        seen: list[str] = []
        found: Item | None = item
        while found is not None and found.path not in seen:
            yield found
            seen.append(found.path)
            source = found.entry.find("source")
            found = self.project.item(source.tokens[0].text) if source and source.tokens else None
