"""Mails at a job's end: what they say, to whom, and what becomes of them when they are refused."""

from __future__ import annotations

import logging
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Iterator

import pytest
from mail_receiver import PASSWORD, USER, Mailbox, certificate, free_port
from service_client import FARM, Server, wait_until

from conductor.lib.errors import ConfigError
from conductor.service import farm, notifications
from conductor.service.database import Database, Job, Task
from conductor.service.mail_server import MailServer
from conductor.service.notifications import Notifier, addresses_of, mail_of

NOW = 1_800_000_000.0
SENDER = "conductor@studio.example"
FRED, WILMA = "fred@flintstones.com", "wilma@flintstones.com"


@pytest.fixture
def box() -> Iterator[Mailbox]:
    made = Mailbox()
    yield made
    made.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(tmp_path / "service.sqlite")
    made.upgrade()
    yield made
    made.close()


def add_job(
    database: Database, ended_at: float | None = NOW - 5, states: tuple[str, ...] = ("success",),
    **more: Any,
) -> int:
    """A job in the database; its id."""
    job = Job(
        title="Clarisse: shot", project="default", owner="me", location="",
        instance_type="n1-standard-2", cores=2, priority=5, preemptible=False, max_instances=0,
        output_path="/renders/shot", node_output_path="/renders/shot", environment={},
        scout_frames="", autoretry_policy={}, tags={}, software_package_ids=[], notify=[FRED],
        local_upload=True, upload_size=0, chunk_size=1, status=states[-1], created_at=NOW - 3700,
        ended_at=ended_at,
    )
    for name, value in more.items():
        setattr(job, name, value)
    with database.write() as session:
        session.add(job)
        session.flush()
        session.add_all(Task(
            job_id=job.id, number=number, command="true", frames=str(number + 1), status=state,
            description="exit code 3" if state == "failed" else "",
        ) for number, state in enumerate(states))
        return job.id


def mail(database: Database, job_id: int) -> EmailMessage:
    with database.read() as session:
        made = mail_of(session, session.get_one(Job, job_id), SENDER)
    assert made is not None
    return made


def notifier(database: Database, port: int) -> Notifier:
    return Notifier(database, MailServer("127.0.0.1", port, SENDER), look_every=7.0)


# ---------------------------------------------------------------- the whole way


def test_a_job_that_has_ended_is_told_to_everybody_named(tmp_path: Path, box: Mailbox) -> None:
    server = Server(tmp_path, FARM + """
mail: {host: 127.0.0.1, port: %d, sender: %s}
""" % (box.port, SENDER)).start()
    try:
        client = server.client()
        quiet = client.submit(
            "true", job_title="nobody asked", output_path=str(tmp_path / "quiet"))
        jid = client.submit(
            "true", "exit 3", job_title="Bärbels Aufnahme\r\nBcc: spy@evil.example",
            output_path=str(tmp_path / "out"),
            notify={"emails": [FRED, WILMA, "nobody", "two@a.example, three@a.example", FRED]},
        )
        client.wait(quiet)
        client.wait(jid)
        wait_until(lambda: box.mails, "the mail")
    finally:
        assert server.stop() == 0
    told, = box.mails
    assert box.recipients == [[FRED, WILMA, "two@a.example", "three@a.example"]]
    assert told["Subject"] == (
        "Conductor job %s: failed: Bärbels Aufnahme Bcc: spy@evil.example" % jid)
    assert (told["From"], told["Bcc"]) == (SENDER, None)
    assert "1 failed, 1 success" in told.get_content()
    assert "task 001, frames 2: exit code 3" in told.get_content()


def test_a_held_job_is_no_news_and_a_second_end_is(
    database: Database, box: Mailbox
) -> None:
    job_id = add_job(database, ended_at=None, states=("success", "holding"))
    told = notifier(database, box.port)
    assert told.send_due(NOW) == 7.0
    assert not box.mails
    with database.write() as session:
        session.get_one(Job, job_id).ended_at = NOW - 3
    told.send_due(NOW)
    told.send_due(NOW + 1)
    assert len(box.mails) == 1
    with database.write() as session:
        session.get_one(Job, job_id).ended_at = NOW + 2
    told.send_due(NOW + 3)
    assert len({one["Message-ID"] for one in box.mails}) == 2


def test_what_ended_long_ago_is_not_told(database: Database, box: Mailbox) -> None:
    add_job(database, ended_at=NOW - 2 * notifications.GIVEN_UP_AFTER_S)
    assert notifier(database, box.port).send_due(NOW) == 7.0
    assert not box.mails


# ---------------------------------------------------------------- what a mail says


