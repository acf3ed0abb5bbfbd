"""Mails to those whom a job's ``notify`` names, once the job has ended.

What is to be sent follows from the database alone, so nothing is lost when the service or the mail
server is away: a job that has ended later than it was last told of is told. A mail is noted after
it was handed in; after a crash in between it goes out twice, with the same Message-ID.
"""

from __future__ import annotations

import logging
import re
import smtplib
import threading
import time
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from typing import Iterable, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from conductor.lib.errors import ConductorError, ServiceUnreachable
from conductor.lib.states import TaskState
from conductor.service import jobs
from conductor.service.database import Database, Job, Task
from conductor.service.mail_server import MailServer

LOG = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 600.0
"""After trouble with the mail server; doubled each time."""
GIVEN_UP_AFTER_S = 86_400.0
"""A mail that could not be sent for a day is not news any more. Jobs that ended before mails were
set up are not told for the same reason."""
CLOSE_LIMIT_S = 2.0
FAILED_TASKS_NAMED = 10

_ADDRESS = re.compile(r"""[^\s@,;:<>"()\[\]\\]+@[^\s@,;:<>"()\[\]\\]+""")


def addresses_of(notify: Iterable[object]) -> list[str]:
    """What can be written to, each once; whatever a client has sent as an address."""
    texts = (str(entry).strip() for entry in notify)
    return list(dict.fromkeys(text for text in texts if _ADDRESS.fullmatch(text)))


def mail_of(session: Session, job: Job, sender: str) -> EmailMessage | None:
    """The mail that tells how a job has ended; None when nobody can be told."""
    addresses = addresses_of(job.notify)
    if not addresses:
        return None
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = sender, ", ".join(addresses)
    mail["Subject"] = "Conductor job %s: %s: %s" % (job.jid, job.status, _line(job.title))
    mail["Date"] = formatdate(job.ended_at)
    mail["Message-ID"] = "<job-%s-%.3f@%s>" % (
        job.jid, job.ended_at or 0.0, sender.rpartition("@")[2].strip(" >") or "conductor")
    # Or answering machines would answer.
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_body(session, job)) + "\n")
    return mail


def _body(session: Session, job: Job) -> list[str]:
    counts = jobs.task_counts(session, job.id)
    lines = [
        "Job %s has ended: %s." % (job.jid, job.status), "",
        "title     " + _line(job.title),
        "project   " + _line(job.project),
        "tasks     " + (", ".join("%d %s" % (count, state) for state, count in counts.items())
                        or "none"),
        "took      %s" % _duration((job.ended_at or 0.0) - job.created_at),
        "outputs   " + (_line(job.output_path) or "none"), "",
    ]
    failed = _failed(session, job, counts.get(TaskState.FAILED, 0))
    return [
        *lines, *failed,
        "conductor jobs show %s    tells more" % job.jid,
        "conductor download %s     brings the outputs" % job.jid,
    ]


def _failed(session: Session, job: Job, number: int) -> list[str]:
    if not number:
        return []
    query = select(Task).where(Task.job_id == job.id, Task.status == TaskState.FAILED.value)
    tasks = session.scalars(query.order_by(Task.number).limit(FAILED_TASKS_NAMED))
    lines = ["  task %s, frames %s: %s" % (task.tid, _line(task.frames), _line(task.description))
             for task in tasks]
    if number > len(lines):
        lines.append("  and %d more" % (number - len(lines)))
    return ["Tasks that failed:", *lines, ""]


def _line(text: str) -> str:
    """Text of a client on one line, without what a mail cannot hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _duration(seconds: float) -> str:
    minutes, rest = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return "%d h %d min" % (hours, minutes) if hours else "%d min %d s" % (minutes, rest)


class Notifier:
    """The thread that sends them.

    Usage: ``start()``, ``close()``.

    Args:
        look_every: seconds between two looks at the database.
    """

    def __init__(
        self, database: Database, server: MailServer, look_every: float = LOOK_EVERY_S
    ) -> None:
        self._database, self._server, self._look_every = database, server, look_every
        self._stop = threading.Event()
        self._pause = 0.0
        # A daemon: it may hang on a mail server that does not answer.
        self._thread = threading.Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin; what ended while no service ran is told first."""
        self._thread.start()

    def close(self) -> None:
        """Stop; what has not been sent is sent after the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(CLOSE_LIMIT_S)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                pause = self.send_due(time.time())
            except Exception:
                # The top of a thread: the next look may succeed.
                LOG.exception("the notifier stumbled and goes on")
                pause = self._longer_pause()
            self._stop.wait(pause)

    def send_due(self, now: float) -> float:
        """Send all mails that are due; the seconds until it is worth looking again."""
        with self._database.read() as session:
            due = _due(session, now)
        if not due:
            return self._look_every
        try:
            with self._server.connected() as smtp:
                is_all_sent = not [job_id for job_id in due if not self._tell(smtp, job_id)]
        except (ConductorError, OSError, smtplib.SMTPServerDisconnected) as error:
            LOG.warning("%d mails wait: %s", len(due), error)
            is_all_sent = False
        if not is_all_sent:
            return self._longer_pause()
        self._pause = 0.0
        return self._look_every

    def _longer_pause(self) -> float:
        self._pause = min(max(2 * self._pause, FIRST_PAUSE_S), LONGEST_PAUSE_S)
        return self._pause

    def _tell(self, smtp: smtplib.SMTP, job_id: int) -> bool:
        """Send the mail of one job; False when it must be tried again."""
        if self._stop.is_set():
            raise ServiceUnreachable("the service stops")
        with self._database.read() as session:
            job = session.get_one(Job, job_id)
            ended_at, mail = job.ended_at, mail_of(session, job, self._server.sender)
        if ended_at is None:
            # It was begun again a moment ago.
            return True
        if mail is not None and not _handed_in(smtp, mail, job_id):
            return False
        with self._database.write() as session:
            session.get_one(Job, job_id).notified_at = ended_at
        return True


def _due(session: Session, now: float) -> Sequence[int]:
    query = select(Job.id, Job.notify).where(
        Job.ended_at > now - GIVEN_UP_AFTER_S,
        or_(Job.notified_at.is_(None), Job.notified_at < Job.ended_at),
    )
    return [job_id for job_id, notify in session.execute(query.order_by(Job.ended_at)) if notify]


def _handed_in(smtp: smtplib.SMTP, mail: EmailMessage, job_id: int) -> bool:
    """Send a mail; True too where it never can be sent, False where a later try may do."""
    try:
        refused = smtp.send_message(mail)
    except smtplib.SMTPServerDisconnected:
        raise
    except smtplib.SMTPRecipientsRefused as error:
        return _is_given_up(job_id, error, [code for code, _text in error.recipients.values()])
    except smtplib.SMTPResponseException as error:
        return _is_given_up(job_id, error, [error.smtp_code])
    except (smtplib.SMTPNotSupportedError, ValueError) as error:
        # An address that only a server of today could take.
        return _is_given_up(job_id, error, [553])
    for address in refused:
        LOG.warning("job %05d: the mail server refuses %s", job_id, address)
    LOG.info("job %05d: told %s", job_id, mail["To"])
    return True


def _is_given_up(job_id: int, error: Exception, codes: Sequence[int]) -> bool:
    is_final = all(code >= 500 for code in codes)
    LOG.warning("job %05d: the mail was refused%s: %s", job_id,
                "" if is_final else " for now", error)
    return is_final
