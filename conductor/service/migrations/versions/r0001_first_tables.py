"""The first tables: contents, jobs, tasks, attempts, outputs, downloads."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "r0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them all."""
    _contents()
    _jobs()
    _job_parts()
    _tasks()
    _attempts()
    _results()


def downgrade() -> None:
    """Drop them all, dependents first."""
    for table in ("download", "output", "attempt", "task", "job_file", "job_body", "job", "blob"):
        op.drop_table(table)


def _column(name: str, kind: Any, nullable: bool = False, **options: Any) -> sa.Column[Any]:
    return sa.Column(name, kind, nullable=nullable, **options)


def _of_task() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["job_id", "task_number"], ["task.job_id", "task.number"])


def _contents() -> None:
    op.create_table(
        "blob",
        _column("sha256", sa.String(), primary_key=True),
        _column("md5", sa.String()),
        _column("size", sa.BigInteger()),
        _column("stored_at", sa.Double()),
    )
    op.create_index("ix_blob_md5", "blob", ["md5"])


def _jobs() -> None:
    op.create_table(
        "job",
        _column("id", sa.Integer(), primary_key=True),
        *(_column(name, sa.String()) for name in (
            "title", "project", "owner", "location", "instance_type", "output_path",
            "node_output_path", "scout_frames", "status",
        )),
        *(_column(name, sa.Integer()) for name in (
            "cores", "priority", "max_instances", "chunk_size",
        )),
        *(_column(name, sa.Boolean()) for name in ("preemptible", "local_upload")),
        *(_column(name, sa.JSON()) for name in (
            "environment", "autoretry_policy", "metadata", "software_package_ids", "notify",
        )),
        _column("upload_size", sa.BigInteger()),
        _column("created_at", sa.Double()),
        _column("ended_at", sa.Double(), nullable=True),
        _column("idempotency_key", sa.String(), nullable=True),
        sa.UniqueConstraint("idempotency_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_job_location", "job", ["location"])
    op.create_index("ix_job_status", "job", ["status"])


def _job_parts() -> None:
    op.create_table(
        "job_body",
        _column("job_id", sa.Integer(), primary_key=True),
        _column("body", sa.LargeBinary()),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"]),
    )
    op.create_table(
        "job_file",
        _column("id", sa.Integer(), primary_key=True),
        _column("job_id", sa.Integer()),
        *(_column(name, sa.String()) for name in ("node_path", "md5", "sha256")),
        _column("size", sa.BigInteger()),
        _column("mode", sa.Integer()),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"]),
    )
    op.create_index("ix_job_file_job_id", "job_file", ["job_id"])


def _tasks() -> None:
    op.create_table(
        "task",
        _column("job_id", sa.Integer(), primary_key=True),
        _column("number", sa.Integer(), primary_key=True, autoincrement=False),
        *(_column(name, sa.String()) for name in ("command", "frames", "status", "description")),
        _column("kill_requested", sa.Boolean()),
        *(_column(name, sa.Integer()) for name in ("attempts", "failed_count", "lost_count")),
        _column("exit_code", sa.Integer(), nullable=True),
        _column("started_at", sa.Double(), nullable=True),
        _column("ended_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"]),
    )
    op.create_index("task_by_status", "task", ["status", "job_id", "number"])


def _attempts() -> None:
    op.create_table(
        "attempt",
        _column("id", sa.String(), primary_key=True),
        *(_column(name, sa.Integer()) for name in ("job_id", "task_number", "number")),
        *(_column(name, sa.String()) for name in (
            "state", "reason", "engine", "engine_ref", "host",
        )),
        _column("exit_code", sa.Integer(), nullable=True),
        _column("signal", sa.Integer(), nullable=True),
        _column("started_at", sa.Double()),
        _column("ended_at", sa.Double(), nullable=True),
        _of_task(),
    )
    op.create_index("attempt_by_state", "attempt", ["state"])
    op.create_index("attempt_by_task", "attempt", ["job_id", "task_number", "number"])


def _results() -> None:
    op.create_table(
        "output",
        _column("id", sa.Integer(), primary_key=True),
        *(_column(name, sa.Integer()) for name in ("job_id", "task_number")),
        *(_column(name, sa.String()) for name in ("relative_path", "md5", "sha256")),
        _column("size", sa.BigInteger()),
        _of_task(),
        sa.ForeignKeyConstraint(["sha256"], ["blob.sha256"]),
    )
    op.create_index("output_by_task", "output", ["job_id", "task_number"])
    op.create_table(
        "download",
        _column("id", sa.Integer(), primary_key=True),
        *(_column(name, sa.Integer()) for name in ("job_id", "task_number")),
        _column("status", sa.String()),
        _column("claimed_at", sa.Double()),
        _column("bytes_downloaded", sa.BigInteger()),
        _of_task(),
    )
    op.create_index("download_by_task", "download", ["job_id", "task_number"], unique=True)
    op.create_index("download_by_status", "download", ["status", "claimed_at"])
