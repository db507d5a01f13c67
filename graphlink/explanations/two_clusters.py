"""Whether one operator runs two clusters: the two weighed against each other as a run weighs two groups.

Two numbers of the run bound the probability. The sum of the links (`merging`) joins groups; the chance that
not all links are false, each leading identifier once (`dividing`, `pruning`), takes apart what the sum
joined. The lesser of the two stands. On 12 planted worlds of 1,500 accounts (scenarios default, operators,
places and gateway, seeds 711 to 713, looked at once) links lead from one cluster to another in 188 pairs, of
which 8 are one operator's: 2 of the 167 below 0.1, and 6 of the 21 above, at a mean of 0.31. The sum alone
gives four pairs 0.5 to 0.98, none of them one operator's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphlink.core.constraint_names import CANNOT_LINK
from graphlink.core.errors import QuestionError
from graphlink.core.wording import compared as wording
from graphlink.core.wording.figures import format_bits
from graphlink.explanations.reweighing import make_evidence_graph
from graphlink.explanations.stored import (
    ENDS,
    LINK,
    WEIGHED,
    log_odds,
    members_of,
    probability_of,
    settings_of,
)
from graphlink.explanations.values import Explanation
from graphlink.explanations.what_if.solving import chief_links_again
from graphlink.explanations.what_if.surroundings import known_of
from graphlink.kinds import shown
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from numpy.typing import NDArray

    from graphlink.clustering.merging import Weighed
    from graphlink.core.settings import Settings
    from graphlink.explanations.readable import Readable
    from graphlink.explanations.reweighing import EvidenceGraph

_MOST_WORDED = 3
_LEAST = 1e-9  # no probability is stated as zero


@dataclass(frozen=True, slots=True)
class Bridge:
    """A link between two clusters that counts.

    Attributes:
        account_id_l: Its account in the left cluster.
        account_id_r: Its account in the right cluster.
        kind: Kind of its strongest evidence.
        value: The identifier; empty of a behaviour.
        bits: What it adds to the weighing of the two clusters.
        n_links: Links between the two clusters with this evidence.
    """

    account_id_l: str
    account_id_r: str
    kind: str
    value: str
    bits: float
    n_links: int


@dataclass(frozen=True, slots=True, repr=False)
class TwoClusters(Explanation):
    """Whether one operator runs two clusters, and by what.

    Attributes:
        left: One cluster.
        right: The other.
        probability: Probability of one operator for both, if each of them is one operator's; None where no
            link between them was kept.
        goal: Probability from which a run joins two groups.
        n_pairs: Pairs of an account of either.
        n_links: Links among these.
        n_likely: Links that are more likely than not.
        bridges: The links that count, those that add most first.
        against_bits: What differing values add, zero or less.
        doubt: Probability that all links between them are false.
        is_same_cause: Whether that doubt decides, rather than the sum of the links.
        n_labels: Labels that keep accounts of the two apart.
    """

    main: ClassVar[str] = "bridges"

    left: str
    right: str
    probability: float | None
    goal: float
    n_pairs: int
    n_links: int
    n_likely: int
    bridges: tuple[Bridge, ...]
    against_bits: float
    doubt: float
    is_same_cause: bool
    n_labels: int

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in short sentences."""
        left, right = shown(self.left), shown(self.right)
        said = (
            wording.one_operator_sentence(left, right, self.probability, self.goal),
            wording.links_between_sentence(self.n_links, self.n_likely, self.n_pairs, len(self.bridges)),
            self._by_what(),
            wording.against_sentence(self.against_bits),
            wording.same_cause_sentence(self.doubt, is_decisive=self.is_same_cause),
            wording.labelled_apart_sentence(self.n_labels),
            wording.kept_apart_sentence(self.probability, self.goal, self.n_labels),
        )
        return tuple(filter(None, said))

    def _by_what(self) -> str:
        adding = [one for one in self.bridges if one.bits > 0.0]
        if not adding:
            if not self.bridges:
                return ""
            return "What links them says nothing about one operator: places alone join no two groups."
        named = [
            f"{one.kind.replace('_', ' ')} {shown(one.value)}".strip() + f" ({format_bits(one.bits)})"
            for one in adding[:_MOST_WORDED]
        ]
        return f"By what: {', '.join(named)}."


