"""``conductor config``."""

from __future__ import annotations

import json
from typing import Any

import click

from conductor.cli.connection import load_config
from conductor.cli.options import examples, json_option
from conductor.cli.output import console, print_json, table


@click.command(epilog=examples(
    "conductor config", "conductor config --json", "conductor --setting thread_count=8 config",
))
@json_option
def config(as_json: bool) -> None:
    """Show every setting, its value and where the value came from.

    Lowest to highest: the defaults, config.yml (~/.conductor/config.yml, or what CONDUCTOR_CONFIG
    names), CONDUCTOR_<NAME> in the environment, --setting and other options. Secrets are shown
    as "set".
    """
    values = load_config().values()
    if as_json:
        print_json({name: {"value": value, "origin": origin} for name, value, origin in values})
        return
    console().print(table(
        ("setting", "value", "from"),
        [(name, _text(value), origin) for name, value, origin in values],
    ))


def _text(value: Any) -> str:
    if value is None:
        return "-"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
