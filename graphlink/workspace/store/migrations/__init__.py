"""The schema's history: `versions` holds one migration for each change of `graphlink.workspace.store.tables`.

A new database is made with the present schema and marked as of the last version; alembic applies to an older
one what it lacks.
"""
