"""When those who wait for a job's end were told of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0003"
down_revision = "r0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index that finds what has just ended."""
    op.add_column("job", sa.Column("notified_at", sa.Double(), nullable=True))
    op.create_index("ix_job_ended_at", "job", ["ended_at"])


def downgrade() -> None:
    """Drop both."""
    op.drop_index("ix_job_ended_at", "job")
    op.drop_column("job", "notified_at")
