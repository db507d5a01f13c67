"""Databases as sources: DuckDB and SQLite files, and PostgreSQL."""
