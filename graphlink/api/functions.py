"""What users do with whole results in one call: redact, compare, evaluate, leave out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphlink.api.readers import key_of, profile_of
from graphlink.api.rerun import facets_of, settings_of, weigh_without
from graphlink.api.results import Result, opened, public
from graphlink.core.arguments import checked
from graphlink.core.errors import QuestionError
from graphlink.evaluation.left_out import LeftOut, evaluate_left_out
from graphlink.evaluation.whole import Evaluation, evaluate_tables, read_truth_file
from graphlink.ingest.sources.frames import arrow_of
from graphlink.result import redaction
from graphlink.result.compared import Comparison, compare_results
from graphlink.result.redaction import Redacted

if TYPE_CHECKING:
    from graphlink.core.settings import EngineSettings
    from graphlink.result.redaction import Profile
    from graphlink.result.result import Result as StoredResult


@checked
def redact(
    result: StoredResult | str | Path, profile: Profile | str | Path, key: bytes | str | Path | None = None
) -> Result:
    """Make the result as readers may see it: nothing that is read from it is more than they may see.

    Args:
        result: A result, or its folder.
        profile: investigator, legal or partner; a TOML file; or a `Profile`.
        key: The key of the pseudonyms, or the file that holds it. The same key gives the same pseudonyms.

    Returns:
        A result that is read like any other, with redacted values.

    Raises:
        SettingsError: There is no such profile, or it needs a key.
        ResultError: The folder is no result.
    """
    return public(redaction.redact(opened(result), profile_of(profile), key_of(key)))


@checked
def compare(before: StoredResult | str | Path, after: StoredResult | str | Path) -> Comparison:
    """Compare two results: what became of clusters, which accounts moved, which links changed.

    Args:
        before: The earlier result, or its folder.
        after: The later one.

    Returns:
        What became of clusters (`clusters`), accounts and links, and what makes the two hard to compare.

    Raises:
        ResultError: A folder is no result.
    """
    return compare_results(opened(before), opened(after))


@checked
def evaluate(result: StoredResult | str | Path, truth: object) -> Evaluation:
    """Measure a result against known operators of accounts.

    Args:
        result: A result, or its folder.
        truth: account_id, operator_id (or operator), optionally style: a frame of pandas, pyarrow or any
            library with the Arrow C stream, or a Parquet or CSV file.

    Returns:
        Precision, recall and further measures of clusters (shares from 0 to 1), and the calibration of links.

    Raises:
        InputError: The truth can't be read, lacks a column, or has no account of the result.
        ResultError: The folder is no result.
    """
    table = read_truth_file(truth) if isinstance(truth, str | Path) else arrow_of(truth, "truth")
    return evaluate_tables(opened(result).table, table)


@checked
def leave_out(
    result: StoredResult | str | Path, facet: str, *, limits: EngineSettings | None = None
) -> LeftOut:
    """Leave a facet out, and see whether probabilities that the rest states predict it; needs no truth.

    The observations of the result are weighed again without the facet, under its own model.

    Args:
        result: A result, or its folder.
        facet: A facet of its kinds, such as payment.
        limits: Limits of the engine, which runs on this machine.

    Returns:
        By stated probability the pairs that could meet in the facet and the share that does, with what that
        says of one operator, and an interval.

    Raises:
        QuestionError: The result is redacted, or no kind of it has that facet.
        ResultError: The folder is no result, or lacks a table.
        EngineError: Memory or disk ran out.
    """
    stored = opened(result)
    if isinstance(stored, Redacted):
        raise QuestionError("leave_out: values of a redacted result are replaced; take the result itself")
    facets = facets_of(stored, settings_of(stored)[0])
    if facet not in facets:
        raise QuestionError(f"facet: expected {', '.join(facets)}, found {facet!r}")
    rest = weigh_without(stored, facets[facet], limits)
    units = stored.table("membership", ["account_id", "cluster_id"])
    return evaluate_left_out(facet, rest.links, rest.membership, rest.holdings, rest.held, units=units)