@of_result
def compare_clusters(result: Readable, left: str, right: str) -> TwoClusters:
    """Weigh two clusters against each other as the run weighs two groups of accounts.

    Args:
        result: A finished run.
        left: One cluster.
        right: The other.

    Raises:
        NotFoundError: There is no such cluster.
        QuestionError: Both are the same cluster.
    """
    if left == right:
        raise QuestionError("compare two different clusters")
    sides = members_of(result, left), members_of(result, right)
    settings = settings_of(result)
    graph = _graph_between(result, sides, settings)
    labels = _labels_apart(result, sides)
    goal = settings.model.cluster_probability
    n_pairs = len(sides[0]) * len(sides[1])
    if not len(graph.bits):
        return TwoClusters(left, right, None, goal, n_pairs, 0, 0, (), 0.0, 1.0, False, labels)
    weighed, doubt, order = _weigh(result, graph, set(sides[0]), settings)
    posterior = probability_of(weighed.balance + log_odds(goal))
    # A run joins by the sum, and takes apart or out what the doubt of all links leaves too unlikely.
    is_same_cause = 1.0 - doubt < posterior
    return TwoClusters(
        left,
        right,
        max(_LEAST, round(1.0 - doubt if is_same_cause else posterior, 9)),
        goal,
        n_pairs,
        len(graph.bits),
        int((graph.bits > 0).sum()),
        _bridges(graph, order[weighed.rows], weighed.bits, set(sides[0])),
        round(min(weighed.against, 0.0), 6),
        doubt,
        is_same_cause,
        labels,
    )


def _graph_between(result: Readable, sides: tuple[list[str], list[str]], settings: Settings) -> EvidenceGraph:
    """The links between the two sides and their evidence, without those inside either."""
    links, evidence = (
        _crossing(result, name, columns, sides) for name, columns in (("links", LINK), ("evidence", WEIGHED))
    )
    names = sorted({*sides[0], *sides[1]})
    return make_evidence_graph(names, links, evidence, settings.model.prior_bits)


def _crossing(
    result: Readable, name: str, columns: Sequence[str], sides: tuple[list[str], list[str]]
) -> pa.Table:
    """The rows of a table of pairs that go from one side to the other."""
    halves = [
        result.table(name, columns, dict(zip(ENDS, pair, strict=True))) for pair in (sides, sides[::-1])
    ]
    return pa.concat_tables(halves)


def _weigh(
    result: Readable, graph: EvidenceGraph, left: Collection[str], settings: Settings
) -> tuple[Weighed, float, NDArray[np.int64]]:
    """The two weighed; the chance that all links are false; and per row of both the link of the graph."""
    # Imported here, because whoever only shows a result needs no communities.
    from graphlink.clustering.communities.dividing import doubt_between
    from graphlink.clustering.merging import weigh_two_groups

    nothing = result.table("constraints").slice(0, 0)
    links, against = chief_links_again(graph, settings, known_of(result, graph, nothing))
    # The engine gives links in any order, and numbers accounts from 1.
    links = links._replace(l=links.l - 1, r=links.r - 1)
    against = against._replace(values=against.values._replace(account=against.values.account - 1))
    links = links.only(np.lexsort((links.r, links.l)))
    order = np.lexsort((graph.ends[:, 1], graph.ends[:, 0]))
    is_left = np.array([name in left for name in graph.accounts])
    group = np.where(is_left, np.argmax(is_left), np.argmin(is_left)).astype(np.int64)
    start = settings.model.prior_bits - log_odds(settings.model.cluster_probability)
    bridges = links._replace(bits=links.bits - settings.model.prior_bits)
    communities = settings.parameters.communities
    weighed = weigh_two_groups(group, bridges, start, against, communities)
    return weighed, doubt_between(group, links, communities), order


def _bridges(
    graph: EvidenceGraph, links: NDArray[np.int64], bits: NDArray[np.float64], left: Collection[str]
) -> tuple[Bridge, ...]:
    """The links that count, those that add most first, each by its strongest evidence."""
    pairs = np.unique(np.column_stack([graph.item, graph.link]), axis=0)
    n_links = np.bincount(pairs[:, 0], minlength=graph.n_items)
    made = []
    for link, adds in zip(links.tolist(), bits.tolist(), strict=True):
        rows = np.arange(graph.link_starts[link], graph.link_starts[link + 1])
        item = int(graph.item[rows[np.argmax(graph.counted[rows])]])
        one, other = (graph.accounts[end] for end in graph.ends[link].tolist())
        l_name, r_name = (one, other) if one in left else (other, one)
        evidence = graph.items[item]
        made.append(Bridge(l_name, r_name, evidence.kind, evidence.value, round(adds, 6), int(n_links[item])))
    return tuple(sorted(made, key=lambda one: (-one.bits, one.account_id_l, one.account_id_r)))


def _labels_apart(result: Readable, sides: tuple[list[str], list[str]]) -> int:
    """How many labels keep an account of one side and one of the other apart."""
    rows = result.table("constraints")
    rows = rows.filter(pc.equal(rows["constraint_type"], CANNOT_LINK))
    inside = [[pc.is_in(rows[end], value_set=pa.array(side, pa.string())) for end in ENDS] for side in sides]
    crosses = pc.or_(pc.and_(inside[0][0], inside[1][1]), pc.and_(inside[1][0], inside[0][1]))
    return int(pc.sum(crosses).as_py() or 0)
