"""Files and results at addresses of object stores."""

from graphlink.storage.remote.inputs import (
    StoredFiles,
    find_stored,
    refuse_stored_tables,
    stored_files,
    unchanged,
)
from graphlink.storage.remote.names import is_hidden, names_below
from graphlink.storage.remote.paths import StoredPath, stored_path
from graphlink.storage.remote.results import MODEL, check_reach, place_of_result, run_name, stored_run

__all__ = [
    "MODEL",
    "StoredFiles",
    "StoredPath",
    "check_reach",
    "find_stored",
    "is_hidden",
    "names_below",
    "place_of_result",
    "refuse_stored_tables",
    "run_name",
    "stored_files",
    "stored_path",
    "stored_run",
    "unchanged",
]
