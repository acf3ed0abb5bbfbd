"""Where a finding belongs: which item, which attribute, and the text it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable, Mapping, Tuple

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.attributes import settings as setting_rows
from conductor.clarisse.snapshot import Scene
from conductor.lib.checks import Finding
from conductor.lib.secret_texts import command_options, holds_secret

_Place = Tuple[str, str, str]

# The attribute of an image that a check looks at.
_OF_IMAGES = {
    "render-to-disk-off": "render_to_disk",
    "output-path-missing": "save_as", "output-path-expression": "save_as",
    "output-path-folder": "save_as", "output-path-relative": "save_as",
    "output-collision": "save_as", "output-overwrites-input": "save_as",
    "image-range": "first_frame", "frames-outside": "first_frame",
}
# They may hold secrets.
_UNTOLD = ("extra_environment", "metadata")


def located(
    findings: Iterable[Finding], settings: JobSettings, scene: Scene,
) -> tuple[Finding, ...]:
    """The findings with item, attribute and text filled in, where these are known."""
    places = _places(settings, scene)
    saved = {image.path: image.save_as for image in scene.images}
    return tuple(_placed(finding, places, saved) for finding in findings)


def _places(settings: JobSettings, scene: Scene) -> dict[str, _Place]:
    places = {
        one.asked_by: (one.item, one.attribute, one.source)
        for one in scene.references}
    for row in setting_rows():
        places[row.name] = (scene.job, row.name, _text(row.name, getattr(settings, row.name)))
    return places


def _text(name: str, value: object) -> str:
    if name in _UNTOLD or not isinstance(value, str):
        return ""
    return "" if holds_secret(value) or any(command_options(value)) else value


def _placed(
    finding: Finding, places: Mapping[str, _Place], saved: Mapping[str, str],
) -> Finding:
    if finding.subject in places:
        item, attribute, text = places[finding.subject]
        return replace(finding, item=item, attribute=attribute, text=text)
    if finding.subject in saved:
        attribute = _OF_IMAGES.get(finding.code, "")
        text = saved[finding.subject] if attribute == "save_as" else ""
        return replace(finding, item=finding.subject, attribute=attribute, text=text)
    if "project://" in finding.subject:
        # In a referenced project, whose items are not part of the scene.
        item, _, attribute = finding.subject.rpartition(".")
        return replace(finding, item=item, attribute=attribute)
    return finding
