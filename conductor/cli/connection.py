"""Settings of a run of the command, and the service that it talks to."""

from __future__ import annotations

from contextlib import contextmanager
from typing import Any, Iterator, Sequence

import click

from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config, value_from_text
from conductor.lib.errors import ArgumentError


def read_pairs(texts: Sequence[str], option: str) -> list[tuple[str, str]]:
    """``NAME=VALUE`` texts as pairs; ArgumentError for one without an equals sign."""
    pairs = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise ArgumentError('%s takes NAME=VALUE, not "%s"' % (option, text))
        pairs.append((name.strip(), value))
    return pairs


def explicit_settings(texts: Sequence[str]) -> dict[str, Any]:
    """What ``--setting NAME=VALUE`` says. Raises ArgumentError and ConfigError."""
    return {
        name: value_from_text(name, value, "--setting")
        for name, value in read_pairs(texts, "--setting")
    }


def load_config(**options: Any) -> Config:
    """The configuration, below it what ``--setting`` says, below that options of a subcommand.

    Args:
        options: settings by name; None where the option was not given.

    Raises:
        ConfigError: a setting has a wrong name or value.
    """
    context = click.get_current_context(silent=True)
    given = dict(context.find_root().obj or {}) if context else {}
    given.update({name: value for name, value in options.items() if value is not None})
    return Config.load(overrides=given)


def connect(config: Config | None = None) -> ApiClient:
    """A client for the configured service. Raises ConfigError and AuthError."""
    return ApiClient.from_config(config or load_config())


@contextmanager
def service(config: Config | None = None) -> Iterator[ApiClient]:
    """As :func:`connect`, and the connections are closed at the end."""
    client = connect(config)
    try:
        yield client
    finally:
        client.close()
