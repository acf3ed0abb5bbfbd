"""``conductor demo``: the main job on this machine, with the real parts only.

A scene written for Clarisse goes in, frames come out: the service is a real process, the plugin
runs in the stand-in of Clarisse, files travel over HTTP, tasks are processes. Only the pictures
are slates where no Clarisse is installed, and they say so.
"""

from __future__ import annotations

import importlib.util
import json
import logging
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from contextlib import contextmanager, redirect_stderr
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

import click
from rich.console import Console

from conductor.cli import log_file
from conductor.cli.job_tables import task_table
from conductor.cli.job_watch import Tasks, watch_tasks
from conductor.cli.lazy import MissingExtra
from conductor.cli.local_service import LocalService, client_environment
from conductor.cli.options import examples
from conductor.cli.output import console, table
from conductor.cli.progress_bar import ProgressBar, StageBar
from conductor.lib.errors import ArgumentError, ConductorError
from conductor.lib.progress import size_text

_NEEDED = ("starlette", "uvicorn", "sqlalchemy", "alembic", "jwt", "OpenImageIO")
LOG, CLARISSE_LOG = "conductor.log", "clarisse.log"
"""Files of the demo's folder; the terminal shows the demo itself."""
_LIMIT_S = 600.0
_SHOWN_ENTRIES = 2
_FRAME = re.compile(r"(\d+)(?=\.[^./]*$)")
_PAYLOAD_MARK = "\n\nPayload\n"


@click.command(epilog=examples("conductor demo", "conductor demo --folder shot_demo --keep"))
@click.option("--keep", is_flag=True, help="Leave the service up at the end.")
@click.option("--hold", is_flag=True, help="Leave the tasks without scout frames on hold.")
@click.option("--folder", type=click.Path(file_okay=False),
              help="Empty folder for everything the demo makes; default: a new temporary one.")
def demo(keep: bool, hold: bool, folder: str | None) -> None:
    """Render the sample shot on this machine, start to end.

    Needs nothing but this: no Clarisse, no account, no settings of yours.
    """
    _require_extra()
    place, target, started = _empty_folder(folder), console(), time.monotonic()
    target.print("1. A render service of your own", style="bold")
    with _terminated_as_interrupt(), LocalService(place / "service") as service, _environment(
        client_environment(service, place / "client")
    ):
        (place / LOG).touch()
        log_file.write_to(str(place / LOG))
        target.print("%s, up after %.1f s, its data in %s" % (
            service.url, time.monotonic() - started, service.data), soft_wrap=True)
        _Demo(place, service, target, started).run(hold)
        if keep:
            service.leave_running()
            _tell_kept(service)


def _empty_folder(folder: str | None) -> Path:
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="conductor-demo-"))
    place = Path(folder).absolute()
    if place.is_dir() and any(place.iterdir()):
        raise ArgumentError('--folder "%s" is not empty: nothing of yours is overwritten' % place)
    return place


def _require_extra() -> None:
    for name in _NEEDED:
        if importlib.util.find_spec(name) is None:
            raise MissingExtra("demo", name)


@contextmanager
def _terminated_as_interrupt() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does: the service is stopped."""
    def stop(_number: int, _frame: Any) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Only these CONDUCTOR_ variables, for as long as the block lasts."""
    before = {name: text for name, text in os.environ.items() if name.startswith("CONDUCTOR_")}
    for name in before:
        del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in [name for name in os.environ if name.startswith("CONDUCTOR_")]:
            del os.environ[name]
        os.environ.update(before)


def _tell_kept(service: LocalService) -> None:
    click.echo("\nThe service stays up. To talk to it from this shell:")
    click.echo("  export CONDUCTOR_URL=%s" % service.url)
    click.echo("  export CONDUCTOR_API_KEY_PATH='%s'" % service.key_path)
    click.echo("  conductor jobs list")
    click.echo("To end it: kill %d" % service.process_id)


def shown_preview(text: str) -> list[str]:
    """The lines of a preview with the lists of its payload cut after two entries."""
    words, mark, payload = text.partition(_PAYLOAD_MARK)
    lines = words.splitlines()
    if mark:
        lines += ["", "Payload", "{"]
        for key, value in json.loads(payload).items():
            shown = json.dumps(value, ensure_ascii=False)
            if isinstance(value, list) and len(value) > _SHOWN_ENTRIES:
                shown = "%s, ... %d in all]" % (
                    json.dumps(value[:_SHOWN_ENTRIES], ensure_ascii=False)[:-1], len(value))
            lines.append('  "%s": %s,' % (key, shown))
        lines.append("}")
    return lines


def image_and_frame(path: str | os.PathLike[str]) -> tuple[str, int, str]:
    """A key to sort frames by: all of one image first, its frames as numbers."""
    text = os.fspath(path)
    found = _FRAME.search(text)
    return (text[:found.start()], int(found[1]), text) if found else (text, -1, text)


@contextmanager
def _log_of_clarisse(path: Path) -> Iterator[None]:
    """What the application would show in its log: standard error, where the plugin logs."""
    logger = logging.getLogger("conductor")
    before, level = list(logger.handlers), logger.level
    with path.open("w", encoding="utf-8") as stream, redirect_stderr(stream):
        try:
            yield
        finally:
            for handler in [one for one in logger.handlers if one not in before]:
                logger.removeHandler(handler)
                handler.close()
            logger.setLevel(level)


