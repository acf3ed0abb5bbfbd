"""Where a finding belongs: which item, which attribute, and the text it holds."""

from __future__ import annotations

from dataclasses import replace
from typing import Iterable, Mapping, Tuple

from conductor.clarisse.attributes import JobSettings
from conductor.clarisse.attributes import settings as setting_rows
from conductor.clarisse.snapshot import Image, PathReference, Scene
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
    inside: Iterable[PathReference] = (),
) -> tuple[Finding, ...]:
    """The findings with item, attribute and text filled in, where these are known.

    Args:
        inside: paths of referenced projects, whose items are named with their project.
    """
    places = _places(settings, scene, inside)
    images = {image.path: image for image in scene.images}
    return tuple(_placed(finding, places, images) for finding in findings)


def _places(
    settings: JobSettings, scene: Scene, inside: Iterable[PathReference],
) -> dict[str, _Place]:
    places = {
        one.asked_by: (one.asked_by.rpartition(".")[0], one.attribute, one.source)
        for one in (*scene.references, *inside)}
    for row in setting_rows():
        places[row.name] = (scene.job, row.name, _text(row.name, getattr(settings, row.name)))
    return places


def _text(name: str, value: object) -> str:
    if name in _UNTOLD:
        return ""
    text = " ".join('"%s"' % one for one in value) if isinstance(value, tuple) else str(value)
    return "" if holds_secret(text) or any(command_options(text)) else text


def _placed(
    finding: Finding, places: Mapping[str, _Place], images: Mapping[str, Image],
) -> Finding:
    place = places.get(finding.subject) or places.get(
        "%s.%s" % (finding.item, finding.attribute))
    if place is not None:
        item, attribute, text = place
        return replace(finding, item=item, attribute=attribute, text=text)
    if finding.subject in images:
        attribute = _OF_IMAGES.get(finding.code, "")
        value = getattr(images[finding.subject], attribute, "")
        return replace(finding, item=finding.subject, attribute=attribute, text=str(value))
    return finding
