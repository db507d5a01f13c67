"""The verify command: compares a result with the digests of its run."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from graphlink.cli.options import commands, form_option, print_message, quiet_option, result_argument
from graphlink.render.terminal import Sheet, write_sheets

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.render.terminal import Form

_COLUMNS = ("table", "rows", "bytes", "sha256", "state")


@commands.command(examples=("graphlink verify /data/march",))
@result_argument
@form_option
@quiet_option
def verify(result: Path, *, form: Form, quiet: bool) -> None:
    """Check RESULT against the digests in run.json and the schema.

    Exit with 1 if a table was changed or damaged. Whoever changes a table can change run.json too: to verify
    that a result is the one that was sent, compare the SHA-256 of run.json with the sender's.
    """
    from graphlink.core.errors import ResultError
    from graphlink.result.integrity import check_references, check_table
    from graphlink.result.result import read_result
    from graphlink.storage.result_folder.digests import file_digest
    from graphlink.storage.result_folder.layout import MANIFEST

    opened = read_result(result)
    rows, faults = [], []
    for name, facts in sorted(opened.manifest["tables"].items()):
        try:
            state = "same" if opened.verify([name])[name] else "no digest"
            check_table(opened.path, name)
        except ResultError as error:
            state = "changed"
            faults.append(str(error))
        rows.append({"table": name, "sha256": None, **facts, "state": state})
    write_sheets([Sheet("tables", _COLUMNS, rows)], form, sys.stdout)
    if faults:
        raise ResultError("\n".join(faults))
    check_references(opened.path)
    if result.is_dir():
        print_message(f"SHA-256 of {MANIFEST}: {file_digest(result / MANIFEST)}", quiet=quiet)
