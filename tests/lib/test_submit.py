"""Submitting when things go wrong; how it goes when all is well is in test_service_wire."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Iterator

import pytest
from fault_server import CUT, Answer, FaultServer, Seen, upload_server

from conductor.lib.api_client import ApiClient
from conductor.lib.conductor_submit import LOG_FILE, Submit, send, set_logging
from conductor.lib.config import Config
from conductor.lib.errors import (
    ArgumentError,
    AuthError,
    Cancelled,
    ServiceError,
    SubmissionUnknown,
    UploadError,
)
from conductor.lib.journal import Journal, Outcome
from conductor.lib.submission import PAYLOAD_ID, Submission, Task, UploadFile
from conductor.lib.transport import Transport

CREATED = Answer(201, {"jobid": "00007", "status": "success"})
CAPABILITIES = "/api/v1/capabilities"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config.load({"HOME": str(tmp_path / "home")})


@pytest.fixture
def journal(config: Config) -> Journal:
    return Journal(config["user_dir"])


@pytest.fixture
def arguments(tmp_path: Path) -> dict[str, Any]:
    (tmp_path / "scene").write_bytes(b"scene")
    return {
        "project": "default", "instance_type": "n1-standard-2", "job_title": "shot 7",
        "output_path": str(tmp_path / "out"), "upload_paths": [str(tmp_path / "scene")],
        "tasks_data": [{"command": "echo", "frames": "1"}],
    }


@pytest.fixture
def submit(client: ApiClient, config: Config, faults: FaultServer) -> Any:
    upload_server(faults, lambda path: False)
    faults.on("POST", "/jobs/", CREATED)

    def make(arguments: dict[str, Any], **options: Any) -> Submit:
        return Submit(arguments, config, client, **options)
    return make


def outcomes(journal: Journal) -> Any:
    return [entry.outcome for entry in journal.entries()]


def test_on_a_service_without_extras(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, journal: Journal,
) -> None:
    assert submit(arguments).main() == ({"jobid": "00007", "status": "success"}, 201)
    posted = faults.requests("POST", "/jobs/")[0]
    assert "Idempotency-Key" not in posted.headers
    assert posted.json["upload_files"][0]["md5"]
    assert outcomes(journal) == [Outcome.SUBMITTED]
    assert journal.entries()[0].job_id == "00007"


def test_a_lost_answer_where_the_service_knows_keys(
    submit: Any, arguments: dict[str, Any], faults: FaultServer,
) -> None:
    faults.on("GET", CAPABILITIES, Answer(200, {"data": {"idempotency_key": True}}))
    faults.on("POST", "/jobs/", CUT, CREATED)
    assert submit(arguments).main()[1] == 201
    first, second = faults.requests("POST", "/jobs/")
    key = first.headers["Idempotency-Key"]
    assert key == second.headers["Idempotency-Key"] == first.json["metadata"][PAYLOAD_ID]


class TestALostAnswerElsewhere:
    @pytest.fixture
    def lost(self, submit: Any, arguments: dict[str, Any], faults: FaultServer) -> str:
        """The id of a submission whose answer was lost."""
        faults.on("POST", "/jobs/", CUT, CREATED)
        with pytest.raises(SubmissionUnknown) as caught:
            submit(arguments).main()
        assert caught.value.exit_code == 6
        posted = faults.requests("POST", "/jobs/")
        assert len(posted) == 1
        return str(posted[0].json["metadata"][PAYLOAD_ID])

    def test_it_is_noted(self, lost: str, journal: Journal) -> None:
        assert [(entry.submission_id, entry.outcome) for entry in journal.entries()] == [
            (lost, Outcome.UNKNOWN)]

    def test_the_next_run_finds_its_job(
        self, lost: str, submit: Any, arguments: dict[str, Any], faults: FaultServer,
        journal: Journal,
    ) -> None:
        faults.on("GET", "/api/v1/jobs", Answer(200, {"data": [
            {"jid": "00003", "metadata": {}},
            {"jid": "00004", "metadata": {PAYLOAD_ID: lost}}]}))
        response, code = submit(arguments).main()
        assert (response["jobid"], response["uri"], code) == ("00004", "/jobs/00004", 201)
        assert faults.count("POST", "/jobs/") == 1
        assert outcomes(journal) == [Outcome.SUBMITTED]
        # Settled: the same work may be submitted again on purpose.
        assert submit(arguments).main()[0]["jobid"] == "00007"

    def test_other_work_is_submitted(
        self, lost: str, submit: Any, arguments: dict[str, Any], faults: FaultServer,
    ) -> None:
        faults.on("GET", "/api/v1/jobs", Answer(200, {"data": [
            {"jid": "00004", "metadata": {PAYLOAD_ID: lost}}]}))
        other = dict(arguments, job_title="another")
        assert submit(other).main()[0]["jobid"] == "00007"

    @pytest.mark.parametrize(
        "answer", [Answer(200, {"data": []}), Answer(403)], ids=["no job", "no list"])
    def test_the_next_run_finds_nothing(
        self, lost: str, submit: Any, arguments: dict[str, Any], faults: FaultServer,
        answer: Answer,
    ) -> None:
        faults.on("GET", "/api/v1/jobs", answer)
        assert submit(arguments).main()[0]["jobid"] == "00007"

    def test_a_refused_sign_in_is_not_passed_over(
        self, lost: str, submit: Any, arguments: dict[str, Any], faults: FaultServer,
    ) -> None:
        faults.on("GET", "/api/v1/jobs", Answer(401))
        with pytest.raises(AuthError):
            submit(arguments).main()


def test_a_refused_job(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, journal: Journal,
) -> None:
    faults.on("POST", "/jobs/", Answer(400, {"error": "no such project"}))
    with pytest.raises(ServiceError, match="no such project"):
        submit(arguments).main()
    assert outcomes(journal) == [Outcome.REFUSED]


def test_no_job_without_its_files(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, tmp_path: Path,
) -> None:
    upload_server(faults)
    with pytest.raises(UploadError, match="HTTP 404"):
        submit(arguments).main()
    assert faults.count("POST", "/jobs/") == 0


@pytest.mark.parametrize("stage", ["before", "by the callback"])
def test_stopped(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, stage: str,
) -> None:
    submission = submit(arguments, on_progress=lambda progress: stage == "before")
    if stage == "before":
        submission.stop_work()
    with pytest.raises(Cancelled):
        submission.main()
    assert faults.count("POST", "/jobs/") == 0


def test_stopped_with_nothing_to_upload(
    client: ApiClient, config: Config, faults: FaultServer,
) -> None:
    cancel = threading.Event()
    cancel.set()
    submission = Submission("a" * 32, "t", "p", "m", "/out", (Task("echo"),))
    with pytest.raises(Cancelled, match="nothing was posted"):
        send(submission, client, config, cancel=cancel)
    assert faults.count("POST", "/jobs/") == 0


def test_two_in_one_process(
    submit: Any, arguments: dict[str, Any], faults: FaultServer,
) -> None:
    first, second = submit(arguments), submit(arguments)
    first.stop_work()
    with pytest.raises(Cancelled):
        first.main()
    assert second.main()[1] == 201


def test_main_twice_makes_two_jobs_alike(
    submit: Any, arguments: dict[str, Any], faults: FaultServer,
) -> None:
    submission = submit(arguments)
    submission.main()
    submission.main()
    first, second = [one.json for one in faults.requests("POST", "/jobs/")]
    assert first.pop("metadata") != second.pop("metadata")
    assert first == second and len(first["upload_files"]) == 1


class TestADaemonUploads:
    def test_nothing_is_read(
        self, submit: Any, arguments: dict[str, Any], faults: FaultServer,
    ) -> None:
        submit(dict(arguments, local_upload=False, location="mars")).main()
        sent = faults.requests("POST", "/jobs/")[0].json
        assert (sent["local_upload"], sent["location"], sent["upload_size"]) == (False, "mars", 5)
        entry = sent["upload_files"][0]
        assert (entry["md5"], entry["st_size"]) == (None, 5)
        assert faults.count("POST", "/api/v2/files/get_upload_urls") == 0

    def test_enforced_hashes_travel(
        self, submit: Any, arguments: dict[str, Any], faults: FaultServer,
    ) -> None:
        path = arguments["upload_paths"][0]
        submit(dict(arguments, local_upload=False, enforced_md5s={path: "m" * 24})).main()
        assert faults.requests("POST", "/jobs/")[0].json["upload_files"][0]["md5"] == "m" * 24

    def test_a_file_that_vanished(
        self, client: ApiClient, config: Config, tmp_path: Path,
    ) -> None:
        gone = str(tmp_path / "gone")
        submission = Submission(
            "a" * 32, "t", "p", "m", "/out", (Task("echo"),), (UploadFile(gone, gone),),
            local_upload=False)
        with pytest.raises(UploadError, match="gone"):
            send(submission, client, config)


def test_an_enforced_hash_must_name_a_file(submit: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError, match='"/no/such", which is not among'):
        submit(dict(arguments, enforced_md5s={"/no/such": "m"})).main()


def test_an_enforced_hash_is_checked(submit: Any, arguments: dict[str, Any]) -> None:
    path = arguments["upload_paths"][0]
    with pytest.raises(UploadError, match="has changed since"):
        submit(dict(arguments, enforced_md5s={path: "m" * 24})).main()


class TestUploadOnly:
    def test_posts_nothing(
        self, submit: Any, arguments: dict[str, Any], faults: FaultServer, journal: Journal,
    ) -> None:
        del arguments["tasks_data"], arguments["instance_type"]
        response, code = submit(dict(arguments, upload_only=True)).main()
        assert (response, code) == ({"message": "1 files uploaded", "jobid": None}, 204)
        assert faults.count("POST", "/jobs/") == 0 and journal.entries() == []

    def test_nothing_at_all(self, submit: Any, faults: FaultServer) -> None:
        response, code = submit({"upload_only": True}).main()
        assert (response, code) == ({"message": "No files to upload", "jobid": None}, 204)


def test_an_empty_folder_is_no_hang(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, tmp_path: Path,
) -> None:
    (tmp_path / "empty").mkdir()
    assert submit(dict(arguments, upload_paths=[str(tmp_path / "empty")])).main()[1] == 201
    assert faults.requests("POST", "/jobs/")[0].json["upload_files"] == []


def test_a_file_that_lists_paths(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, tmp_path: Path,
) -> None:
    (tmp_path / "more").write_bytes(b"more")
    (tmp_path / "list").write_text("%s\n" % (tmp_path / "more"))
    submit(dict(arguments, upload_file=str(tmp_path / "list"))).main()
    sent = faults.requests("POST", "/jobs/")[0].json["upload_files"]
    assert [os.path.basename(entry["destination"]) for entry in sent] == ["more", "scene"]


def test_forcing_where_the_service_cannot_is_a_warning(
    submit: Any, arguments: dict[str, Any], faults: FaultServer,
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert submit(dict(arguments, force_upload=True)).main()[1] == 201
    assert "cannot be made to take files again" in caplog.text


def test_the_hash_cache(
    submit: Any, arguments: dict[str, Any], config: Config, tmp_path: Path,
) -> None:
    os.utime(str(tmp_path / "scene"), (10**9, 10**9))
    database = tmp_path / "own" / "hashes"
    submit(dict(arguments, database_filepath=str(database))).main()
    assert database.exists() and not os.path.exists(config["cache_dir"])
    submit(arguments).main()
    assert os.listdir(config["cache_dir"]) == ["hashes.sqlite3"]


def test_batches_as_the_service_advertises(
    submit: Any, arguments: dict[str, Any], faults: FaultServer, tmp_path: Path,
) -> None:
    faults.on("GET", CAPABILITIES, Answer(200, {"data": {"upload_batch": 2}}))
    for number in range(7):
        (tmp_path / ("f%d" % number)).write_text(str(number))
    submit(dict(arguments, upload_paths=[str(tmp_path / ("f%d" % n)) for n in range(7)])).main()
    sizes = [len(one.json["upload_files"])
             for one in faults.requests("POST", "/api/v2/files/get_upload_urls")]
    assert max(sizes) == 2 and sum(sizes) == 7


def test_flavor_and_cores_by_the_catalogue(
    submit: Any, arguments: dict[str, Any], faults: FaultServer,
) -> None:
    del arguments["instance_type"]
    faults.on("GET", "/api/v1/instance-types", Answer(200, {"data": [
        {"name": "n1-standard-2", "cores": 2}, {"name": "n1-highmem-2", "cores": 2}]}))
    submit(dict(arguments, machine_flavor="highmem", cores=2)).main()
    assert faults.requests("POST", "/jobs/")[0].json["instance_type"] == "n1-highmem-2"
    with pytest.raises(ArgumentError, match="highmem/2, standard/2"):
        submit(dict(arguments, machine_flavor="highmem", cores=4)).main()


def test_wrong_arguments_are_told_before_anything_is_asked(faults: FaultServer) -> None:
    with pytest.raises(ArgumentError, match="job_title"):
        Submit({"job_titel": "x"})
    assert faults.seen == []


def test_a_client_is_made_from_the_configuration(
    faults: FaultServer, arguments: dict[str, Any], tmp_path: Path,
) -> None:
    upload_server(faults, lambda path: False)
    faults.on("POST", "/jobs/", CREATED)
    faults.on("GET", "/api/oauth_jwt", Answer(200, {"access_token": "t", "expires_in": 3600}))
    config = Config.load({
        "HOME": str(tmp_path / "home"), "CONDUCTOR_URL": faults.url,
        "CONDUCTOR_API_KEY": '{"client_id": "c", "private_key": "k"}'})
    assert Submit(arguments, config).main()[1] == 201
    assert faults.requests("POST", "/jobs/")[0].headers["Authorization"] == "Bearer t"


@pytest.fixture
def clean_logger() -> Iterator[logging.Logger]:
    logger = logging.getLogger("conductor")
    before = list(logger.handlers), logger.level
    yield logger
    for handler in list(logger.handlers):
        if handler not in before[0]:
            logger.removeHandler(handler)
            handler.close()
    logger.setLevel(before[1])


def test_logging(clean_logger: logging.Logger, tmp_path: Path, capfd: Any) -> None:
    count = len(clean_logger.handlers)
    set_logging(logging.DEBUG, str(tmp_path / "logs"))
    set_logging("WARNING", str(tmp_path / "logs"))
    assert len(clean_logger.handlers) == count + 2
    clean_logger.info("quiet")
    logging.getLogger("conductor.lib.x").warning("loud ?client_secret=s3cret")
    text = (tmp_path / "logs" / LOG_FILE).read_text()
    assert "loud" in text and "quiet" not in text and "s3cret" not in text
    assert "loud" in capfd.readouterr().err
    set_logging()
    assert len(clean_logger.handlers) == count + 1 and clean_logger.level == logging.INFO


def test_importing_changes_nothing(tmp_path: Path) -> None:
    import subprocess
    import sys

    script = (
        "import logging, signal, threading\n"
        "before = signal.getsignal(signal.SIGINT)\n"
        "from conductor.lib import conductor_submit, downloader\n"
        "assert signal.getsignal(signal.SIGINT) is before\n"
        "assert threading.active_count() == 1\n"
        "assert not logging.getLogger('conductor').handlers\n"
        "assert not logging.getLogger('urllib3.connectionpool').filters\n"
    )
    environment = {"HOME": str(tmp_path), "CONDUCTOR_URL": "nonsense", "PATH": "",
                   "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    subprocess.run([sys.executable, "-c", script], env=environment, check=True, timeout=60)
    assert os.listdir(str(tmp_path)) == []


def test_no_thread_and_no_signal_handler_stays(
    submit: Any, arguments: dict[str, Any],
) -> None:
    import signal

    before = signal.getsignal(signal.SIGINT)
    submit(arguments).main()
    assert signal.getsignal(signal.SIGINT) is before
    assert not [one for one in threading.enumerate() if "ThreadPool" in one.name]


def test_the_submission_comes_back_with_hashes(
    client: ApiClient, config: Config, faults: FaultServer, tmp_path: Path, quick: Transport,
) -> None:
    upload_server(faults)
    path = str(tmp_path / "a")
    Path(path).write_bytes(b"one")
    taken: list = []

    def take(seen: Seen) -> Answer:
        taken.append(seen.body)
        return Answer(200)

    faults.on("PUT", "/blob" + path, take)
    faults.on("POST", "/jobs/", Answer(201, {"jid": "00009"}))
    submission = Submission("a" * 32, "t", "p", "m", "/out", (Task("echo"),),
                            (UploadFile(path, path),))
    result = send(submission, client, config, storage=quick)
    assert (result.job_id, result.code, taken) == ("00009", 201, [b"one"])
    assert result.submission.upload_files[0].md5 == "+XxbRb8UrwImkpBJ+xkPpw==" or (
        len(result.submission.upload_files[0].md5 or "") == 24)
    assert replace(result.submission, upload_files=submission.upload_files) == submission


@pytest.mark.parametrize(("answer", "is_wanted", "seen"), [
    pytest.param(CREATED, False, ["asked for files", "in", "posted", "out"], id="the job is there"),
    pytest.param(Answer(400, {"detail": "no"}), False,
                 ["asked for files", "in", "posted", "ServiceError"], id="refused"),
    pytest.param(CREATED, True, ["asked for files"] * 2, id="a file cannot be sent"),
])
def test_around_the_post(
    answer: Answer, is_wanted: bool, seen: list[str], client: ApiClient, config: Config,
    faults: FaultServer, tmp_path: Path,
) -> None:
    """What is to happen between the upload and the job happens then, and only then."""
    (tmp_path / "scene").write_bytes(b"scene")
    steps: list[str] = []

    def told(step: str, answer: Answer) -> Callable[[Seen], Answer]:
        def tell(_: Seen) -> Answer:
            steps.append(step)
            return answer
        return tell

    @contextmanager
    def around() -> Iterator[None]:
        steps.append("in")
        try:
            yield
        except ServiceError as error:
            steps.append(type(error).__name__)
            raise
        steps.append("out")

    wanted = {"singlePartURLs": [{"filePath": str(tmp_path / "scene"), "fileSize": 5,
                                  "preSignedURL": faults.url + "/refused"}]}
    faults.on("POST", "/api/v2/files/get_upload_urls", told(
        "asked for files", Answer(200, wanted) if is_wanted else Answer(204)))
    faults.on("PUT", "/refused", Answer(403))
    faults.on("POST", "/jobs/", told("posted", answer))
    path = str(tmp_path / "scene")
    made = Submission("a" * 32, "shot", "default", "n1-standard-2", str(tmp_path / "out"),
                      tasks=(Task("true", "1"),), upload_files=(UploadFile(path, path),))
    try:
        send(made, client, config, around_post=around)
    except (ServiceError, UploadError):
        pass
    assert steps == seen
