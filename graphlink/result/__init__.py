"""A finished run: its tables and graphs, redaction, comparison and integrity."""
