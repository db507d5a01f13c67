"""Results redacted, compared and evaluated in one call."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet
import pytest

import graphlink
from graphlink.core.errors import InputError, QuestionError, SettingsError
from graphlink.evaluation import evaluate_clusters

if TYPE_CHECKING:
    from graphlink import Result

TRUTH = Path(__file__).parents[3] / "data" / "sample" / "truth.parquet"
KEY = b"a key of the tests, 32 bytes long"


def truths() -> list[Any]:
    table = pyarrow.parquet.read_table(TRUTH)
    frame = table.to_pandas()
    return [table, frame, frame.convert_dtypes(dtype_backend="pyarrow"), TRUTH, str(TRUTH)]


@pytest.mark.parametrize("truth", truths(), ids=["arrow", "pandas", "pandas-arrow", "path", "text"])
def test_the_truth_may_be_any_frame_or_file(sample_result: Result, truth: Any) -> None:
    actual = graphlink.evaluate(sample_result, truth)
    table, clusters = pyarrow.parquet.read_table(TRUTH), sample_result.table("clusters")
    expected = evaluate_clusters(sample_result.table("membership"), table, clusters=clusters)
    assert actual.clusters == expected
    assert set(actual.to_dict()) == {"clusters", "links"}


def test_measures_take_pandas_frames(sample_result: Result) -> None:
    frame = pd.read_parquet(TRUTH)
    assert evaluate_clusters(sample_result.membership, frame).pairs.precision > 0.9
    with pytest.raises(QuestionError, match="truth: the frame is no table of plain columns"):
        evaluate_clusters(sample_result.membership, pd.DataFrame({"account_id": [1, "a", object()]}))


def test_a_folder_stands_for_its_result(sample_result: Result) -> None:
    assert graphlink.evaluate(str(sample_result.path), TRUTH) == graphlink.evaluate(sample_result, TRUTH)


def test_a_truth_that_is_none_is_named(sample_result: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected Parquet or \.csv with account_id and operator_id"):
        graphlink.evaluate(sample_result, tmp_path / "nothing.csv")
    with pytest.raises(InputError, match="truth"):
        graphlink.evaluate(sample_result, ["a"])


def test_compare_lists_what_moved(sample_result: Result) -> None:
    same = graphlink.compare(sample_result, sample_result.path)
    assert same.counts == {"same": len(sample_result.clusters)}
    assert len(same.accounts) == 0
    assert list(same.accounts) == ["account_id", "cluster_before", "cluster_after", "was_known"]
    assert (same.links["bits_before"] == same.links["bits_after"]).all()
    assert same.to_frame().equals(same.clusters)
    assert repr(same).startswith(f"<Comparison: {len(sample_result.clusters)} clusters: ")
    assert "same accounts as before" in same._repr_html_()


def test_compare_warns_of_what_can_not_be_compared(sample_result: Result) -> None:
    shown = graphlink.redact(sample_result, "partner", KEY)
    compared = graphlink.compare(sample_result, shown)
    assert "no account in common" in " ".join(compared.caveats)
    assert compared.counts == {"new": len(sample_result.clusters), "gone": len(sample_result.clusters)}
    assert [change.status for change in compared.changes][:1] == ["new"]
    assert compared.links["probability_after"].isna().sum() == len(sample_result.links)


def test_a_key_is_bytes_or_a_file(sample_result: Result, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(KEY + b"\n")
    (tmp_path / "key").chmod(0o600)
    expected = list(graphlink.redact(sample_result, "legal", KEY).clusters["cluster_id"])
    for key in (tmp_path / "key", str(tmp_path / "key")):
        assert list(graphlink.redact(sample_result, "legal", key).clusters["cluster_id"]) == expected
    with pytest.raises(SettingsError, match="which need a key"):
        graphlink.redact(sample_result, "legal")
    with pytest.raises(QuestionError, match="key: expected bytes or text or a path or None, found int"):
        graphlink.redact(sample_result, "legal", 7)  # type: ignore[arg-type]  # wrong on purpose
    with pytest.raises(SettingsError, match="no profile 'nobody'"):
        graphlink.redact(sample_result, "nobody")


def test_a_profile_may_be_a_file_or_a_value(sample_result: Result, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text('accounts = "plain"\n', encoding="utf-8")
    for profile in (tmp_path / "own.toml", str(tmp_path / "own.toml"), graphlink.Profile("own", "plain")):
        shown = graphlink.redact(sample_result, profile, KEY)
        assert set(shown.accounts["account_id"]) == set(sample_result.accounts["account_id"])
