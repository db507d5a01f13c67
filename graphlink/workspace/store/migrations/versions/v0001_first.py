"""The first schema: databases are made with it at once, so there is nothing to migrate."""

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Change nothing: what is at this version has this schema."""
