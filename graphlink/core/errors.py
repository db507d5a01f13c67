"""Errors a caller can act on: each says what was wrong, what was found and what would do."""

from __future__ import annotations

from graphlink.core.credentials import redacted_text


class GraphlinkError(Exception):
    """Base of every error graphlink raises on purpose; the command line prints it without a traceback.

    Whatever a message quotes, no password, token or signature of an address is left in it.
    """

    def __init__(self, *parts: object) -> None:
        super().__init__(*(redacted_text(part) if isinstance(part, str) else part for part in parts))


class InputError(GraphlinkError):
    """The input can't be read as it is; names file, row and column where they are known."""


class TableFormatError(InputError):
    """Files belong to a table that is more than its files, such as Delta Lake's; they are never read."""


class SettingsError(GraphlinkError):
    """A setting is unknown, of the wrong type or out of range; names the setting and what would do."""


class PluginError(GraphlinkError):
    """An extension of another distribution can't be used; names the distribution and the entry point."""


class TableError(GraphlinkError):
    """A table breaks its contract in `schema`; a fault in graphlink rather than in the input."""


class ResultError(GraphlinkError):
    """A result folder is missing, incomplete, of another version, or in use by another run."""


class NotFoundError(ResultError):
    """An account, identifier, cluster or piece of evidence that is asked for is not in the result."""


class QuestionError(ResultError):
    """A question can't be answered as asked: its parts contradict each other, or it asks for too much."""


class WorkspaceError(GraphlinkError):
    """A workspace can't be opened or written, or refuses what it is to do; names what would do."""


class ConflictError(WorkspaceError):
    """Somebody else changed what is to be changed; read it again first."""


class EngineError(GraphlinkError):
    """The engine could not finish: memory, disk or a statement it refused."""


class InternalError(GraphlinkError):
    """A fault in graphlink itself or in a library it stands on; names the place, and nothing of the data."""
