"""``conductor download``."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Callable, Sequence, Tuple

import click

from conductor.cli.connection import load_config, service
from conductor.cli.options import examples, json_option, targets_argument, threads_option
from conductor.cli.output import counted, note, print_json
from conductor.cli.progress_bar import ProgressBar
from conductor.cli.targets import Target
from conductor.lib.api_client import ApiClient
from conductor.lib.config import Config
from conductor.lib.downloader import DownloadReport, Place, name_filter
from conductor.lib.downloader import download as fetch
from conductor.lib.errors import DownloadError
from conductor.lib.expected_files import read_expected
from conductor.lib.paths import PathMap
from conductor.lib.progress import size_text

MOST_NAMED = 20
Missing = Tuple[str, str]


@click.command(epilog=examples(
    "conductor download 00012",
    "conductor download 12:0-8x2 14 --destination renders",
    "conductor download 12 --match '*.exr'",
    "conductor download 12 --require-expected",
    "conductor download 12 --regex 'beauty.*exr$' --threads 8 --json",
))
@targets_argument
@click.option("--destination", type=click.Path(file_okay=False), metavar="DIR",
              help="Folder for the files; default: where the job's output path says.")
@click.option("--match", "pattern", metavar="GLOB",
              help="Only files named like this, such as '*.exr' or 'beauty/*'.")
@click.option("--regex", metavar="PATTERN",
              help="Only files in whose path below the output path this is found.")
@click.option("--require-expected", is_flag=True,
              help="Also fail when a file that the job was expected to write is not there.")
@click.option("--no-report", is_flag=True,
              help="Do not tell the service: the tasks do not count as downloaded.")
@threads_option
@json_option
def download(
    targets: Sequence[Target], destination: str | None, pattern: str | None, regex: str | None,
    require_expected: bool, no_report: bool, thread_count: int | None, as_json: bool,
) -> None:
    """Fetch the rendered files of jobs, or of tasks of them.

    Every file is checked by its md5 before it appears; one that is there already is not fetched
    again, one that was broken off goes on where it stopped. A file that cannot be had stops no
    other; the exit code is 7 then. For a job that was submitted from this machine, the files that
    it was expected to write and has not (yet) written are listed.
    """
    config = load_config(thread_count=thread_count)
    place = Place(destination, PathMap(config.get("path_map", ())))
    name = _name_filter(pattern, regex)
    reports: list[DownloadReport] = []
    missing: list[Missing] = []
    with service(config) as client:
        for target in targets:
            job = client.job(target.job)  # Says it when there is no such job.
            report = _fetch(client, config, target, place, name, not no_report)
            reports.append(report)
            expected = None if target.tasks else read_expected(config, job)
            if expected:
                missing += [(target.job, path) for path in expected.missing(report.offered)]
    _print(reports, missing, as_json)
    failures = [failure for report in reports for failure in report.failures]
    if require_expected:
        failures += [(path, "job %s has not written it" % job) for job, path in missing]
    if failures:
        raise DownloadError(
            "%s could not be downloaded:" % counted(len(failures), "file"), failures)


def _name_filter(pattern: str | None, regex: str | None) -> Callable[[str], bool] | None:
    wanted = [name_filter(text, is_regex) for text, is_regex in ((pattern, False), (regex, True))
              if text is not None]
    return (lambda path: all(test(path) for test in wanted)) if wanted else None


def _fetch(
    client: ApiClient, config: Config, target: Target, place: Place,
    name: Callable[[str], bool] | None, report: bool,
) -> DownloadReport:
    with ProgressBar() as bar:
        return fetch(
            client, client.job_downloads(target.job, target.tasks or None), place, name=name,
            threads=config["thread_count"], bandwidth=config["bandwidth"], on_progress=bar,
            report=report,
        )


def _print(
    reports: Sequence[DownloadReport], missing: Sequence[Missing], as_json: bool,
) -> None:
    files = [file for report in reports for file in report.files]
    if as_json:
        answer: dict[str, Any] = {"files": [asdict(file) for file in files], "failures": [
            {"path": path, "reason": reason} for report in reports
            for path, reason in report.failures], "missing": [
            {"job": job, "path": path} for job, path in missing]}
        print_json(answer)
        return
    for file in files:
        click.echo(file.path)
    same = sum(file.identical for file in files)
    note("%s, %s fetched%s" % (
        counted(len(files), "file"), size_text(sum(report.size for report in reports)),
        ", %d there already" % same if same else ""))
    if missing:
        note("%s not written (yet):" % counted(len(missing), "expected file"))
        for job, path in missing[:MOST_NAMED]:
            note("  job %s: %s" % (job, path))
        if len(missing) > MOST_NAMED:
            note("  and %d more (--json lists all)" % (len(missing) - MOST_NAMED))
