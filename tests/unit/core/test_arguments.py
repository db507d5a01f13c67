"""Wrong arguments of public functions: a GraphlinkError that names them, no error from somewhere within."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import graphlink
from graphlink import explanations
from graphlink.core.errors import GraphlinkError, QuestionError
from graphlink.evaluation import evaluate_clusters, evaluate_left_out, evaluate_links
from graphlink.explanations import (
    find_breaks,
    find_joint_span,
    find_loss,
    parse_identifier,
    read_surroundings,
    solve_without,
    try_without,
)
from graphlink.notebook.widget import show_cluster
from graphlink.result.redaction import LEGAL, read_profile, redact
from tests.documented import undocumented_error

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from graphlink.result.result import Result

BAD: tuple[Any, ...] = (
    "nobody", "", 5, None, ["x"], {"a": 1}, b"x", 1.5, "\ud800", ["\ud800"], pd.NA,
    np.array([1, 2]), np.str_("x"),
    pd.Series(["x", "y"]), pd.Series([], dtype=object), ("ip", ""), object(),
)  # fmt: skip
KEY = b"a key of the tests, 32 bytes long"


def calls(r: Any, x: Any) -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """Every public function with a wrong value in each place that takes one."""
    cluster = str(r.clusters["cluster_id"][0])
    one, other = (str(name) for name in r.members(cluster)["account_id"][:2])
    g = graphlink
    return [
        (g.explain_pair, (r, one, x)), (g.explain_pair, (r, x, other)), (g.explain_pair, (x, one, other)),
        (g.explain_member, (r, x)), (g.explain_member, (x, one)),
        (g.explain_cluster, (r, x)), (g.explain_cluster, (x, cluster)),
        (find_breaks, (r, x)), (find_breaks, (x, cluster)), (find_breaks, (r, cluster, x)),
        (find_loss, (r, x, "ip", "x")), (find_loss, (r, cluster, x, x)), (find_loss, (x, cluster, "ip", "x")),
        (g.find_paths, (r, one, x)), (g.find_paths, (x, one, other)),
        (g.estimate_collateral, (r, x)), (g.estimate_collateral, (x, [("ip", "x")])),
        (try_without, (r, cluster, x)), (try_without, (r, x, [("ip", "1.2.3.4")])),
        (solve_without, (r, cluster, x)), (solve_without, (x, cluster)), (find_joint_span, (x, [one])),
        (explanations.compare_clusters, (r, cluster, x)), (explanations.compare_clusters, (x, one, other)),
        (try_without, (x, cluster)), (parse_identifier, (x,)), (read_surroundings, (r, x)),
        (show_cluster, (r, x)),
        (show_cluster, (x, cluster)), (g.read_result, (x,)), (g.read_settings, (x,)), (g.settings_from, (x,)),
        (g.run, (x,)), (lambda x: g.run({}, model=x), (x,)),
        (lambda x: g.run({}, account=x), (x,)), (lambda x: g.run({}, time=x), (x,)),
        (lambda x: g.run({}, kinds=x), (x,)), (lambda x: g.run({}, kinds={"ip": x}), (x,)),
        (g.fit, (x,)), (g.load_model, (x,)),
        (g.open_workspace, (x,)),
        (r.table, (x,)), (r.table, ("links", x)), (r.table, ("links", None, x)),
        (r.table, ("links", None, {"account_id_l": x})), (r.check_cluster, (x,)), (r.members, (x,)),
        (r.evidence, (x,)), (r.evidence, (one, x)), (r.evidence, (None, None, x)), (r.reasons, (x,)),
        (r.graph, (x,)),
        (lambda x: r.graph(x, of="account"), (x,)), (lambda x: r.graph(x, of="accounts"), (x,)),
        (lambda x: r.graph(x, of="path"), (x,)), (lambda x: r.graph([one, other], of=x), (x,)),
        (lambda x: r.graph(cluster, weight=x), (x,)), (lambda x: r.igraph(x, of="path"), (x,)),
        (r.cluster_of, (x,)), (r.to_frame, (x,)), (r.explain, (x,)), (r.explain, (one, x)),
        (r.check_accounts, (x,)),
        (lambda x: r.explain(one, of=x), (x,)), (lambda x: r.save(r.path, overwrite=x), (x,)),
        (r.export, (x, r.path / "c.json")), (lambda x: r.export(cluster, r.path / "run.json", of=x), (x,)),
        (lambda x: r.export(cluster, r.path / "run.json", form=x), (x,)),
        (lambda x: r.export(cluster, r.path / "run.json", key=x), (x,)),
        (lambda x: r.export(cluster, r.path / "run.json", profile=x), (x,)),
        (lambda x: r.report(r.path, since=x), (x,)), (lambda x: r.report(r.path, profile=x), (x,)),
        (lambda x: r.report(r.path, select=x), (x,)),
        (lambda x: r.to_parquet(r.path, x), (x,)), (lambda x: r.to_parquet(r.path, run=x), (x,)),
        (lambda x: r.to_database(r.path, x), (x,)), (lambda x: r.to_database(r.path, mode=x), (x,)),
        (lambda x: r.to_database(r.path, prefix=x), (x,)), (r.pyvis, (x,)),
        (g.redact, (r, x)), (g.redact, (x, "legal")), (g.redact, (r, "legal", x)),
        (g.compare, (r, x)), (g.compare, (x, r)), (g.evaluate, (r, x)), (g.evaluate, (x, r.membership)),
        (g.leave_out, (r, x)), (g.leave_out, (x, "payment")), (evaluate_left_out, ("ip", x, x, x, x)),
        (evaluate_left_out, ("ip", r.table("links"), r.membership, x, r.membership)),
        (lambda x: g.Settings().with_(seed=x), (x,)),
        (lambda x: g.Settings().with_(model__prior_bits=x, kinds=x), (x,)),
        (explanations.explain_pair(r, one, other).to_frame, (x,)),
        (lambda x: r.graph(cluster, exact=x), (x,)),
        (lambda x: g.find_paths(r, one, other, skip_direct=x), (x,)),
        (r.igraph, (x,)), (r.holders, (x,)), (r.held, (x, ["ip"])), (r.held, ([one], x)),
        (r.links_around, (x, 5)), (r.links_around, ([one], x)), (r.edges_of, (x,)), (r.verify, (x,)),
        (redact, (r, x, KEY)), (redact, (x, LEGAL, KEY)), (redact, (r, LEGAL, x)), (read_profile, (x,)),
        (evaluate_clusters, (x, x)), (evaluate_clusters, (r.membership, r.membership)),
        (evaluate_links, (r.links, r.membership)), (evaluate_links, (r.table("links"), x)),
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("bad", BAD, ids=[f"{i}-{type(value).__name__}" for i, value in enumerate(BAD)])
def test_no_bare_error_leaves_a_public_function(sample_result: Result, bad: Any) -> None:
    undocumented = set()
    for function, arguments in calls(sample_result, bad):
        try:
            function(*arguments)
        except GraphlinkError as error:  # the errors that it may raise; any other fails the test
            undocumented.add(undocumented_error(error, error.__traceback__))
    assert undocumented - {None} == set(), "each error stands under Raises of what was called"


def test_columns_of_frames_are_lists(sample_result: Result) -> None:
    cluster = str(sample_result.clusters["cluster_id"][0])
    column = sample_result.members(cluster)["account_id"]
    listed = graphlink.estimate_collateral(sample_result, list(column))
    for names in (column, column.to_numpy(), column[::-1]):
        assert graphlink.estimate_collateral(sample_result, names) == listed
    table = sample_result.table("clusters", pd.Series(["cluster_id", "fdr"]))  # type: ignore[arg-type]  # on purpose
    assert table.column_names == ["cluster_id", "fdr"]


# These take rows that were read of a result, not a question from outside.
OF_ROWS = {"doubt_of", "find_joined", "searched_clusters"}


def test_the_walk_takes_every_function_of_the_package(sample_result: Result) -> None:
    names = {function.__name__ for function, _ in calls(sample_result, "x")} | {"settings_schema"}
    public = {
        name
        for name in (*graphlink.__all__, *explanations.__all__)
        if callable(getattr(graphlink, name, getattr(explanations, name, None))) and name[0].islower()
    }
    assert public - OF_ROWS <= names


def test_the_argument_is_named_and_reported_how_to_make(sample_result: Result) -> None:
    cluster = str(sample_result.clusters["cluster_id"][0])
    with pytest.raises(QuestionError, match=r"identifiers: expected a list of pairs .*parse_identifier"):
        try_without(sample_result, cluster, ["ip:1.2.3.4"])  # type: ignore[list-item]  # the wrong call
    with pytest.raises(QuestionError, match=r"membership: expected a table of pandas or pyarrow"):
        evaluate_clusters(["a"], sample_result.table("membership"))
    with pytest.raises(TypeError, match="missing"):
        sample_result.table()  # type: ignore[call-arg]  # a wrong call stays one


def test_a_table_that_lacks_columns_is_named(sample_result: Result, tmp_path: Path) -> None:
    shutil.copytree(sample_result.path, tmp_path / "result")
    changed = graphlink.read_result(tmp_path / "result")
    for name in ("clusters", "reasons"):
        path = tmp_path / "result" / f"{name}.parquet"
        pq.write_table(pq.read_table(path, columns=["cluster_id"]), path)
    for read in (lambda: changed.clusters, changed._repr_html_, changed.reasons):
        with pytest.raises(GraphlinkError, match="has no column"):
            read()


def test_a_notebook_shows_no_probability_as_certain(
    sample_result: Result, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = type(sample_result).table

    def surest(result: Result, name: str, columns: list[str]) -> pa.Table:
        table = read(result, name, columns)
        score = pa.array([0.99999] * table.num_rows)
        return table.set_column(table.column_names.index("score"), "score", score)

    monkeypatch.setattr(type(sample_result), "table", surest)
    shown = sample_result._repr_html_()
    assert "1.000" not in shown
    assert "&gt;0.999" in shown
