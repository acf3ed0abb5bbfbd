"""What one run of Clarisse knows between presses, and how Conductor is asked."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Iterator

from conductor.lib.api_client import ApiClient
from conductor.lib.catalog import Catalog, fetch_catalog
from conductor.lib.conductor_submit import set_logging
from conductor.lib.config import Config
from conductor.lib.errors import AuthError, ServiceError

LOGGER = logging.getLogger(__name__)


@dataclass
class RunState:
    """Shared by all ConductorJob items.

    Attributes:
        catalog: what Conductor offers, None before the first answer.
        busy: what is under way, empty when nothing is.
        is_writing: True while we change items ourselves.
    """

    catalog: Catalog | None = None
    busy: str = ""
    is_writing: bool = False

    @property
    def known(self) -> Catalog:
        """The catalogue, the unknown one before the first answer."""
        return self.catalog or Catalog.unknown()

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Marks one transfer; never two at a time."""
        self.busy = what
        try:
            yield
        finally:
            self.busy = ""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Marks changes of ours, so that they are not taken for the artist's."""
        before, self.is_writing = self.is_writing, True
        try:
            yield
        finally:
            self.is_writing = before


def start_log(config: Config, level: str) -> None:
    """Keep the log in the user's folder; where that cannot be, go on without."""
    folder = config["log_dir"] or os.path.join(config["user_dir"], "log")
    try:
        set_logging(level.upper(), folder)
    except OSError as error:
        set_logging(level.upper())
        LOGGER.warning("no log file is kept: %s", error)


def known_catalog(client: ApiClient | None) -> Catalog:
    """What Conductor offers; the unknown catalogue where it cannot be asked."""
    if client is None:
        return Catalog.unknown()
    try:
        return fetch_catalog(client)
    except AuthError as error:
        # A preview needs no sign-in; the one finding about it says so.
        LOGGER.info("names stay unchecked: %s", error)
    except ServiceError as error:
        LOGGER.warning("names stay unchecked: %s", error)
    return Catalog.unknown()


def client_or_none(config: Config) -> ApiClient | None:
    """The client of the configured service; None without a key that can be read."""
    try:
        return ApiClient.from_config(config)
    except AuthError as error:
        LOGGER.info("names stay unchecked: %s", error)
        return None