@dataclass
class _Demo:
    """The steps, and what one hands to the next."""

    place: Path
    service: LocalService
    target: Console
    started: float

    def run(self, hold: bool) -> None:
        """All steps; raises ConductorError when a task fails."""
        with self._artist() as artist:
            self._show_preview(artist)
            self._submit(artist)
        jid, tasks = self._render(hold)
        files = self._download(jid)
        self._show_result(files)

    def _step(self, text: str) -> None:
        self.target.print()
        self.target.print(text, style="bold")

    @contextmanager
    def _artist(self) -> Iterator[Any]:
        from conductor.cli.demo_artist import Artist
        from conductor.samples import copy_shot

        self._step("2. The scene, opened in the stand-in of Clarisse")
        scene = copy_shot(self.place / "shot")
        self.target.print("%s" % scene)
        with _log_of_clarisse(self.place / CLARISSE_LOG):
            artist = Artist(scene)
            try:
                yield artist
            finally:
                artist.close()

    def _show_preview(self, artist: Any) -> None:
        artist.refresh()
        said = artist.preview()
        (self.place / "preview.txt").write_text(said, encoding="utf-8")
        self.target.print("Refresh pressed: projects, machines and packages are known.")
        self.target.print("Frames: %s" % artist.frames_info)
        self.target.print("Preview pressed; the window says:")
        for line in shown_preview(said):
            self.target.print("  | " + line, markup=False, soft_wrap=True)
        self.target.print("(in full: %s)" % (self.place / "preview.txt"), markup=False)

    def _submit(self, artist: Any) -> None:
        self._step("3. Submit pressed")
        started = time.monotonic()
        with StageBar(self.target) as bar:
            artist.submit(bar.show)
        self.target.print("Render package written, files hashed and sent, job posted: %.2f s"
                          % (time.monotonic() - started))
        for message in artist.messages:
            self.target.print("Clarisse says: " + " ".join(message.split()), markup=False)

    def _render(self, hold: bool) -> tuple[str, Tasks]:
        from conductor.cli.connection import connect

        client = connect()
        jobs = client.jobs()
        if not jobs:
            raise ConductorError("nothing was submitted; Clarisse's messages above say why")
        jid = str(jobs[0]["jid"])
        self._step("4. The service renders job %s" % jid)
        self.target.print("The package conductor-slate stands in for Clarisse: its frames are "
                          "slates, and each says so.")
        self.target.print("Scout tasks first; the others are held:")
        tasks = watch_tasks(client, jid, self.target, limit_s=_LIMIT_S)
        self.target.print(task_table(tasks))
        if not hold:
            self.target.print("Released:")
            client.release_tasks(jid)
            tasks = watch_tasks(client, jid, self.target, limit_s=_LIMIT_S, known=tasks)
            self.target.print(task_table(tasks))
        failed = [task for task in tasks if task["status"] in ("failed", "killed")]
        for task in failed:
            self.target.print("task %s said:" % task["taskLabel"])
            self.target.print(client.task_log(jid, str(task["taskLabel"])), markup=False)
        if failed:
            raise ConductorError("%d tasks of job %s failed" % (len(failed), jid))
        return jid, tasks

    def _download(self, jid: str) -> list[Path]:
        from conductor.cli.connection import connect
        from conductor.lib.downloader import download_job

        self._step("5. The frames come back, each checked by its md5")
        destination = self.place / "frames"
        with ProgressBar(self.target) as bar:
            report = download_job(
                connect(), jid, destination=os.fspath(destination), on_progress=bar
            )
        self.target.print(table(
            ("file", "size", "task"),
            [(os.path.relpath(file.path, destination), size_text(file.size), file.task_id)
             for file in sorted(report.files, key=lambda file: image_and_frame(file.path))],
            numbers=("size",),
        ))
        return [Path(file.path) for file in report.files]

    def _show_result(self, files: list[Path]) -> None:
        from conductor.slate.contact_sheet import write_contact_sheet

        files = sorted(files, key=image_and_frame)
        sheet = write_contact_sheet(files, self.place / "contact_sheet.png", columns=5)
        seconds = time.monotonic() - self.started
        self._step("6. Done: %d frames in %.1f s" % (len(files), seconds))
        for name, place in (
            ("contact sheet", sheet), ("frames", self.place / "frames"),
            ("scene and render package", self.place / "shot"),
            ("service data", self.service.data), ("service log", self.service.log),
            ("log of Clarisse", self.place / CLARISSE_LOG), ("log of the client", self.place / LOG),
        ):
            self.target.print("  %-26s%s" % (name, place), markup=False, soft_wrap=True)
        self.target.print(
            "Your own scene:  {0} clarisse preview SCENE.project\n"
            "Your own farm:   {0} serve --data FOLDER\n"
            "More:            {0} --help, README.md, docs/".format(_command()),
            markup=False, soft_wrap=True)


def _command() -> str:
    """How to call this command again: in a checkout it is on nobody's search path."""
    python = os.path.relpath(sys.executable)
    return "conductor" if shutil.which("conductor") else "%s -m conductor" % python
