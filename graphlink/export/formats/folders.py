"""Exports that are folders: their files and `export.json`, by which a later export recognizes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from graphlink.export.formats.facts import FACTS, export_facts, plain
from graphlink.export.formats.tables import TABLE_NAMES

if TYPE_CHECKING:
    from pathlib import Path

    from graphlink.export.formats.export_format import Export, ExportFormat

_BY_TABLE = ("csv", "parquet")  # whose files are the tables; of others only `export.json` knows them


def write_export_folder(export: Export, form: ExportFormat, folder: Path) -> None:
    """Write an export in a format that is a folder, and `export.json`."""
    if form.write_folder is not None:
        form.write_folder(export, folder)
    facts = export_facts(export)
    if form.name not in _BY_TABLE:
        facts["files"] = sorted(path.name for path in folder.iterdir())
    text = json.dumps(plain(facts), indent=1, ensure_ascii=False, allow_nan=False)
    (folder / FACTS).write_text(text + "\n", encoding="utf-8")


def export_files(folder: Path) -> tuple[str, ...]:
    """The files of an export that is a folder, by its own `export.json`; none where it is no export."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return ()
    if not (isinstance(facts, dict) and {"graphlink", "what"} <= set(facts)):
        return ()
    own = facts.get("files", [])
    if isinstance(own, list) and own:
        return (FACTS, *(name for name in own if isinstance(name, str) and (folder / name).parent == folder))
    forms = [form for form in _BY_TABLE if (folder / f"accounts.{form}").exists()]
    return (FACTS, *(f"{name}.{form}" for name in TABLE_NAMES for form in forms))
