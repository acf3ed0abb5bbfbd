"""``conductor clarisse plugin``: the plug-in as one folder, for a share that artists read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from conductor.cli.options import examples, json_option
from conductor.cli.output import console, counted, print_json, table
from conductor.cli.plugin_folder import Difference, build, differences, read_manifest
from conductor.lib.errors import ChecksError

wheels_option = click.option(
    "--wheels", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the wheels of the dependencies; no package index is asked then.")


@click.command(epilog=examples(
    "conductor clarisse plugin /tools/conductor",
    "conductor clarisse plugin /tools/conductor --wheels wheels",
    "conductor clarisse plugin /tools/conductor --check",
))
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@wheels_option
@click.option("--check", "only_check", is_flag=True,
              help="Build nothing; say which files are not as they were built.")
@json_option
def plugin(folder: Path, wheels: Path | None, only_check: bool, as_json: bool) -> int:
    """Build the plug-in for Clarisse 5 into a folder of its own.

    It holds all that the plug-in needs, can be copied and moved, and needs no package index
    afterwards. An older plug-in at that place is replaced, anything else is left alone.
    """
    if only_check:
        return _check(folder, as_json)
    manifest = build(folder, wheels)
    if as_json:
        print_json(_summary(folder, manifest))
    else:
        click.echo('The plug-in %s is in "%s" (%s). Let artists run\n'
                   '    conductor clarisse install --use "%s"' % (
                       manifest["version"], folder, counted(len(manifest["files"]), "file"),
                       folder))
    return 0


def _check(folder: Path, as_json: bool) -> int:
    found = differences(folder)
    if as_json:
        summary = _summary(folder, read_manifest(folder))
        print_json(dict(summary, differences=[entry._asdict() for entry in found]))
    elif found:
        console().print(table(Difference._fields, found))
    else:
        click.echo('"%s" is as it was built.' % folder)
    return ChecksError.exit_code if found else 0


def _summary(folder: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    return {"folder": str(folder), "files": len(manifest["files"]),
            **{name: manifest[name] for name in ("version", "python", "dependencies")}}
