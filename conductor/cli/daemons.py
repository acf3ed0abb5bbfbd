"""``conductor uploader`` and ``downloader``: they work until they are told to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from contextlib import contextmanager
from typing import Any, Callable, Iterator, Sequence

import click

from conductor.cli import log_file
from conductor.cli.connection import load_config, service
from conductor.cli.options import examples, location_option, threads_option
from conductor.lib.daemons import POLL_S, DownloadDaemon, UploadDaemon
from conductor.lib.errors import Cancelled
from conductor.lib.roots import Roots

LOG = logging.getLogger("conductor.cli.daemons")
AnyDaemon = type[UploadDaemon] | type[DownloadDaemon]


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What both daemons are told."""
    for option in (
        click.option("--once", is_flag=True, help="End when there is nothing left to do."),
        click.option("--interval", type=click.FloatRange(min=0.05), default=POLL_S,
                     show_default=True, metavar="SECONDS",
                     help="Time between two questions while there is nothing to do."),
        threads_option,
        click.option("--root", "roots", multiple=True, metavar="DIR",
                     type=click.Path(file_okay=False),
                     help="Touch nothing outside this folder; repeatable. Needed, unless the "
                          "setting roots says it; given here, the setting does not count."),
        location_option,
    ):
        command = option(command)
    return command


@click.command(epilog=examples(
    "conductor uploader --root /shows",
    "conductor uploader --location mars --root /shows --root /textures --once",
))
@_options
def uploader(**options: Any) -> int:
    """Bring the files of jobs that were submitted with local_upload off.

    Takes jobs of its location only; without one, jobs without one. Several may run side by side.
    SIGTERM and Ctrl-C hand the work under way back within a second. Anything outside the roots,
    links followed, is refused, and its job fails.
    """
    return _serve(UploadDaemon, "uploader", **options)


@click.command(epilog=examples(
    "conductor downloader --root /shows",
    "conductor downloader --location mars --root /shows/batman/renders --threads 8",
))
@_options
def downloader(**options: Any) -> int:
    """Fetch what jobs have rendered, as it comes, to where their output paths say.

    Takes jobs of its location only; without one, jobs without one. Several may run side by side.
    SIGTERM and Ctrl-C hand the work under way back within a second. Nothing is ever written
    outside the roots, links followed.
    """
    return _serve(DownloadDaemon, "downloader", **options)


def _serve(
    kind: AnyDaemon, name: str, *, location: str | None, roots: Sequence[str],
    thread_count: int | None, interval: float, once: bool,
) -> int:
    config = load_config(location=location, thread_count=thread_count)
    allowed = list(roots) or list(config.get("roots", ()))
    log_file.start(config, terminal=logging.INFO)
    with service(config) as client, _stopped_by_signals() as stopping:
        place = config.get("location")
        daemon = kind(client, config, Roots(allowed), location=place, poll_s=interval)
        LOG.info("%s %d: %s, jobs %s, below %s.", name, os.getpid(), client.url,
                 "of location %s" % place if place else "without location", ", ".join(allowed))
        daemon.run(stopping.event, once)
    if stopping.number is None:
        return 0
    LOG.info("%s %d: stopped.", name, os.getpid())
    code = Cancelled.exit_code if stopping.number == signal.SIGINT else 0
    _leave_stuck_threads(code)
    return code


class _Stopping:
    """Set once a signal has asked for the end; ``number`` says which."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self.number: int | None = None

    def __call__(self, number: int, _frame: Any) -> None:
        self.number = number
        self.event.set()
        # Who asks twice means it.
        signal.signal(number, signal.SIG_DFL)


@contextmanager
def _stopped_by_signals() -> Iterator[_Stopping]:
    stopping = _Stopping()
    before = {number: signal.signal(number, stopping)
              for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _leave_stuck_threads(code: int) -> None:
    """End now where a thread hangs in a transfer that is already handed back.

    The interpreter would wait for it at its own end.
    """
    others = [thread for thread in threading.enumerate() if thread is not threading.main_thread()]
    if others:
        log_file.stop()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
