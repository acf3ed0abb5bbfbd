"""The service that a subcommand talks to."""

from __future__ import annotations

from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config


def connect(config: Config | None = None) -> ApiClient:
    """A client for the configured service. Raises ConfigError and AuthError."""
    return ApiClient.from_config(config or Config.load())
