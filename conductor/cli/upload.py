"""``conductor upload``: files sent ahead, so that the job that needs them starts at once."""

from __future__ import annotations

from typing import Any

import click

from conductor.cli.connection import load_config
from conductor.cli.options import examples, json_option, project_option, threads_option
from conductor.cli.submit import send
from conductor.lib.errors import ArgumentError


@click.command(epilog=examples(
    "conductor upload textures scene.project",
    "conductor upload --file-list paths.txt --project default --threads 8",
))
@click.argument("paths", nargs=-1, type=click.Path(exists=True))
@click.option("--file-list", "upload_file", type=click.Path(exists=True, dir_okay=False),
              help="Text file with a path on each line, in addition to PATHS.")
@click.option("--force", "force_upload", is_flag=True,
              help="Send what the service has already, too.")
@click.option("--dry-run", is_flag=True, help="List the files; send nothing.")
@project_option
@threads_option
@json_option
def upload(
    paths: tuple[str, ...], upload_file: str | None, force_upload: bool, dry_run: bool,
    project: str | None, thread_count: int | None, as_json: bool,
) -> None:
    """Send files and folders; no job is made. What the service has already is not sent again."""
    if not paths and not upload_file:
        raise ArgumentError("name files or folders to send, or a --file-list")
    arguments: dict[str, Any] = {
        "upload_only": True, "local_upload": True, "upload_paths": list(paths),
        "upload_file": upload_file, "force_upload": force_upload or None,
    }
    config = load_config(project=project, thread_count=thread_count)
    send(arguments, config, dry_run, as_json)
