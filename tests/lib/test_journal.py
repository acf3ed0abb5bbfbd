"""What became of each submission."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from conductor.lib.journal import KEPT_DAYS, SETTLED_S, Journal, Outcome, fingerprint
from conductor.lib.submission import PAYLOAD_ID, FileStat, Submission, Task, UploadFile

URL = "http://farm.example"
ONE = Submission("a" * 32, "title", "p", "n1-standard-2", "/out", (Task("echo", "1"),))


class Clock:
    def __init__(self, now: float = 1e9) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def journal(tmp_path: Path, clock: Clock) -> Journal:
    return Journal(str(tmp_path), clock)


def job(submission: Submission, jid: str = "00007") -> dict:
    return {"jid": jid, "metadata": {PAYLOAD_ID: submission.submission_id}}


def test_written_and_read(journal: Journal) -> None:
    entry = journal.write(ONE, URL, Outcome.SUBMITTED, "00001")
    assert journal.entries() == [entry]
    assert (entry.title, entry.job_id, entry.is_open) == ("title", "00001", False)
    assert os.listdir(journal.folder) == ["a" * 32 + ".json"]


def test_the_last_word_counts(journal: Journal) -> None:
    journal.write(ONE, URL, Outcome.POSTING)
    journal.write(ONE, URL, Outcome.UNKNOWN)
    assert [entry.outcome for entry in journal.entries()] == [Outcome.UNKNOWN]


@pytest.mark.parametrize(
    "outcome, is_open",
    [(Outcome.UNKNOWN, True), (Outcome.SUBMITTED, False), (Outcome.REFUSED, False)],
)
def test_open_entries(journal: Journal, outcome: Outcome, is_open: bool) -> None:
    journal.write(ONE, URL, outcome)
    assert bool(journal.open_entries(URL)) is is_open
    assert journal.open_entries("http://other.example") == []


def test_what_a_dead_process_was_posting_is_open(journal: Journal) -> None:
    entry = journal.write(ONE, URL, Outcome.POSTING)
    assert journal.open_entries(URL) == []
    journal.settle(replace(entry, process=entry.process + 1))
    assert len(journal.open_entries(URL)) == 1


def test_a_job_that_is_found(journal: Journal) -> None:
    journal.write(ONE, URL, Outcome.UNKNOWN)
    found = journal.resolve(URL, [{"jid": "00001"}, job(ONE)])
    assert [(entry.job_id, entry.outcome) for entry in found] == [("00007", Outcome.SUBMITTED)]
    assert journal.open_entries(URL) == []


@pytest.mark.parametrize(
    "later_s, tells, is_open",
    [
        pytest.param(SETTLED_S + 1, True, False, id="not listed: it was never made"),
        pytest.param(1, True, True, id="too early to tell"),
        pytest.param(SETTLED_S + 1, False, True, id="the list tells no metadata"),
    ],
)
def test_a_job_that_is_not_found(
    journal: Journal, clock: Clock, later_s: float, tells: bool, is_open: bool,
) -> None:
    journal.write(ONE, URL, Outcome.UNKNOWN)
    clock.now += later_s
    other = job(replace(ONE, submission_id="b" * 32)) if tells else {"jid": "00001"}
    assert journal.resolve(URL, [other]) == []
    assert bool(journal.open_entries(URL)) is is_open


def test_old_entries_go(journal: Journal, clock: Clock) -> None:
    journal.write(ONE, URL, Outcome.UNKNOWN)
    clock.now += (KEPT_DAYS + 1) * 86400
    assert journal.entries() == [] and os.listdir(journal.folder) == []


@pytest.mark.parametrize("text", ["", "{", "[]", '{"outcome": "odd"}', '{"outcome": "unknown"}'])
def test_broken_files_are_passed_over(journal: Journal, text: str) -> None:
    journal.write(ONE, URL, Outcome.UNKNOWN)
    Path(journal.folder, "broken.json").write_text(text)
    assert len(journal.entries()) == 1


def test_no_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("")
    journal = Journal(str(tmp_path / "file"))
    journal.write(ONE, URL, Outcome.UNKNOWN)
    assert journal.entries() == [] and "not kept" in caplog.text


def test_no_secret_is_kept(journal: Journal) -> None:
    journal.write(replace(ONE, environment={"LICENSE": "s3cret"}), URL, Outcome.UNKNOWN)
    path = Path(journal.folder, "a" * 32 + ".json")
    assert "s3cret" not in path.read_text() and json.loads(path.read_text())["url"] == URL


def with_package(number: str) -> Submission:
    """As a second press of Submit makes it: another id, hence another render package."""
    path = "/shot/scene.job.%s.render.project" % number[:8]
    stat = FileStat(0, int(number[0]), 0, 0, 0, 0, 5, 1.0, float(number[0]), 1.0)
    return replace(
        ONE, submission_id=number, tasks=(Task("ct_cnode %s" % path, "1"),),
        upload_files=(UploadFile(path, path, "md5" + number, stat),))


def test_the_same_work_has_the_same_fingerprint() -> None:
    first, second = with_package("1" * 32), with_package("2" * 32)
    assert fingerprint(first) == fingerprint(second)


@pytest.mark.parametrize(
    "change",
    [{"job_title": "x"}, {"tasks": (Task("echo", "2"),)}, {"environment": {"A": "1"}},
     {"upload_files": (UploadFile("/a", "/a"),)}],
    ids=lambda change: next(iter(change)),
)
def test_other_work_has_another(change: dict) -> None:
    assert fingerprint(replace(ONE, **change)) != fingerprint(ONE)
