"""One HTTP conversation: what is sent again, what is not, what is never told."""

from __future__ import annotations

import logging
import threading
import time

import pytest
import requests
from fault_server import CUT, Answer, FaultServer, closed_port
from hypothesis import given
from hypothesis import strategies as st
from requests.adapters import HTTPAdapter
from urllib3.exceptions import MaxRetryError, SSLError

from conductor.lib.errors import Cancelled, ServiceUnreachable
from conductor.lib.transport import (
    AnswerLost,
    Bearer,
    Call,
    RedactingFilter,
    Transport,
    guard_logs,
    new_session,
    redact,
)

GOOD = Answer(200, {"ok": True})


@pytest.mark.parametrize(
    "first, attempts",
    [
        pytest.param(Answer(408), 2, id="408 is tried again"),
        pytest.param(Answer(429), 2, id="429 is tried again"),
        pytest.param(Answer(500), 2, id="500 is tried again"),
        pytest.param(Answer(503), 2, id="503 is tried again"),
        pytest.param(CUT, 2, id="a cut connection is tried again"),
        pytest.param(Answer(400), 1, id="400 is final"),
        pytest.param(Answer(401), 1, id="401 is final here: the client renews the token"),
        pytest.param(Answer(404), 1, id="404 is final"),
        pytest.param(Answer(409), 1, id="409 is final"),
    ],
)
def test_safe_calls(faults: FaultServer, quick: Transport, first: Answer, attempts: int) -> None:
    faults.on("POST", "/x", first, GOOD)
    answer = quick.send(Call("POST", faults.url + "/x", body=b"{}"))
    assert faults.count("POST", "/x") == attempts
    assert answer.status_code == (200 if attempts == 2 else first.status)


@pytest.mark.parametrize("first", [Answer(503), Answer(500), Answer(429)], ids=str)
def test_unsafe_calls_are_sent_once(faults: FaultServer, quick: Transport, first: Answer) -> None:
    faults.on("POST", "/x", first, GOOD)
    assert quick.send(Call("POST", faults.url + "/x", safe=False)).status_code == first.status
    assert faults.count("POST", "/x") == 1


def test_an_unsafe_call_whose_answer_is_lost(faults: FaultServer, quick: Transport) -> None:
    faults.on("POST", "/x", CUT)
    with pytest.raises(AnswerLost, match="no answer"):
        quick.send(Call("POST", faults.url + "/x", safe=False))
    assert faults.count("POST", "/x") == 1


def test_an_unsafe_call_that_never_left_is_tried_again() -> None:
    attempts = []

    class Counting(HTTPAdapter):
        def send(self, *args: object, **kwargs: object) -> requests.Response:
            attempts.append(1)
            return super().send(*args, **kwargs)  # type: ignore[arg-type]

    session = new_session()
    session.mount("http://", Counting())
    transport = Transport(session, backoff_s=0, attempts=3)
    with pytest.raises(ServiceUnreachable, match="no connection") as caught:
        transport.send(Call("POST", "http://127.0.0.1:%d/" % closed_port(), safe=False))
    assert not isinstance(caught.value, AnswerLost)
    assert len(attempts) == 3
    told = str(caught.value)
    assert "no connection (Failed" in told and told.count("(") == told.count(")"), told


class Breaking(HTTPAdapter):
    """Fails every attempt with one error, as requests would raise it."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = requests.exceptions.SSLError(
            MaxRetryError(None, "/x?client_secret=s3cret", error))  # type: ignore[arg-type]
        self.attempts = 0

    def send(self, *args: object, **kwargs: object) -> requests.Response:
        self.attempts += 1
        raise self.error


@pytest.mark.parametrize(
    "error, attempts, kind, hint",
    [
        pytest.param(SSLError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed"), 1,
                     ServiceUnreachable, "REQUESTS_CA_BUNDLE", id="a certificate nobody trusts"),
        pytest.param(SSLError("EOF occurred in violation of protocol"), 3, AnswerLost,
                     "no answer", id="TLS cut in the middle"),
    ],
)
def test_tls(error: Exception, attempts: int, kind: type, hint: str) -> None:
    session, adapter = new_session(), Breaking(error)
    session.mount("https://", adapter)
    with pytest.raises(ServiceUnreachable, match=hint) as caught:
        Transport(session, backoff_s=0, attempts=3).send(Call("GET", "https://farm.example/x"))
    assert (type(caught.value), adapter.attempts) == (kind, attempts)
    assert "s3cret" not in str(caught.value)


def test_gives_up_after_all_attempts(faults: FaultServer) -> None:
    faults.on("GET", "/x", Answer(503))
    answer = Transport(backoff_s=0, attempts=4).send(Call("GET", faults.url + "/x"))
    assert (answer.status_code, faults.count("GET", "/x")) == (503, 4)


def test_no_answer_in_time(faults: FaultServer) -> None:
    release = threading.Event()

    def slow(seen: object) -> Answer:
        release.wait(5)
        return GOOD

    faults.on("GET", "/x", slow)
    transport = Transport(timeout=(1, 0.05), backoff_s=0, attempts=2)
    with pytest.raises(AnswerLost):
        transport.send(Call("GET", faults.url + "/x"))
    release.set()
    assert faults.count("GET", "/x") == 2


class Waits(threading.Event):
    """Notes how long it was asked to wait, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.seconds.append(timeout or 0.0)
        return False


