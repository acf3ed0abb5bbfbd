"""``conductor serve``."""

from __future__ import annotations

import logging

import click

from conductor.cli import log_file
from conductor.cli.lazy import MissingExtra
from conductor.cli.options import examples


@click.command(epilog=examples(
    "conductor serve --data /srv/conductor --port 8085",
    "conductor serve --data /srv/conductor --farm farm.yml --ready-file ready.json",
))
@click.option("--port", type=click.IntRange(0, 65535), default=8085, show_default=True,
              help="Port to listen on; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--data", type=click.Path(file_okay=False), required=True,
              help="Folder for files, database, keys and logs; made when missing.")
@click.option("--ready-file", type=click.Path(dir_okay=False),
              help="Written once requests are accepted: JSON with url and api_key_path.")
@click.option("--farm", type=click.Path(exists=True, dir_okay=False),
              help="farm.yml: machines, packages and path map on offer.")
@click.option("--trust-loopback", is_flag=True,
              help="Browsers of this machine sign in by a click, without the API key.")
def serve(
    port: int, host: str, data: str, ready_file: str | None, farm: str | None,
    trust_loopback: bool,
) -> None:
    """Run a Conductor-compatible service that renders on this machine."""
    try:
        from conductor.service.server import serve as run_service
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("conductor."):
            raise
        raise MissingExtra("serve", str(error.name)) from error
    # The service logs for itself, to standard error: whoever starts it keeps that.
    log_file.stop()
    logging.basicConfig(
        level=logging.INFO, format="%(asctime)s %(levelname)-7s %(name)s: %(message)s"
    )
    for chatty in ("uvicorn", "alembic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    run_service(port, data, host, ready_file, farm, trust_loopback)
