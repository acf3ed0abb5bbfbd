"""Progress of uploads and downloads on standard error: a bar, or plain lines in a pipe."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as Bar

from conductor.cli.output import console
from conductor.lib.progress import Progress, size_text


class ProgressBar:
    """A context manager that is called with each :class:`Progress`.

    On a terminal each stage has a bar; elsewhere one line is written when a stage is complete.
    """

    def __init__(self, target: Console | None = None) -> None:
        self.target = target or console(stderr=True)
        self._bar = Bar(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[files]} files"),
            DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn(),
            console=self.target,
        ) if self.target.is_terminal else None
        self._stages: dict[str, TaskID] = {}
        self._last: Progress | None = None

    def __enter__(self) -> ProgressBar:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()
        else:
            self._print_line()

    def __call__(self, progress: Progress) -> None:
        """Show one progress; never asks the work to stop."""
        if self._bar:
            self._show(self._bar, progress)
        elif self._last and self._last.stage != progress.stage:
            self._print_line()
        self._last = progress

    def _show(self, bar: Bar, progress: Progress) -> None:
        files = "%d/%d" % (progress.files_done, progress.files_total)
        if progress.stage not in self._stages:
            self._stages[progress.stage] = bar.add_task(progress.stage, total=None, files=files)
        bar.update(
            self._stages[progress.stage], completed=progress.bytes_done,
            total=progress.bytes_total or None, files=files,
        )

    def _print_line(self) -> None:
        if self._last:
            self.target.print("%s: %d of %d files, %s in %.1f s" % (
                self._last.stage, self._last.files_done, self._last.files_total,
                size_text(self._last.bytes_done), self._last.elapsed_s))
            self._last = None


class StageBar:
    """Progress that is told as a line of words and a count of files, such as the plugin's window.

    On a terminal a bar; elsewhere one line when the words before the colon change.
    """

    def __init__(self, target: Console) -> None:
        self.target = target
        self._bar = Bar(
            BarColumn(), TextColumn("{task.description}", markup=False), console=target,
            transient=True,
        ) if target.is_terminal else None
        self._task = self._bar.add_task("") if self._bar else None
        self._line = ""

    def __enter__(self) -> StageBar:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()
        self._end_stage("")

    def show(self, line: str, done: int, total: int) -> None:
        """Show one line of progress; ``done`` of ``total`` files, both 0 where unknown."""
        if self._bar and self._task is not None:
            self._bar.update(self._task, description=line, completed=done, total=total or None)
        if line.partition(":")[0] != self._line.partition(":")[0]:
            self._end_stage(line)
        self._line = line

    def _end_stage(self, following: str) -> None:
        # Without a colon it is only that something begins.
        if ":" in self._line and self._line != following:
            self.target.print("  " + self._line, markup=False)
        self._line = following
