"""``conductor clarisse run``: anybody's script for Clarisse, on the stand-in."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import contextmanager
from typing import Any, Iterator, Sequence

import click

from conductor.clarisse.headless import driver, session
from conductor.cli.options import examples
from conductor.cli.output import note
from conductor.lib.errors import ArgumentError, ConductorError, SceneError

PROJECT_ENDINGS = (".project", ".build")
_OPTIONS = ("--save", "--overwrite", "--quiet")
_OURS = {"ignore_unknown_options": True, "allow_interspersed_args": False}


class _Run(click.Command):
    """Takes options of ours right behind SCRIPT and SCENE too; further on they are the script's."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the options in front of what they stand behind."""
        ours: list[str] = []
        places: list[str] = []
        rest = list(args)
        while rest:
            if rest[0].partition("=")[0] in _OPTIONS:
                width = 2 if rest[0] == "--save" else 1
                if len(rest) < width:
                    raise click.BadOptionUsage("--save", "--save needs a path behind it", ctx)
                ours += rest[:width]
                del rest[:width]
            elif _is_place(rest[0], places):
                places.append(rest.pop(0))
            else:
                break
        if places and rest[:1] == ["--"]:
            del rest[0]
        return super().parse_args(ctx, [*ours, *places, *rest])


def _is_place(argument: str, before: Sequence[str]) -> bool:
    """True for the script, and for a scene right behind it."""
    if not before:
        return not argument.startswith("-")
    return len(before) == 1 and argument.endswith(PROJECT_ENDINGS)


@click.command(cls=_Run, context_settings=_OURS, epilog=examples(
    "conductor clarisse run script.py shot.project",
    "conductor clarisse run script.py shot.project --save shot_local.project",
    "conductor clarisse run --save shot_local.project script.py shot.project /old /new",
))
@click.option("--save", "target", metavar="PROJECT",
              help="Write the scene here when the script is done.")
@click.option("--overwrite", is_flag=True, help="Let --save replace a project that exists.")
@click.option("--quiet", is_flag=True, help="Do not show Clarisse's log.")
@click.argument("script", type=click.Path(exists=True, dir_okay=False))
@click.argument("arguments", metavar="[SCENE] [ARGUMENT]...", nargs=-1,
                type=click.UNPROCESSED)
def run(
    script: str, arguments: tuple[str, ...], target: str | None, overwrite: bool, quiet: bool,
) -> int:
    """Run a script written for Clarisse, without Clarisse.

    The script sees what Clarisse's script editor gives it: ix is there and can be imported,
    __file__ is not defined. A first argument that ends in .project is the scene, the others are
    the script's own, in sys.argv. Options of ours stand before SCRIPT, or right behind it or the
    scene; what follows "--" there is the script's. Clarisse's log goes to standard error.

    The exit code is that of sys.exit in the script, 1 when it raises, 3 when it asks for what the
    stand-in does not have. The scene is saved only if the code is 0.
    """
    has_scene = bool(arguments) and arguments[0].endswith(PROJECT_ENDINGS)
    scene = arguments[0] if has_scene else None
    own = arguments[1:] if has_scene else arguments
    _check(scene, target, overwrite)
    with session(scene) as ix:
        if not quiet:
            driver.host().echo = _show
        code = run_script(ix, script, own)
        crashes = driver.host().crashes
        if crashes:
            raise SceneError("Clarisse would have ended here: %s" % crashes[0]) from crashes[0]
        if target is not None and code == 0:
            _save(ix, target)
        elif target is not None:
            note("%s is not written: the script ended with code %d" % (target, code))
    return code


def _check(scene: str | None, target: str | None, overwrite: bool) -> None:
    if scene is not None and not os.path.isfile(scene):
        raise ArgumentError('there is no scene "%s"' % scene)
    if target is not None and os.path.exists(target) and not overwrite:
        raise ArgumentError('"%s" exists; name another file, or add --overwrite' % target)


def _save(ix: Any, target: str) -> None:
    if not ix.application.save_project(os.path.abspath(target)):
        raise SceneError('"%s" cannot be written' % target)


def _show(level: str, text: str) -> None:
    click.echo("%s: %s" % (level, text), err=True)


def run_script(ix: Any, script: str, arguments: Sequence[str]) -> int:
    """Run a script as Clarisse does; returns its exit code.

    Raises:
        ConductorError: what the stand-in itself raised and the script let pass; the traceback has
            been shown.
    """
    with open(script, "rb") as handle:
        source = handle.read()
    with _argv([script, *arguments]):
        try:
            # Clarisse runs the text, not the file: there is no __file__.
            exec(compile(source, script, "exec"), {"__name__": "__main__", "ix": ix})
        except SystemExit as end:
            return _exit_code(end)
        except Exception as error:  # whatever somebody's script raises
            _show_traceback(error)
            if isinstance(error, ConductorError):
                raise
            return 1
    return 0


@contextmanager
def _argv(arguments: list[str]) -> Iterator[None]:
    before = sys.argv
    sys.argv = arguments
    try:
        yield
    finally:
        sys.argv = before


def _exit_code(end: SystemExit) -> int:
    if end.code is None or isinstance(end.code, int):
        return end.code or 0
    click.echo(str(end.code), err=True)
    return 1


def _show_traceback(error: BaseException) -> None:
    """The traceback without the frame that is ours."""
    inner = error.__traceback__.tb_next if error.__traceback__ is not None else None
    click.echo("".join(traceback.format_exception(type(error), error, inner)), err=True, nl=False)
