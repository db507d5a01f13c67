"""The step that finds communities."""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING

import numpy as np

from graphlink.clustering.communities.constraining import (
    constraint_facts,
    load_constraints,
    read_pair_labels,
)
from graphlink.clustering.communities.dividing import take_apart
from graphlink.clustering.communities.leading import chief_evidence_sql, chief_links
from graphlink.clustering.communities.outsiders import read_outsiders
from graphlink.clustering.communities.partitioning import Integers, partition_here, partition_there
from graphlink.clustering.communities.pruning import prune
from graphlink.clustering.communities.support import make_support
from graphlink.clustering.constraints import constrain
from graphlink.clustering.merging import Against, Disagreement, Links, Values, join_groups
from graphlink.core.schema import CONSTRAINTS
from graphlink.core.tables.clusters import (
    CLUSTER_PATHS,
    COMMUNITIES,
    CONSTRAINED_ACCOUNTS,
    EVIDENCE_COMMUNITIES,
    EVIDENCE_SUPPORT,
    MEMBER_SUPPORT,
)
from graphlink.core.tables.ingest import ACCOUNT_NUMBERS, NETWORKS, SHARED_IDENTIFIERS
from graphlink.core.tables.model import (
    DISAGREEMENT_WEIGHTS,
    EVIDENCE_KINDS,
    EXCLUSIVITY,
    MARKED_ACCOUNTS,
    PAIR_EVIDENCE,
    PAIR_LABELS,
    SCORED_PAIRS,
    SINGLE_VALUES,
)
from graphlink.engine import number
from graphlink.engine.stage import step
from graphlink.engine.typed_rows import rows_as

if TYPE_CHECKING:
    from graphlink.core.settings import Settings
    from graphlink.core.stages import TableSpec
    from graphlink.engine import Sql


@step(
    "communities",
    "find communities",
    takes=(
        SCORED_PAIRS,
        PAIR_EVIDENCE,
        EXCLUSIVITY,
        NETWORKS,
        SINGLE_VALUES,
        DISAGREEMENT_WEIGHTS,
        ACCOUNT_NUMBERS,
        SHARED_IDENTIFIERS,
        EVIDENCE_KINDS,
        PAIR_LABELS,
        MARKED_ACCOUNTS,
    ),
    makes=(
        COMMUNITIES,
        EVIDENCE_COMMUNITIES,
        CONSTRAINTS,
        CONSTRAINED_ACCOUNTS,
        MEMBER_SUPPORT,
        EVIDENCE_SUPPORT,
        CLUSTER_PATHS,
    ),
    share=0.09,
)
def find_communities(engine: Sql, settings: Settings) -> dict[str, object]:
    """Make `communities`, `member_support` and `cluster_paths` from links, their evidence and labels.

    Labels transform the partition that the evidence made (`evidence_communities`); `cluster_paths`, and with
    them the links, keep to the evidence. Numbers are the least account of the community and of the component,
    never an algorithm's.

    Returns:
        Counts for the manifest.
    """
    n_accounts = number(engine, "SELECT max(account_no) FROM account_numbers") + 1
    divide = partition_there if engine.is_distributed else partition_here
    component, community, facts = divide(engine, n_accounts, settings)
    is_linked = np.bincount(component)[component] > 1
    n_before = len(np.unique(community[is_linked]))
    engine.make("leading_evidence", chief_evidence_sql(settings.parameters.communities))
    links = chief_links(engine)
    community = _join(engine, community, links, settings)
    community = take_apart(
        community,
        links,
        settings.model.cluster_probability,
        settings.model.resolution_bits,
        settings.seed,
        settings.parameters.communities,
    )
    pruning = functools.partial(
        prune,
        least=settings.model.cluster_probability,
        parameters=settings.parameters,
        outside=read_outsiders(engine, community),
    )
    community = pruning(community, links)
    labels = read_pair_labels(engine)
    constrained = constrain(community, links, labels, pruning)
    del links
    _load(engine, EVIDENCE_COMMUNITIES, component, community)
    _load(engine, COMMUNITIES, component, constrained.community)
    load_constraints(engine, labels, constrained)
    make_support(engine, settings, constrained)
    return {
        "components": number(engine, "SELECT count(DISTINCT component_no) FROM communities"),
        "communities_before_joining": n_before,
        "communities": number(engine, "SELECT count(DISTINCT community_no) FROM communities"),
        **facts,
        **constraint_facts(labels, constrained, settings.labels.path),
    }


def _join(engine: Sql, community: Integers, links: Links, settings: Settings) -> Integers:
    """Join communities whose evidence between them outweighs chance."""
    model = settings.model
    start = model.prior_bits - math.log2(model.cluster_probability / (1 - model.cluster_probability))
    bridges = links.only(community[links.l] != community[links.r])
    bridges = bridges._replace(bits=bridges.bits - model.prior_bits)
    return join_groups(community, bridges, start, read_against(engine), settings.parameters.communities)


def read_against(engine: Sql) -> Against:
    """Read what speaks against two groups: single values of accounts, and the bits of differing in a kind."""
    disagreements = rows_as(
        engine, "SELECT kind_no, group_no, bits FROM disagreement_weights ORDER BY ALL", Disagreement
    )
    return Against(_single_values(engine), disagreements)


def _single_values(engine: Sql) -> Values:
    """The values of accounts with links: no other is ever in a community."""
    table = engine.arrow(
        "SELECT v.account_no, v.kind_no, coalesce(v.identifier_no, -v.account_no) AS value_no "
        "FROM single_values v "
        "SEMI JOIN (SELECT l AS account_no FROM scored_pairs UNION ALL SELECT r FROM scored_pairs) p "
        "ON p.account_no = v.account_no"
    )
    return Values(*(column.to_numpy() for column in table.columns))


def _load(engine: Sql, spec: TableSpec, component: Integers, community: Integers) -> None:
    n_members = np.bincount(community, minlength=len(community))
    chosen = np.flatnonzero(n_members[community] > 1)
    columns = {
        "account_no": chosen,
        "component_no": component[chosen],
        "community_no": community[chosen],
    }
    engine.load(spec.name, spec.arrow_table(columns))
