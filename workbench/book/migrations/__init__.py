"""Past schemas and the way from each to the present: Alembic revisions, run by the package itself."""