def test_a_mail_says_what_became_of_the_job(database: Database) -> None:
    made = mail(database, add_job(database, states=("success", "success", "killed")))
    assert made["Subject"] == "Conductor job 00001: killed: Clarisse: shot"
    assert made["Auto-Submitted"] == "auto-generated"
    assert made["Message-ID"].endswith("@studio.example>")
    for line in ("title     Clarisse: shot", "tasks     1 killed, 2 success", "took      1 h 1 min",
                 "outputs   /renders/shot", "conductor download 00001     brings the outputs"):
        assert line in made.get_content().splitlines(), line
    assert "failed" not in made.get_content()


def test_many_failures_are_counted(database: Database) -> None:
    text = mail(database, add_job(database, states=("failed",) * 12)).get_content()
    assert text.count("exit code 3") == 10
    assert "  and 2 more" in text.splitlines()


@pytest.mark.parametrize("title", [
    pytest.param("a\r\nBcc: spy@evil.example\n\n.\r\n", id="lines"),
    pytest.param("\x00\x1b[2J\x7f", id="control characters"),
    pytest.param("x" * 5000, id="long"),
    pytest.param("", id="none"),
])
def test_no_title_breaks_a_mail(database: Database, title: str) -> None:
    made = mail(database, add_job(database, title=title))
    head, _, _ = made.as_bytes().partition(b"\r\n\r\n")
    assert not [line for line in head.split(b"\r\n") if line.lower().startswith(b"bcc")]
    assert made["To"] == FRED


@pytest.mark.parametrize(("notify", "addresses"), [
    pytest.param([FRED, WILMA], [FRED, WILMA], id="addresses"),
    pytest.param([FRED, " " + FRED], [FRED], id="twice"),
    pytest.param(["", "fred", "@b", "a@", "a@b@c", None, 5], [], id="none"),
    pytest.param(["a@b\r\nBcc: c@d", "a@b, c@d", "<a@b>", "Fred <a@b>"], [], id="more than one"),
    pytest.param(["bärbel@bücher.example"], ["bärbel@bücher.example"], id="of today"),
])
def test_who_can_be_written_to(notify: list[object], addresses: list[str]) -> None:
    assert addresses_of(notify) == addresses


# ---------------------------------------------------------------- trouble


def test_a_mail_server_that_is_away_is_tried_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    add_job(database)
    port = free_port()
    told = notifier(database, port)
    assert [told.send_due(NOW) for _ in range(7)] == [30, 60, 120, 240, 480, 600, 600]
    assert "1 mails wait: the mail server 127.0.0.1:%d" % port in caplog.text
    box = Mailbox(port)
    try:
        assert told.send_due(NOW) == 7.0
        assert len(box.mails) == 1
    finally:
        box.close()


@pytest.mark.parametrize(("who", "answer", "goes_on"), [
    pytest.param("", "451 later", False, id="the mail for now"),
    pytest.param("", "554 spam", True, id="the mail"),
    pytest.param(FRED, "450 later", False, id="the only recipient for now"),
    pytest.param(FRED, "550 unknown", True, id="the only recipient"),
])
def test_what_is_refused(
    database: Database, box: Mailbox, who: str, answer: str, goes_on: bool
) -> None:
    """For good: it is not tried for ever. For now: again later. Others get theirs."""
    add_job(database)
    add_job(database, notify=[WILMA])
    box.refusals[who] = answer
    told = notifier(database, box.port)
    assert told.send_due(NOW) == (7.0 if goes_on else 30.0)
    assert box.recipients == ([[WILMA]] if who else [])
    box.refusals.clear()
    assert told.send_due(NOW) == 7.0
    assert ([FRED] in box.recipients) is not goes_on


def test_one_refused_recipient_costs_the_others_nothing(
    database: Database, box: Mailbox, caplog: pytest.LogCaptureFixture
) -> None:
    add_job(database, notify=[FRED, WILMA])
    box.refusals[FRED] = "550 unknown"
    assert notifier(database, box.port).send_due(NOW) == 7.0
    assert box.recipients == [[WILMA]]
    assert "refuses " + FRED in caplog.text


@pytest.mark.parametrize("is_of_today", [True, False], ids=["of today", "of old"])
def test_an_address_beyond_ascii(database: Database, is_of_today: bool) -> None:
    """A server that cannot write to it is not asked for ever; the next mail goes out."""
    add_job(database, ended_at=NOW - 9, notify=["bärbel@bücher.example"])
    add_job(database)
    box = Mailbox(is_of_today=is_of_today)
    try:
        assert notifier(database, box.port).send_due(NOW) == 7.0
    finally:
        box.close()
    assert box.recipients == [["bärbel@bücher.example"], [FRED]][not is_of_today:]


