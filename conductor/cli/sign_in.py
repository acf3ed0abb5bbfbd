"""``conductor login`` and ``logout``."""

from __future__ import annotations

import webbrowser
from typing import Any

import click

from conductor.cli.connection import load_config
from conductor.cli.options import examples
from conductor.cli.output import note, time_text
from conductor.lib import sign_in
from conductor.lib.errors import ArgumentError


@click.command(epilog=examples("conductor login", "conductor login --no-browser --timeout 60"))
@click.option("--no-browser", is_flag=True,
              help="Only print the address of the page; open it in a browser on this machine.")
@click.option("--timeout", type=click.FloatRange(min=1), default=sign_in.LIMIT_S,
              show_default=True, metavar="SECONDS", help="How long to wait for you.")
def login(no_browser: bool, timeout: float) -> None:
    """Sign in by the browser. Scripts and render nodes use an API key instead."""
    config = load_config()
    for name in ("api_key", "api_key_path"):
        if config[name] is not None:
            raise ArgumentError(
                "an API key is set (%s, from %s) and is used in place of a sign-in; unset it first"
                % (name, config.origin(name)))

    def show(address: str) -> Any:
        opened = not no_browser and webbrowser.open(address)
        if not opened:
            note("Open this page in a browser on this machine:\n%s" % address)
        return True

    note("Signing in to %s ..." % config["url"])
    token = sign_in.login(config, open_browser=show, limit_s=timeout)
    click.echo("signed in to %s until %s" % (config["url"], time_text(token.expiration)))


@click.command(epilog=examples("conductor logout"))
def logout() -> None:
    """Forget the sign-in. API keys stay where they are."""
    if sign_in.logout(load_config()):
        click.echo("signed out")
    else:
        click.echo("there was no sign-in")
