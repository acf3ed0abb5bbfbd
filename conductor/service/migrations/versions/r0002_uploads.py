"""Uploads that a daemon brings, and the files they wait for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002"
down_revision = "r0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both."""
    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("job_id", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("claimed_at", sa.Double(), nullable=False),
        sa.Column("transfer_size", sa.BigInteger(), nullable=False),
        sa.Column("bytes_transferred", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["job_id"], ["job.id"]),
    )
    op.create_index("ix_upload_job_id", "upload", ["job_id"], unique=True)
    op.create_index("upload_by_status", "upload", ["status", "claimed_at"])
    op.create_table(
        "awaited_file",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("upload_id", sa.Integer(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("node_path", sa.String(), nullable=False),
        sa.Column("md5", sa.String(), nullable=True),
        sa.Column("mode", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"]),
    )
    op.create_index("ix_awaited_file_upload_id", "awaited_file", ["upload_id"])


def downgrade() -> None:
    """Drop both."""
    op.drop_table("awaited_file")
    op.drop_table("upload")
