"""``conductor completion``: what a shell needs to complete the command line."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from conductor.cli.options import examples

VARIABLE = "_CONDUCTOR_COMPLETE"


@click.command(epilog=examples(
    "conductor completion bash > ~/.local/share/bash-completion/completions/conductor",
    "conductor completion zsh > ~/.zfunc/_conductor",
    "conductor completion fish > ~/.config/fish/completions/conductor.fish",
))
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the script that makes SHELL complete subcommands and options."""
    kind = get_completion_class(shell)
    assert kind is not None, "click knows these three"
    click.echo(kind(context.find_root().command, {}, "conductor", VARIABLE).source())
