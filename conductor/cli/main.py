"""The ``conductor`` command: its groups, and how errors become one message and an exit code."""

from __future__ import annotations

import logging
import os
import sys
import traceback
from typing import NoReturn, Sequence

import click

from conductor import __version__
from conductor.cli.lazy import LazyGroup
from conductor.lib.errors import Cancelled, ConductorError, ConfigError, InputError

LOG = logging.getLogger("conductor.cli")

_COMMANDS = {
    "demo": ("conductor.cli.demo:demo", "Render the sample shot on this machine, start to end."),
    "clarisse": ("conductor.cli.clarisse:clarisse", "Work on Clarisse scenes without Clarisse."),
    "submit": ("conductor.cli.submit:submit", "Submit a job described in a file."),
    "jobs": ("conductor.cli.jobs:jobs", "List, watch, release, stop and retry jobs."),
    "upload": ("conductor.cli.upload:upload", "Send files ahead of a job."),
    "download": ("conductor.cli.download:download", "Fetch the rendered files of jobs."),
    "uploader": ("conductor.cli.daemons:uploader", "Bring the files of jobs, until stopped."),
    "downloader": ("conductor.cli.daemons:downloader", "Fetch finished frames, until stopped."),
    "projects": ("conductor.cli.listings:projects", "List the projects of the account."),
    "packages": ("conductor.cli.listings:packages", "List the software packages on offer."),
    "instance-types": ("conductor.cli.listings:instance_types", "List the machines on offer."),
    "login": ("conductor.cli.sign_in:login", "Sign in by the browser."),
    "logout": ("conductor.cli.sign_in:logout", "Forget the sign-in."),
    "config": ("conductor.cli.config:config", "Show every setting and where it came from."),
    "serve": ("conductor.cli.serve:serve", "Run a Conductor-compatible render service."),
    "completion": ("conductor.cli.completion:completion", "Print a shell's completion script."),
}
_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=LazyGroup, lazy=_COMMANDS, context_settings=_SETTINGS)
@click.version_option(__version__, "-v", "--version", message="conductor %(version)s")
@click.option("--setting", "settings", multiple=True, metavar="NAME=VALUE",
              help="A setting for this run, above config.yml and the environment; repeatable.")
@click.pass_context
def conductor(context: click.Context, settings: tuple[str, ...]) -> None:
    """Submit Isotropix Clarisse renders to Conductor, or to the studio's own machines."""
    from conductor.cli import log_file
    from conductor.cli.connection import explicit_settings, load_config

    context.obj = explicit_settings(settings)
    try:
        config = load_config()
    except ConfigError:
        # Told by the subcommand, if it needs the settings; --help and completion do not.
        config = None
    log_file.start(config)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code (see conductor.lib.errors for the codes)."""
    try:
        return _run(arguments)
    finally:
        from conductor.cli import log_file

        log_file.stop()


def _run(arguments: Sequence[str] | None) -> int:
    try:
        code = conductor.main(arguments, prog_name="conductor", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _fail("stopped", Cancelled.exit_code)
    except ConductorError as error:
        return _expected(error)
    except BrokenPipeError:
        # Who read our output has left. Nothing more may be written, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        place = _logged(error, logging.INFO)
        return _fail(str(error) + (place and "\n(log: %s)" % place), ConductorError.exit_code)
    except Exception as error:  # noqa: BLE001 (the top: a traceback helps nobody at a terminal)
        return _unexpected(error)
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """The entry point of the console script."""
    sys.exit(run())


def _expected(error: ConductorError) -> int:
    """An error of the tree; what is not the user's own doing can be followed in the log."""
    place = "" if isinstance(error, (InputError, Cancelled)) else _logged(error, logging.INFO)
    _show_trace(error)
    return _fail(str(error) + (place and "\n(log: %s)" % place), error.exit_code)


def _unexpected(error: Exception) -> int:
    """An error of ours: one line, and the log has all of it."""
    place = _logged(error, logging.ERROR)
    _show_trace(error)
    words = " ".join(str(error).split())
    return _fail("unexpected %s%s; %s" % (
        type(error).__name__, words and ": " + words,
        "the whole error is in %s" % place if place else "the log cannot be written",
    ), ConductorError.exit_code)


def _logged(error: Exception, level: int) -> str:
    """Write the error with its traceback to the log only; the log's path, empty without one."""
    from conductor.cli import log_file

    try:
        path = log_file.current_path() or log_file.log_path()
        log_file.write_to(path)
        LOG.log(level, "%s: %s", type(error).__name__, error, exc_info=error)
    except OSError:
        return ""
    return path if os.path.isfile(path) else ""


def _show_trace(error: Exception) -> None:
    from conductor.cli import log_file
    from conductor.lib.transport import redact

    if log_file.is_dev_mode():
        text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        click.echo(redact(text), err=True, nl=False)


def _fail(message: str, code: int) -> int:
    click.echo("conductor: " + message, err=True)
    return code
