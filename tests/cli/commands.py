"""Every subcommand, found by walking the tree, and the examples of its help."""

from __future__ import annotations

import shlex
from typing import Iterator, NamedTuple

import click

from conductor.cli.main import conductor
from conductor.cli.options import EXAMPLE_INDENT


class Subcommand(NamedTuple):
    """One subcommand with its whole name, such as ``conductor jobs list``."""

    name: str
    command: click.Command
    context: click.Context

    @property
    def examples(self) -> list[str]:
        """The command lines at the end of its help."""
        return [line[len(EXAMPLE_INDENT):] for line in (self.command.epilog or "").splitlines()
                if line.startswith(EXAMPLE_INDENT)]


def every_subcommand(
    command: click.Command = conductor, parent: click.Context | None = None, name: str = "conductor"
) -> Iterator[Subcommand]:
    """All, groups too, in the order of the help."""
    context = click.Context(
        command, parent, info_name=name, **(command.context_settings if not parent else {}))
    yield Subcommand(context.command_path, command, context)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            found = command.get_command(context, below)
            assert found is not None, below
            yield from every_subcommand(found, context, below)


def parsed(line: str) -> click.Context:
    """Parse a command line as the shell and click do, without running it; raises as click does.

    What follows ``&&`` or ``>`` is the shell's.
    """
    words = list(shlex.split(line.split(" && ")[0].split(" > ")[0].split(" | ")[0]))
    assert words[0] == "conductor", line
    context = conductor.make_context("conductor", words[1:])
    while isinstance(context.command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, command, below = context.command.resolve_command(context, rest)
        assert command is not None and name is not None, line
        context = command.make_context(name, below, parent=context)
    return context
