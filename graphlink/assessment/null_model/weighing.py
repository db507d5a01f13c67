"""The step that compares links and clusters with the null model."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from graphlink.assessment.harmless_readings import TASTE
from graphlink.assessment.null_model.bins import n_lifted_to, significant
from graphlink.assessment.null_model.cluster_rates import rate_clusters
from graphlink.assessment.null_model.coincidence import expected_links
from graphlink.assessment.null_model.link_rates import rate_links
from graphlink.core.organisations import OPENLY
from graphlink.core.schema import CLUSTER_SCORES, CLUSTERS, CONCLUDED_LINKS, LINKS
from graphlink.core.tables.clusters import (
    CLUSTER_HYPOTHESES,
    CLUSTER_NAMES,
    EXPLAINED_COMMUNITIES,
)
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, BLOCKS, SHARED_IDENTIFIERS, WINDOW_INCIDENCE
from graphlink.core.tables.model import (
    BLOCK_LIMITS,
    EVIDENCE_DEPENDENCE_CAPS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    EXCLUSIVITY_BITS,
    NUMBERED_BEHAVIOURS,
    PAIR_KINDS,
    SCORED_PAIRS,
)
from graphlink.engine import number
from graphlink.engine.stage import step

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.engine import Sql

NULL = (
    "configuration: per kind, identifiers keep their holders and times, accounts their sightings; "
    "accounts are shuffled between kinds; expected number, not drawn"
)


@step(
    "null_model",
    "estimate what is expected by chance",
    takes=(
        *(CLUSTER_SCORES, CLUSTER_HYPOTHESES, CONCLUDED_LINKS, CLUSTER_NAMES, SCORED_PAIRS),
        *(
            EXCLUSIVITY_BITS,
            PAIR_KINDS,
            NUMBERED_BEHAVIOURS,
            EVIDENCE_KINDS,
            EVIDENCE_DEPENDENCE_CAPS,
        ),
        EXPLAINED_COMMUNITIES,
        *(EXCLUSIVITY, SHARED_IDENTIFIERS, BLOCKS, BLOCK_LIMITS, WINDOW_INCIDENCE, ACCOUNT_NUMBERS),
    ),
    makes=(CLUSTERS, LINKS),
    counted=(CLUSTERS, LINKS),
    share=0.03,
)
def estimate_null(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `links` and `clusters` with `expected_by_chance`, `fdr` and `also_explained_by`.

    `expected_by_chance` is the expected number of links at least as strong, or of clusters of at least as
    many accounts tied at least as strongly, that coincidence of facets gives in a run of this size. `fdr` is
    the false discovery rate of the list, the least doubtful first, down to and including the row.

    Returns:
        The null, and counts for the manifest.
    """
    expected = expected_links(engine, settings)
    # A cluster that is likeliest openly one organisation is one, and no harmless reading denies it but
    # one taste: a mail provider of few looks like an organisation's domain.
    engine.make(
        "explained",
        "SELECT e.* FROM explained_communities e JOIN cluster_names n ON n.community_no = e.community_no "
        f"JOIN cluster_hypotheses h ON h.cluster_id = n.cluster_id WHERE h.hypothesis <> '{OPENLY}' "
        f"OR e.also_explained_by = '{TASTE}'",
    )
    n_active = rate_clusters(engine, expected)
    rate_links(engine, expected)
    least = settings.model.min_probability
    return {
        "null": NULL,
        "links_by_chance": significant(n_lifted_to(expected, math.log2(least / (1.0 - least)))),
        "links_probable_by_chance": significant(n_lifted_to(expected, 0.0)),
        "accounts_in_effect": round(n_active),
        "clusters_also_explained": number(
            engine, "SELECT count(*) FROM clusters WHERE also_explained_by IS NOT NULL"
        ),
        "clusters_at_5_percent": number(engine, "SELECT count(*) FROM clusters WHERE fdr <= 0.05"),
        "links_at_5_percent": number(engine, "SELECT count(*) FROM links WHERE fdr <= 0.05"),
    }
