"""A copy of a result folder."""

from __future__ import annotations

import shutil
from pathlib import Path

from graphlink.core.errors import ResultError
from graphlink.storage.atomic import whole_folder, writing
from graphlink.storage.files import address_of
from graphlink.storage.result_folder.layout import MANIFEST, Folder, result_files


def copy_result(folder: Folder, target: str | Path, *, overwrite: bool) -> Path:
    """Copy a result to a folder that appears whole or not at all, and return that folder.

    Args:
        folder: The result.
        target: The folder to make.
        overwrite: Whether to replace an earlier result there.

    Raises:
        ResultError: The result or the target is not a folder of this machine, or can't be read or written.
    """
    address = address_of(target)
    if not isinstance(folder, Path) or address:
        raise ResultError(
            f"{address or folder}: only a folder of this machine is copied; copy the whole folder of the "
            "result there with the tools of its store"
        )
    place = Path(target)
    names = result_files(folder)
    if not names:
        raise ResultError(f"{folder} is no longer there; save a result while it is in use")
    with whole_folder(place, overwrite=overwrite, listed=result_files) as partial, writing(place):
        for name in (*(name for name in names if name != MANIFEST), MANIFEST):
            shutil.copyfile(folder / name, partial / name)
    return place
