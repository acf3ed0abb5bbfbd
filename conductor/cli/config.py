"""``conductor config``."""

from __future__ import annotations

import click

from conductor.cli.output import console, print_json, table
from conductor.lib.config import Config


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def config(as_json: bool) -> None:
    """Show every setting, its value and where the value came from."""
    values = Config.load().values()
    if as_json:
        print_json({name: {"value": value, "origin": origin} for name, value, origin in values})
        return
    console().print(table(
        ("setting", "value", "from"),
        [(name, "-" if value is None else value, origin) for name, value, origin in values],
    ))