def test_a_connection_that_breaks_loses_no_mail(database: Database, box: Mailbox) -> None:
    add_job(database)
    add_job(database, notify=[WILMA])
    # The code with which a server says that it closes the connection.
    box.refusals[FRED] = "421 going down"
    told = notifier(database, box.port)
    assert told.send_due(NOW) == 30.0
    box.refusals.clear()
    assert told.send_due(NOW) == 7.0
    assert sorted(box.recipients) == [[FRED], [WILMA]]


def test_a_stopped_service_sends_no_more(database: Database, box: Mailbox) -> None:
    add_job(database)
    told = notifier(database, box.port)
    told.close()
    assert told.send_due(NOW) == 30.0
    assert not box.mails


def test_the_thread_goes_on_after_it_stumbled(
    database: Database, box: Mailbox, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notifications, "FIRST_PAUSE_S", 0.01)
    monkeypatch.setattr(notifications, "GIVEN_UP_AFTER_S", 1e10)
    job_id = add_job(database, notify=5)
    told = notifier(database, box.port)
    told.start()
    try:
        wait_until(lambda: "stumbled" in caplog.text, "the stumble")
        with database.write() as session:
            session.get_one(Job, job_id).notify = [FRED]
        wait_until(lambda: box.mails, "the mail")
    finally:
        told.close()


# ---------------------------------------------------------------- the mail server


# The receiver does not see that its connection is encrypted from the beginning.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_signed_in_over_a_checked_connection(
    tmp_path: Path, database: Database, security: str, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    made = certificate(tmp_path)
    password = tmp_path / "password"
    password.write_text(PASSWORD + "\n")
    # The trust anchors of this connection alone; the server below reads no environment.
    monkeypatch.setenv("SSL_CERT_FILE", str(made.with_name("certificate.pem")))
    box = Mailbox(certificate=made, tls=security)
    told = Notifier(database, MailServer.of({
        "host": "127.0.0.1", "port": box.port, "sender": SENDER, "security": security,
        "user": USER, "password_file": str(password)}), look_every=7.0)
    add_job(database)
    try:
        monkeypatch.delenv("SSL_CERT_FILE")
        assert told.send_due(NOW) == 30.0, "a certificate nobody vouches for"
        monkeypatch.setenv("SSL_CERT_FILE", str(made.with_name("certificate.pem")))
        password.write_text("wrong\n")
        assert told.send_due(NOW) == 60.0
        assert not box.mails
        password.write_text(PASSWORD + "\n")
        assert told.send_due(NOW) == 7.0
        assert len(box.mails) == 1
    finally:
        box.close()
    assert PASSWORD not in caplog.text


@pytest.mark.parametrize(("text", "told"), [
    pytest.param("{sender: a@b}", '"host" is missing', id="no host"),
    pytest.param("{host: h}", '"sender" is missing', id="no sender"),
    pytest.param("{host: h, sender: a@b, prot: 1}", 'unknown entry "prot"', id="unknown"),
    pytest.param("{host: h, sender: a@b, port: '25'}", '"port" must be a int', id="type"),
    pytest.param("{host: h, sender: a@b, port: true}", '"port" must be a int', id="no number"),
    pytest.param("{host: h, sender: a@b, security: ssl}", '"security" is "ssl"', id="security"),
    pytest.param("{host: h, sender: a@b, user: u, password_file: /not/there}", "/not/there",
                 id="no password"),
    pytest.param("{host: h, sender: a@b, user: u, password_file: /dev/null}", "is empty",
                 id="empty password"),
])
def test_a_wrong_mail_server_is_told_at_the_start(tmp_path: Path, text: str, told: str) -> None:
    place = tmp_path / "farm.yml"
    place.write_text("mail: " + text)
    with pytest.raises(ConfigError) as caught:
        farm.load(place, tmp_path)
    assert told in str(caught.value) and str(place) in str(caught.value)


@pytest.mark.parametrize(("host", "security", "port"), [
    pytest.param("127.0.0.1", "none", 25, id="here"),
    pytest.param("smtp.studio.example", "starttls", 587, id="starttls"),
    pytest.param("smtp.studio.example", "tls", 465, id="tls"),
    pytest.param("smtp.studio.example", "none", 0, id="unencrypted"),
])
def test_a_password_never_travels_unencrypted(
    tmp_path: Path, host: str, security: str, port: int
) -> None:
    (tmp_path / "password").write_text(PASSWORD)
    entry = {"host": host, "sender": SENDER, "security": security, "user": USER,
             "password_file": str(tmp_path / "password")}
    if not port:
        with pytest.raises(ConfigError, match="unencrypted"):
            MailServer.of(entry)
        return
    assert MailServer.of(entry).port == port
    assert PASSWORD not in repr(MailServer.of(entry))


def test_without_a_mail_server_nobody_is_told(tmp_path: Path) -> None:
    assert farm.load(None, tmp_path).mail is None
