"""The service's own truth: jobs, tasks, attempts, stored files; SQLAlchemy models on SQLite.

The schema is made and changed by the migrations beside this module only; a test compares them with
these classes. Times are seconds since 1970, sizes are bytes.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Iterator

from alembic import command
from alembic.config import Config
from sqlalchemy import (
    JSON,
    URL,
    BigInteger,
    Connection,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    create_engine,
    event,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

BUSY_LIMIT_MS = 30_000
WRITES = "conductor_writes"


class Base(DeclarativeBase):
    """Parent of all models."""

    # What "float" means differs between releases of SQLAlchemy.
    type_annotation_map = {float: Double}


class Blob(Base):
    """One stored content; the file lies in the content store under its SHA-256."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    md5: Mapped[str] = mapped_column(index=True)
    size: Mapped[int] = mapped_column(BigInteger)
    stored_at: Mapped[float]


class Job(Base):
    """One submission as accepted; ``status`` always follows from its tasks."""

    __tablename__ = "job"
    __table_args__ = {"sqlite_autoincrement": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    project: Mapped[str]
    owner: Mapped[str]
    location: Mapped[str] = mapped_column(index=True)
    instance_type: Mapped[str]
    cores: Mapped[int]
    priority: Mapped[int]
    preemptible: Mapped[bool]
    max_instances: Mapped[int]
    output_path: Mapped[str]
    node_output_path: Mapped[str]
    environment: Mapped[dict[str, Any]] = mapped_column(JSON)
    scout_frames: Mapped[str]
    autoretry_policy: Mapped[dict[str, Any]] = mapped_column(JSON)
    tags: Mapped[dict[str, Any]] = mapped_column("metadata", JSON)
    software_package_ids: Mapped[list[Any]] = mapped_column(JSON)
    notify: Mapped[list[Any]] = mapped_column(JSON)
    local_upload: Mapped[bool]
    upload_size: Mapped[int] = mapped_column(BigInteger)
    chunk_size: Mapped[int]
    status: Mapped[str] = mapped_column(index=True)
    created_at: Mapped[float]
    ended_at: Mapped[float | None] = mapped_column(index=True)
    notified_at: Mapped[float | None]
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)

    @property
    def jid(self) -> str:
        """The id as it travels: at least five digits."""
        return "%05d" % self.id


class JobBody(Base):
    """The JSON of ``POST jobs/`` as it was received, deflated."""

    __tablename__ = "job_body"

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    body: Mapped[bytes]


class JobFile(Base):
    """One file a job needs on its node; ``node_path`` is where its commands look for it."""

    __tablename__ = "job_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), index=True)
    node_path: Mapped[str]
    md5: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    mode: Mapped[int]


class Upload(Base):
    """What an uploader daemon has to bring for a job; ``status`` is an upload state, ``reason``
    says why it failed."""

    __tablename__ = "upload"
    __table_args__ = (Index("upload_by_status", "status", "claimed_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), index=True, unique=True)
    status: Mapped[str]
    claimed_at: Mapped[float] = mapped_column(default=0.0)
    transfer_size: Mapped[int] = mapped_column(BigInteger, default=0)
    bytes_transferred: Mapped[int] = mapped_column(BigInteger, default=0)
    reason: Mapped[str] = mapped_column(default="")


class AwaitedFile(Base):
    """A file an upload waits for; ``md5`` is what it must be, None when anything is right."""

    __tablename__ = "awaited_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    upload_id: Mapped[int] = mapped_column(ForeignKey("upload.id"), index=True)
    destination: Mapped[str]
    node_path: Mapped[str]
    md5: Mapped[str | None]
    mode: Mapped[int]


class Task(Base):
    """One command of a job, numbered from 0 in the order of the submission."""

    __tablename__ = "task"
    __table_args__ = (Index("task_by_status", "status", "job_id", "number"),)

    job_id: Mapped[int] = mapped_column(ForeignKey("job.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    command: Mapped[str]
    frames: Mapped[str]
    status: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    kill_requested: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    failed_count: Mapped[int] = mapped_column(default=0)
    lost_count: Mapped[int] = mapped_column(default=0)
    exit_code: Mapped[int | None]
    started_at: Mapped[float | None]
    ended_at: Mapped[float | None]

    @property
    def tid(self) -> str:
        """The number as it travels: at least three digits."""
        return "%03d" % self.number


class Attempt(Base):
    """One run of one task. ``state`` is empty while it is under way, else an engine outcome."""

    __tablename__ = "attempt"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "task_number"], ["task.job_id", "task.number"]),
        Index("attempt_by_task", "job_id", "task_number", "number"),
        Index("attempt_by_state", "state"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    job_id: Mapped[int]
    task_number: Mapped[int]
    number: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str]
    engine: Mapped[str]
    engine_ref: Mapped[str]
    host: Mapped[str]
    exit_code: Mapped[int | None]
    signal: Mapped[int | None]
    started_at: Mapped[float]
    ended_at: Mapped[float | None]


class Output(Base):
    """One file a successful task wrote, by its path below the job's output path."""

    __tablename__ = "output"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "task_number"], ["task.job_id", "task.number"]),
        Index("output_by_task", "job_id", "task_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int]
    task_number: Mapped[int]
    relative_path: Mapped[str]
    md5: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    size: Mapped[int] = mapped_column(BigInteger)


class Download(Base):
    """What a downloader is offered: the outputs of one task."""

    __tablename__ = "download"
    __table_args__ = (
        ForeignKeyConstraint(["job_id", "task_number"], ["task.job_id", "task.number"]),
        Index("download_by_task", "job_id", "task_number", unique=True),
        Index("download_by_status", "status", "claimed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job_id: Mapped[int]
    task_number: Mapped[int]
    status: Mapped[str]
    claimed_at: Mapped[float]
    bytes_downloaded: Mapped[int] = mapped_column(BigInteger, default=0)


class Database:
    """The SQLite file; readers never wait, writers take turns.

    Usage: ``with database.read() as session`` or ``with database.write() as session``; the latter
    commits at its end and rolls back when an exception leaves it.
    """

    def __init__(self, path: Path) -> None:
        self._engine = create_engine(
            URL.create("sqlite", database=str(path)), pool_size=10, max_overflow=40
        )
        self._writer = self._engine.execution_options(**{WRITES: True})
        # SQLite would let the second writer spin; a lock lets it wait its turn.
        self._turn = threading.Lock()
        event.listen(self._engine, "connect", _prepare_connection)
        event.listen(self._engine, "begin", _begin)

    def upgrade(self) -> None:
        """Make or bring up to date all tables."""
        config = Config()
        folder = str(Path(__file__).with_name("migrations"))
        config.set_main_option("script_location", folder.replace("%", "%%"))
        with self._writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that sees one consistent state and changes nothing."""
        with Session(self._engine) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A session that holds the right to write from its beginning to its commit."""
        with self._turn, Session(self._writer) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _prepare_connection(connection: Any, _record: object) -> None:
    # The driver would begin transactions by its own rules; _begin does it by ours.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON",
        "busy_timeout=%d" % BUSY_LIMIT_MS,
    ):
        connection.execute("PRAGMA " + pragma)


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later fails under contention unless it says so
    # at its beginning.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
