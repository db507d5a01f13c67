"""Text that is packed by bzip2, xz or zip, or not in UTF-8, is read as the same text is."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from graphlink.core.errors import InputError, SettingsError
from graphlink.core.settings import AccountSource, Settings, Source
from graphlink.engine.duck import DuckEngine
from graphlink.storage.files import read_sample
from graphlink.storage.unpacked import plain_name
from tests.collected import collect_observations

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

TEXT = "account_id,kind,value\njosé,client,x\nzoë,client,y\n"
READ = [("josé", "x"), ("zoë", "y")]


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(memory="1GB", threads=1) as made:
        yield made


def observed(engine: DuckEngine, path: Path, encoding: str = "") -> list[tuple[object, ...]]:
    source = Source(path=str(path), time="", encoding=encoding)
    collect_observations(engine, Settings(sources=(source,)))
    return engine.rows("SELECT account_id, value FROM observations ORDER BY ALL")


def zipped(content: bytes, path: Path, *names: str) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("inner.csv",):
            archive.writestr(name, content)


PACKERS: dict[str, Callable[[bytes, Path], object]] = {
    "bz2": lambda content, path: path.write_bytes(bz2.compress(content)),
    "xz": lambda content, path: path.write_bytes(lzma.compress(content)),
    "zip": zipped,
    "gz": lambda content, path: path.write_bytes(gzip.compress(content)),
    "zst": lambda content, path: path.write_bytes(pa.compress(content, "zstd", asbytes=True)),
}


@pytest.mark.parametrize("form", ["bz2", "xz", "zip"])
def test_a_packed_file_is_read_as_what_is_in_it(engine: DuckEngine, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"log.csv.{form}"
    PACKERS[form](TEXT.encode(), path)
    assert observed(engine, path) == READ
    assert read_sample(path, 9)[1][0] == {"account_id": "josé", "kind": "client", "value": "x"}


@pytest.mark.parametrize("form", ["bz2", "xz", "zip"])
def test_a_packed_file_that_is_not_whole_is_named(engine: DuckEngine, tmp_path: Path, form: str) -> None:
    path = tmp_path / f"log.csv.{form}"
    PACKERS[form](TEXT.encode() * 1000, path)
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=rf"log\.csv\.{form}: .*; check that it was copied whole"):
        observed(engine, path)


def test_an_archive_of_several_files_is_refused(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.csv.zip"
    zipped(TEXT.encode(), path, "a.csv", "b.csv")
    with pytest.raises(InputError, match="the archive holds 2 files; unpack it and name its folder"):
        observed(engine, path)


@pytest.mark.parametrize("form", ["", "gz", "zst", "xz"])
@pytest.mark.parametrize(("encoding", "named"), [("windows-1252", "windows-1252"), ("utf-16", "")])
def test_another_encoding_is_read_where_it_is_named(
    engine: DuckEngine, tmp_path: Path, form: str, encoding: str, named: str
) -> None:
    path = tmp_path / f"log.csv{form and '.' + form}"
    content = TEXT.encode(encoding)
    if form:
        PACKERS[form](content, path)
    else:
        path.write_bytes(content)
    assert observed(engine, path, named) == READ


def test_a_text_that_is_not_in_the_encoding_is_refused(engine: DuckEngine, tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_bytes(TEXT.encode("latin-1"))
    with pytest.raises(InputError, match="the text is not ascii throughout"):
        observed(engine, path, "ascii")


def test_only_encodings_of_text_can_be_named() -> None:
    for name in ("klingon", "rot13", "\0"):
        with pytest.raises(SettingsError, match="encoding"):
            Source(path="x.csv", encoding=name)
        with pytest.raises(SettingsError, match="encoding"):
            AccountSource(path="x.csv", encoding=name)


def test_copies_lose_the_ending_of_their_compression(tmp_path: Path) -> None:
    names = ("a.csv", "a.csv.gz", "a.csv.XZ", "access.log.1.bz2")
    assert [plain_name(tmp_path / name) for name in names] == ["a.csv", "a.csv", "a.csv", "access.log.1"]
