from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from graphlink import run
from graphlink.core.errors import InputError
from graphlink.core.settings import KindSettings, Labels, ModelSettings, Pseudonymize, Settings
from graphlink.engine.duck import DuckEngine
from graphlink.ingest.labels import read_labels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def engine() -> Iterator[DuckEngine]:
    with DuckEngine(threads=1) as opened:
        opened.make(
            "account_numbers",
            "SELECT * FROM (VALUES (1, '001'), (2, 'b'), (3, 'c')) AS v(account_no, account_id)",
        )
        yield opened


def told(folder: Path, *rows: str) -> Settings:
    path = folder / "labels.csv"
    path.write_text("\n".join(["account_id_l,account_id_r,verdict", *rows]) + "\n", encoding="utf-8")
    return Settings(labels=Labels(str(path)))


def test_labels_are_numbered_pairs_with_a_verdict(engine: DuckEngine, tmp_path: Path) -> None:
    settings = told(tmp_path, "b,001, Yes", "b,c,no", "c,b,no", "001,c,unsure", "001,zz,yes")
    facts = read_labels(engine, settings)
    assert engine.rows("SELECT l, r, is_same FROM pair_labels ORDER BY 1, 2") == [(1, 2, True), (2, 3, False)]
    assert (facts["labels"], facts["pairs_used"]) == (5, 2)
    assert (facts["unsure"], facts["of_unknown_accounts"], facts["contradicted"]) == (1, 1, 0)
    assert len(str(facts["sha256"])) == 64


@pytest.mark.parametrize("as_in_result", [True, False])
def test_accounts_named_as_in_a_result_are_not_hashed_again(
    engine: DuckEngine, tmp_path: Path, as_in_result: bool
) -> None:
    (tmp_path / "key").write_bytes(b"0" * 32)
    (tmp_path / "key").chmod(0o600)
    hashing = Pseudonymize(kinds=("account",), key_file=str(tmp_path / "key"))
    settings = dataclasses.replace(told(tmp_path, "b,001,yes"), pseudonymize=hashing)
    labels = dataclasses.replace(settings.labels, as_in_result=as_in_result)
    facts = read_labels(engine, dataclasses.replace(settings, labels=labels))
    assert facts["pairs_used"] == int(as_in_result)  # the engine's accounts are those of a result


def test_a_contradicted_pair_teaches_nothing(engine: DuckEngine, tmp_path: Path) -> None:
    facts = read_labels(engine, told(tmp_path, "b,c,no", "c,b,yes"))
    assert engine.rows("SELECT * FROM pair_labels") == []
    assert facts["contradicted"] == 1


def test_without_a_file_nothing_is_judged(engine: DuckEngine) -> None:
    facts = read_labels(engine, Settings())
    assert (facts["labels"], facts["pairs_used"], "sha256" in facts) == (0, 0, False)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("account_id_l,account_id_r,verdict\na,b,yes\na,c,perhaps\n", r"row 2, column verdict: .*perhaps"),
        ("account_id_l,verdict\na,yes\n", "no column account_id_r; it has account_id_l, verdict"),
    ],
)
def test_a_wrong_file_is_named_with_its_remedy(
    engine: DuckEngine, tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "j.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_labels(engine, Settings(labels=Labels(str(path))))
    with pytest.raises(InputError, match="no such file; name a file that you can read"):
        read_labels(engine, Settings(labels=Labels(str(tmp_path / "none.csv"))))


def seen() -> pd.DataFrame:
    """Pairs that share a badge and nothing else: nothing but a label tells what a badge is worth."""
    rows = [(f"p{i:03}-{j}", "badge", f"b{i}") for i in range(60) for j in range(2)]
    return pd.DataFrame(rows, columns=["account_id", "kind", "value"])


def share(verdict: str, folder: Path, kinds: dict[str, KindSettings], *, teach: bool = True) -> float:
    """What a badge says, judged so for a third of the pairs: the probability of one operator."""
    settings = told(folder, *(f"p{i:03}-0,p{i:03}-1,{verdict}" for i in range(20)))
    low = ModelSettings(min_probability=0.01)
    labels = dataclasses.replace(settings.labels, teach=teach)
    result = run(seen(), settings=Settings(labels=labels, kinds=kinds, model=low))
    return float(result.links["p_direct"].mean()) if len(result.links) else 0.0


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [{}, {"badge": KindSettings(p_exclusive=0.3)}], ids=["open", "stated"])
def test_judgements_teach_what_a_kind_is_worth(tmp_path: Path, kinds: dict[str, KindSettings]) -> None:
    yes, unsure, no = (share(verdict, tmp_path, kinds) for verdict in ("yes", "unsure", "no"))
    assert yes > 0.75  # as much as the frequency of a badge among 120 accounts allows
    assert 0.1 < unsure < 0.5
    assert no < 0.1


@pytest.mark.slow
def test_labels_teach_a_fit_and_not_a_run(tmp_path: Path) -> None:
    yes, no = (share(verdict, tmp_path, {}, teach=False) for verdict in ("yes", "no"))
    assert yes == no
