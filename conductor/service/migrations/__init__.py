"""How the tables came to be: one numbered step per change, run by alembic at every start."""
