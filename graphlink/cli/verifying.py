"""The command that compares a result with what its run wrote."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from graphlink.cli.options import commands, form_option, quiet_option, result_argument, say
from graphlink.render.terminal import Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.render.terminal import Form

_COLUMNS = ("table", "rows", "bytes", "sha256", "state")


@commands.command()
@result_argument
@form_option
@quiet_option
def verify(result: Path, *, form: Form, quiet: bool) -> None:
    """Compare the tables of RESULT with their digests in run.json, and their rows with what tables may hold.

    Exit code 1 when a table was changed or damaged. Whoever changes a table can change run.json too: to know
    that a result is the one that was sent, compare the SHA-256 of run.json with the sender's.
    """
    from graphlink.core.errors import ResultError
    from graphlink.result.integrity import check_references, check_table
    from graphlink.result.result import read_result
    from graphlink.storage.result_folder.digests import file_digest
    from graphlink.storage.result_folder.layout import MANIFEST

    found = read_result(result)
    rows, faults = [], []
    for name, facts in sorted(found.manifest["tables"].items()):
        try:
            state = "same" if found.verify([name])[name] else "no digest"
            check_table(found.path, name)
        except ResultError as error:
            state = "changed"
            faults.append(str(error))
        rows.append({"table": name, "sha256": None, **facts, "state": state})
    write_sheets([Sheet("tables", _COLUMNS, rows)], form, sys.stdout)
    if faults:
        raise ResultError("\n".join(faults))
    check_references(found.path)
    if result.is_dir():
        say(f"SHA-256 of {MANIFEST}: {file_digest(result / MANIFEST)}", quiet=quiet)
