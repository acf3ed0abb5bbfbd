"""What alembic runs to apply the steps: on the connection that ``Database.upgrade`` hands over."""

from __future__ import annotations

from alembic import context

from conductor.service.database import Base


def run() -> None:
    """Apply all missing steps in one transaction."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=Base.metadata,
        # SQLite cannot alter a column in place: alembic copies the table instead.
        render_as_batch=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
