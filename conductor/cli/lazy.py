"""A command group whose subcommands are imported when they are used.

``conductor --help`` stays fast, and a subcommand may need an extra that is not installed.
"""

from __future__ import annotations

import importlib
from typing import Any, Mapping

import click
from click.shell_completion import CompletionItem

INSTALL_SERVICE = 'python -m pip install "conductor-clarisse[service]"'


class MissingExtra(click.ClickException):
    """A subcommand needs a package of the service extra that is not installed."""

    exit_code = 2

    def __init__(self, command: str, missing: str) -> None:
        super().__init__("conductor %s needs %s, which is not installed: %s"
                         % (command, missing, INSTALL_SERVICE))


class LazyGroup(click.Group):
    """Subcommands by name: where each lives (``module:attribute``) and its line in the help."""

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of the table."""
        return list(self.lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one subcommand; None when there is none of that name."""
        if cmd_name not in self.lazy:
            return None
        module, _, attribute = self.lazy[cmd_name][0].partition(":")
        try:
            command = getattr(importlib.import_module(module), attribute)
        except ModuleNotFoundError as error:
            if (error.name or "").startswith("conductor."):
                raise
            raise MissingExtra(cmd_name, str(error.name)) from error
        assert isinstance(command, click.Command)
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Subcommands that begin like this, without importing them; then options."""
        found = [CompletionItem(name, help=line) for name, (_, line) in self.lazy.items()
                 if name.startswith(incomplete)]
        return found + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of subcommands in the help, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.lazy.items()])
