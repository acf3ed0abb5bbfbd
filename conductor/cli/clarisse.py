"""``conductor clarisse``: what the plugin does, on a project file, without Clarisse."""

from __future__ import annotations

from typing import Any, Sequence

import click

from conductor.clarisse import project_file
from conductor.clarisse.attributes import CLASS_NAME
from conductor.clarisse.expected_files import note_expected
from conductor.clarisse.panels import preview_model
from conductor.clarisse.prepared import abandoned_after, clean_up, put_aside
from conductor.clarisse.render_package import write_package
from conductor.clarisse.run_state import client_or_none
from conductor.cli.check import check
from conductor.cli.connection import connect, load_config
from conductor.cli.install import install
from conductor.cli.options import examples, json_option
from conductor.cli.output import console, counted, print_findings, print_json, table
from conductor.cli.plugin import plugin
from conductor.cli.progress_bar import ProgressBar
from conductor.cli.run import run
from conductor.cli.scan import scan
from conductor.cli.scene_job import (
    Choice,
    choice_options,
    prepared_job,
    read_project,
    scene_argument,
)
from conductor.cli.selfcheck import selfcheck
from conductor.lib.checks import errors_of
from conductor.lib.conductor_submit import send
from conductor.lib.errors import ChecksError
from conductor.lib.pre_submit import ask_pre_submit


@click.group()
def clarisse() -> None:
    """Work on Clarisse scenes without Clarisse."""


@clarisse.command(epilog=examples(
    "conductor clarisse info shot.project", "conductor clarisse info shot.project --json"))
@scene_argument
@json_option
def info(scene: str, as_json: bool) -> None:
    """Show what a project holds: version, images, layers, jobs."""
    found = _describe(read_project(scene))
    if as_json:
        print_json(found)
        return
    target = console()
    target.print("%s: Clarisse %s, %d items" % (scene, found["clarisse"], found["items"]))
    target.print(table(
        ("item", "class", "frames", "save as"),
        [(entry["path"], entry["class"], entry["frames"], entry["save_as"])
         for entry in found["images"]],
    ))
    for job in found["jobs"]:
        target.print("%s: %s" % (CLASS_NAME, job))


def _describe(project: project_file.ProjectFile) -> dict[str, Any]:
    items = [entry for entry in project.items() if not entry.is_context]
    return {
        "clarisse": project.header.clarisse,
        "items": len(items),
        "images": [_describe_image(entry) for entry in items if entry.values("first_frame")],
        "jobs": [entry.path for entry in items if entry.class_name == CLASS_NAME],
    }


def _describe_image(entry: project_file.Item) -> dict[str, str]:
    return {
        "path": entry.path, "class": entry.class_name,
        "frames": "%s-%s" % (_text(entry, "first_frame"), _text(entry, "last_frame")),
        "save_as": _text(entry, "save_as"),
    }


def _text(entry: project_file.Item, name: str) -> str:
    values = entry.values(name)
    return values[0].text if values else ""


@clarisse.command(epilog=examples(
    "conductor clarisse preview shot.project",
    "conductor clarisse preview shot.project --image project://scene/image"
    " --set use_custom_frames=1 --set custom_frames=1-10x3",
))
@choice_options
@json_option
def preview(choice: Choice, as_json: bool) -> int:
    """Show exactly what submit would send. Nothing is written or sent."""
    config = load_config()
    with prepared_job(choice, config, client_or_none(config)) as ready:
        model = preview_model.of(ready.prepared)
        if as_json:
            print_json(model.to_json())
        else:
            click.echo(model.to_text())
            print_findings(ready.prepared.findings, console(stderr=True))
        return ChecksError.exit_code if errors_of(ready.prepared.findings) else 0


@clarisse.command(epilog=examples(
    "conductor clarisse submit shot.project --set project=default",
    "conductor clarisse submit shot.project --job project://ConductorJob --yes --json",
))
@choice_options
@json_option
@click.option("--yes", is_flag=True, help="Go on with warnings, without asking.")
def submit(choice: Choice, as_json: bool, yes: bool) -> None:
    """Upload what the job needs and start it."""
    config = load_config()
    client = connect(config)
    with prepared_job(choice, config, client) as ready:
        found = ready.prepared.findings
        if not errors_of(found):
            found += ask_pre_submit(ready.prepared.submission, config)
        _stop_on_findings(found, yes)
        write_package(ready.ix, ready.prepared)
        note_expected(ready.prepared, config)
        with abandoned_after(ready.prepared), ProgressBar() as bar:
            result = send(
                ready.prepared.submission, client, config, on_progress=bar,
                around_post=lambda: put_aside(ready.prepared))
        clean_up(ready.prepared)
    if as_json:
        print_json({"response": result.response, "code": result.code})
    else:
        click.echo("job %s: %s%s" % (result.job_id, client.url, result.response.get("uri", "")))


def _stop_on_findings(findings: Sequence[Any], yes: bool) -> None:
    target = console(stderr=True)
    print_findings(findings, target)
    errors = errors_of(findings)
    if errors:
        raise ChecksError("%s: nothing was submitted" % counted(len(errors), "error"))
    if any(finding.level.value == "warning" for finding in findings) and not yes:
        click.confirm("Submit with these warnings?", abort=True, err=True)


clarisse.add_command(check)
clarisse.add_command(scan)
clarisse.add_command(run)
clarisse.add_command(plugin)
clarisse.add_command(install)
clarisse.add_command(selfcheck)
