"""The ``conductor`` command: its groups, and how errors become one message and an exit code."""

from __future__ import annotations

import os
import sys
from typing import NoReturn, Sequence

import click

from conductor import __version__
from conductor.cli.lazy import LazyGroup
from conductor.lib.errors import Cancelled, ConductorError

_COMMANDS = {
    "demo": ("conductor.cli.demo:demo", "Render the sample shot on this machine, start to end."),
    "serve": ("conductor.cli.serve:serve", "Run a Conductor-compatible render service."),
    "clarisse": ("conductor.cli.clarisse:clarisse", "Work on Clarisse scenes without Clarisse."),
    "submit": ("conductor.cli.submit:submit", "Submit a job described in a file."),
    "jobs": ("conductor.cli.jobs:jobs", "List, watch, release and stop jobs."),
    "download": ("conductor.cli.download:download", "Fetch the rendered files of jobs."),
    "projects": ("conductor.cli.listings:projects", "List the projects of the account."),
    "packages": ("conductor.cli.listings:packages", "List the software packages on offer."),
    "instance-types": ("conductor.cli.listings:instance_types", "List the machines on offer."),
    "config": ("conductor.cli.config:config", "Show every setting and where it came from."),
}


_HELP = {"help_option_names": ["-h", "--help"]}


@click.group(cls=LazyGroup, lazy=_COMMANDS, context_settings=_HELP)
@click.version_option(__version__, "-v", "--version", message="conductor %(version)s")
def conductor() -> None:
    """Submit Isotropix Clarisse renders to Conductor, or to the studio's own machines."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code (see conductor.lib.errors for the codes)."""
    try:
        code = conductor.main(arguments, prog_name="conductor", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return _fail("stopped", Cancelled.exit_code)
    except ConductorError as error:
        return _fail(str(error), error.exit_code)
    except BrokenPipeError:
        # Who read our output has left. Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _fail(str(error), ConductorError.exit_code)
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """The entry point of the console script."""
    sys.exit(run())


def _fail(message: str, code: int) -> int:
    click.echo("conductor: " + message, err=True)
    return code
