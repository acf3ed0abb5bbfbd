"""``conductor clarisse check``: what is wrong with a job, before anything is sent."""

from __future__ import annotations

from dataclasses import replace

import click

from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.classes import is_kind_of
from conductor.clarisse.project_file import Item, ProjectFile
from conductor.clarisse.run_state import client_or_none
from conductor.cli.connection import load_config
from conductor.cli.options import examples, json_option
from conductor.cli.output import console, note, print_findings, print_json
from conductor.cli.scene_job import Choice, choice_options, prepared_job, read_project
from conductor.lib.checks import Level
from conductor.lib.errors import ChecksError


@click.command(epilog=examples(
    "conductor clarisse check shot.project",
    "conductor clarisse check shot.project --image project://scene/image --json",
))
@choice_options
@json_option
def check(choice: Choice, as_json: bool) -> int:
    """Look at everything that could go wrong. Nothing is written or sent.

    A scene without a ConductorJob is checked as if one named every image that renders to disk.
    """
    config = load_config()
    if not choice.job and not choice.images:
        choice = replace(choice, images=images_to_check(read_project(choice.scene)))
    with prepared_job(choice, config, client_or_none(config)) as ready:
        findings = ready.prepared.findings
    if as_json:
        print_json({"scene": choice.scene, "findings": [finding.to_json() for finding in findings]})
    else:
        print_findings(findings, console())
        note(", ".join("%d %ss" % (sum(one.level is level for one in findings), level.value)
                       for level in Level))
    return ChecksError.exit_code if any(
        finding.level is Level.ERROR for finding in findings) else 0


def images_to_check(project: ProjectFile) -> tuple[str, ...]:
    """The images that render to disk, where the project has no job that names some."""
    if any(item.class_name == CLASS_NAME for item in project.items()):
        return ()
    return tuple(
        item.path for item in project.items()
        if is_kind_of(item.class_name, "Image") and _is_on(item))


def _is_on(item: Item) -> bool:
    values = item.values("render_to_disk")
    return values is not None and (not values or values[0].text in ("yes", "1"))
