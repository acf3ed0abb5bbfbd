"""``conductor clarisse scan``: the files that a scene needs, who asks for each, what is missing."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Iterator

import click

from conductor.clarisse import item, scene
from conductor.clarisse.attributes import CLASS_NAME, GLOB, NO_SCAN, SMART
from conductor.clarisse.frames import read_frames
from conductor.clarisse.headless import session
from conductor.clarisse.host import HostModule, objects_of
from conductor.clarisse.scan import SCOPES, scan_scope
from conductor.clarisse.scan_report import ScanReport
from conductor.cli.connection import load_config
from conductor.cli.options import examples, json_option
from conductor.cli.output import console, print_findings, print_json, table
from conductor.cli.progress_bar import ProgressBar
from conductor.lib.checks import errors_of
from conductor.lib.config import Config
from conductor.lib.dependencies import Policy, ScanWatch
from conductor.lib.errors import ChecksError
from conductor.lib.progress import size_text

_POLICIES = {"none": NO_SCAN, "glob": GLOB, "smart": SMART}


@click.command(epilog=examples(
    "conductor clarisse scan shot.project",
    "conductor clarisse scan shot.project --image project://scene/image --frames 1-10x3 --json",
    "conductor clarisse scan shot.project --why tex/background.0101.png",
))
@click.argument("path", metavar="SCENE", type=click.Path(exists=True, dir_okay=False))
@click.option("--image", "images", multiple=True, metavar="ITEM",
              help="Image or layer to render; repeatable. Default: those of the scene's "
                   "ConductorJob, else all that render to disk.")
@click.option("--job", metavar="ITEM", help="The ConductorJob; needed when there are several.")
@click.option("--policy", type=click.Choice(list(_POLICIES)),
              help="How files are found; default: as the ConductorJob says.")
@click.option("--frames", metavar="SPEC", help="Frames instead of those of job and images.")
@click.option("--scope", type=click.Choice(SCOPES),
              help="Paths of the whole project, or only what the images depend on.")
@click.option("--why", metavar="PATH", help="Say who asks for this file, or why nobody does.")
@json_option
def scan(
    path: str, images: tuple[str, ...], job: str | None, policy: str | None, frames: str | None,
    scope: str | None, why: str | None, as_json: bool,
) -> int:
    """Show every file that a job would upload, and what is missing. Nothing is written."""
    config = load_config(scan_scope=scope)
    with _job_of(path, job, images) as (ix, found):
        # Scouting decides what starts first, not what is needed.
        settings = replace(item.read_settings(found), use_scout_frames=False)
        if frames:
            settings = replace(settings, use_custom_frames=True, custom_frames=frames)
        read = scene.read_scene(ix, found, with_branches=scan_scope(config) == "images")
    rendered, problems = read_frames(settings, read)
    chosen = Policy(_POLICIES[policy] if policy else settings.dependency_scan_policy)
    if errors_of(problems):
        print_findings(problems, console(stderr=True))
        raise ChecksError("the frames cannot be told, so neither can the files")
    with ProgressBar() as bar:
        report = ScanReport(
            read, rendered, chosen, _extra(settings.extra_uploads, config), ScanWatch(bar))
    _print(report, why, as_json)
    return 0


def _extra(uploads: tuple[str, ...], config: Config) -> tuple[str, ...]:
    return (*uploads, *(config.get("upload_paths") or ()))


@contextmanager
def _job_of(
    path: str, job: str | None, images: tuple[str, ...],
) -> Iterator[tuple[HostModule, Any]]:
    """The scene open in the stand-in, with a ConductorJob: one of its own, or made for images."""
    with session(path, gui=False) as ix:
        # Imported here: it registers the class with the Clarisse it finds.
        from conductor.clarisse import startup

        startup.register(ix)
        if not job and not images and not objects_of(ix, CLASS_NAME):
            images = tuple(
                str(image.get_full_name()) for image in objects_of(ix, "Image")
                if image.get_attribute("render_to_disk").get_bool()
            ) or tuple(str(image.get_full_name()) for image in objects_of(ix, "Image"))
        yield ix, item.find_or_create_job(ix, job, images)


def _print(report: ScanReport, why: str | None, as_json: bool) -> None:
    if why is not None:
        answer = report.why(why)
        if as_json:
            print_json(answer.to_json())
        else:
            click.echo(answer.to_text())
    elif as_json:
        print_json(report.to_json())
    else:
        _print_tables(report)


def _print_tables(report: ScanReport) -> None:
    target = console()
    target.print(table(
        ("file", "size", "asked for by"),
        [(file.path, "" if file.size is None else size_text(file.size), _askers(file.asked_by))
         for file in report.files], numbers=("size",)))
    target.print("%d files, %s, beside the render package" % (
        len(report.files), size_text(report.total_size)))
    if report.missing:
        target.print(table(("missing", "asked for by"), report.missing))
    print_findings(report.findings, console(stderr=True))


def _askers(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else "%s and %d more" % (names[0], len(names) - 1)