def test_pauses_grow(faults: FaultServer) -> None:
    faults.on("GET", "/x", Answer(503))
    waits = Waits()
    Transport(cancel=waits, backoff_s=1, attempts=5).send(Call("GET", faults.url + "/x"))
    assert len(waits.seconds) == 4
    assert waits.seconds[0] == 0
    for seconds, full in zip(waits.seconds[1:], (2, 4, 8)):
        assert full / 2 <= seconds <= full


@pytest.mark.parametrize(
    "header, seconds",
    [
        pytest.param("7", 7, id="seconds"),
        pytest.param("99999", 60, id="never longer than a minute"),
        pytest.param("Wed, 21 Oct 2015 07:28:00 GMT", 0, id="a date that has passed"),
        pytest.param("soon", 0, id="nonsense counts as absent"),
    ],
)
def test_retry_after(faults: FaultServer, header: str, seconds: float) -> None:
    faults.on("GET", "/x", Answer(429, headers={"Retry-After": header}), GOOD)
    waits = Waits()
    Transport(cancel=waits, backoff_s=100).send(Call("GET", faults.url + "/x"))
    assert waits.seconds == [seconds]


def test_a_wait_ends_when_cancelled(faults: FaultServer) -> None:
    cancel = threading.Event()

    def answer(seen: object) -> Answer:
        cancel.set()
        return Answer(503, headers={"Retry-After": "55"})

    faults.on("GET", "/x", answer)
    started = time.monotonic()
    with pytest.raises(Cancelled):
        Transport(cancel=cancel).send(Call("GET", faults.url + "/x"))
    assert time.monotonic() - started < 5


def test_a_body_is_made_anew_for_each_attempt(faults: FaultServer, quick: Transport) -> None:
    faults.on("PUT", "/x", CUT, Answer(500), GOOD)
    quick.send(Call("PUT", faults.url + "/x", body=lambda: b"whole"))
    assert [one.body for one in faults.seen] == [b"whole"] * 3


def test_netrc_never_signs(
    faults: FaultServer, quick: Transport, tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path_factory.mktemp("netrc") / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    faults.on("GET", "/x", GOOD)
    quick.send(Call("GET", faults.url + "/x"))
    quick.send(Call("GET", faults.url + "/x", auth=Bearer("t0ken")))
    assert "Authorization" not in faults.seen[0].headers
    assert faults.seen[1].headers["Authorization"] == "Bearer t0ken"


def test_keeps_the_connection(faults: FaultServer) -> None:
    faults.on("GET", "/x", GOOD)
    transport = Transport()
    for _ in range(3):
        transport.send(Call("GET", faults.url + "/x"))
    assert len({one.peer for one in faults.seen}) == 1
    transport.drop_idle_connections()
    transport.send(Call("GET", faults.url + "/x"))
    assert len({one.peer for one in faults.seen}) == 2


def test_errors_hold_no_query_and_no_context() -> None:
    url = "http://127.0.0.1:%d/api/oauth_jwt" % closed_port()
    with pytest.raises(ServiceUnreachable) as caught:
        Transport(backoff_s=0, attempts=1).send(
            Call("GET", url, params={"client_secret": "s3cret"}))
    assert "s3cret" not in str(caught.value) + caught.value.detail
    # A traceback prints the chain, and requests' text holds the whole address.
    assert caught.value.__context__ is None and caught.value.__cause__ is None


def test_secrets_stay_out_of_debug_logs(
    faults: FaultServer, quick: Transport, caplog: pytest.LogCaptureFixture,
) -> None:
    faults.on("GET", "/api/oauth_jwt", Answer(503), GOOD)
    with caplog.at_level(logging.DEBUG):
        quick.send(Call(
            "GET", faults.url + "/api/oauth_jwt", params={"client_secret": "s3cret line"},
            auth=Bearer("t0ken.abc"),
        ))
    assert "/api/oauth_jwt" in caplog.text
    assert "s3cret" not in caplog.text and "t0ken" not in caplog.text


@pytest.mark.parametrize(
    "text",
    [
        "GET /api/oauth_jwt?client_id=a&client_secret=SEEDED&x=1",
        "?access_token=SEEDED&expires_in=3",
        "Authorization: Bearer SEEDED",
        "'authorization': 'bearer SEEDED'",
        "PUT /o?X-Amz-Signature=SEEDED",
        "PUT /o?X-Goog-Signature=SEEDED&y=2",
        "/blob/1?expires=5&sig=SEEDED",
    ],
)
def test_redact(text: str) -> None:
    shown = redact(text)
    assert "SEEDED" not in shown and "[hidden]" in shown


def test_redact_given_secrets_and_nothing_else() -> None:
    assert redact("a key: k1, and job 12", ("k1", "")) == "a key: [hidden], and job 12"


@given(st.text(alphabet="abcXYZ019-_.", min_size=8, max_size=40))
def test_no_token_survives(token: str) -> None:
    assert token not in redact("x Bearer %s" % token).replace("Bearer", "")
    assert "=" + token not in redact("?client_secret=%s&a=b" % token)


def test_the_filter_hides_tracebacks_too() -> None:
    try:
        raise ValueError("/x?client_secret=s3cret")
    except ValueError as error:
        record = logging.LogRecord(
            "x", logging.ERROR, "f", 1, "failed: %s", ("?sig=s3cret",),
            (ValueError, error, error.__traceback__))
    assert RedactingFilter().filter(record)
    assert "s3cret" not in logging.Formatter().format(record)


def test_guarding_twice_adds_one_filter() -> None:
    guard_logs()
    before = len(logging.getLogger("urllib3.connectionpool").filters)
    guard_logs()
    assert len(logging.getLogger("urllib3.connectionpool").filters) == before
