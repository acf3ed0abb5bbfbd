"""``conductor clarisse install``: ConductorJob into an artist's Clarisse, and out again."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Sequence

import click

from conductor.cli.clarisse_env import STARTUP_FILE
from conductor.cli.env_files import EnvFile, Outcome, put_in, take_out
from conductor.cli.options import examples, json_option
from conductor.cli.output import console, note, print_json, table
from conductor.cli.plugin import wheels_option
from conductor.cli.plugin_folder import build, read_manifest
from conductor.cli.preference_folders import PreferenceFolder, find_folders, this_system
from conductor.lib.errors import ArgumentError

_OWN_FOLDER = "~/.conductor/clarisse-plugin"
_TOO_OLD = "skipped: it has only Python 2.7"


class Request(NamedTuple):
    """Which preferences are meant, and whether anything is written."""

    version: str
    config_dir: str
    dry_run: bool


@click.command(epilog=examples(
    "conductor clarisse install",
    "conductor clarisse install --to /tools/conductor --version 5.0",
    "conductor clarisse install --use /tools/conductor --dry-run",
    "conductor clarisse install --uninstall",
))
@click.option("--to", "target", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="Where the plug-in is built; default: %s." % _OWN_FOLDER)
@click.option("--use", "ready", metavar="DIR", type=click.Path(file_okay=False, path_type=Path),
              help="A plug-in that is built already, such as the studio's; nothing is built.")
@wheels_option
@click.option("--version", metavar="VERSION", default="",
              help="Only this Clarisse, such as 5.0; default: all from 5 on.")
@click.option("--config-dir", metavar="DIR", default="",
              help="Where clarisse.env is, or the folders of the versions are.")
@click.option("--uninstall", is_flag=True, help="Take it out again.")
@click.option("--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@json_option
def install(
    target: Path | None, ready: Path | None, wheels: Path | None, version: str, config_dir: str,
    uninstall: bool, dry_run: bool, as_json: bool,
) -> None:
    """Register ConductorJob in Clarisse's preferences, for its next start.

    Two entries of clarisse.env are set, CONDUCTOR_LOCATION and CLARISSE_STARTUP_SCRIPT; scripts of
    other plug-ins stay. The file as it was is kept beside it.
    """
    if uninstall and (target or ready or wheels):
        raise ArgumentError("--uninstall takes no --to, --use or --wheels: it finds the entries")
    if target and ready:
        raise ArgumentError("--to builds a plug-in, --use takes a built one: give one of them")
    request = Request(version, config_dir, dry_run)
    folders = find_folders(this_system(), os.environ, config_dir, version)
    location = "" if uninstall else _location(target, ready, wheels, request)
    outcomes = _outcomes(folders, location, request)
    if as_json:
        print_json({"location": location, "dry_run": dry_run,
                    "files": [outcome.to_json() for outcome in outcomes]})
        return
    _tell(outcomes, location, request)


def _location(target: Path | None, ready: Path | None, wheels: Path | None, ask: Request) -> str:
    """The plug-in's folder, built unless it is there."""
    if ready:
        read_manifest(ready)
        return os.path.abspath(str(ready))
    folder = os.path.abspath(os.path.expanduser(str(target or _OWN_FOLDER)))
    if not ask.dry_run:
        build(Path(folder), wheels)
    return folder


def _outcomes(
    folders: Sequence[PreferenceFolder], location: str, ask: Request
) -> list[Outcome]:
    system = this_system()
    found = []
    for folder in folders:
        file = EnvFile(folder.version, folder.env_file, system)
        if location and not folder.has_python3 and not ask.version:
            found.append(Outcome(file.version, file.path, _TOO_OLD, ()))
        elif location:
            found.append(put_in(file, location, ask.dry_run))
        else:
            found.append(take_out(file, ask.dry_run))
    return found


def _tell(outcomes: Sequence[Outcome], location: str, ask: Request) -> None:
    console().print(table(
        ("Clarisse", "file", "done"), [(each.version, each.path, each.what) for each in outcomes]))
    for remark in dict.fromkeys(remark for each in outcomes for remark in each.remarks):
        note(remark)
    if ask.dry_run:
        note("Nothing was written.")
    elif location:
        click.echo(_next_steps(location))


def _next_steps(location: str) -> str:
    return (
        "Start Clarisse again: ConductorJob is then in the Create menu, and in the browser's menu "
        "under New.\nWithout a restart, type into its script editor:\n"
        "    import sys; sys.path.insert(0, %r)\n"
        "    from conductor.clarisse import startup\n"
        "If it is not there, Clarisse's log says why (docs/install.md). The script that is run:\n"
        "    %s/%s" % (location, location, STARTUP_FILE))


