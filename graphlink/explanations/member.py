"""Why an account is in its cluster: its evidence, how certain it is, and what would drop it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from graphlink.core.wording.clusters import moved_sentence
from graphlink.core.wording.figures import counted, format_bits, format_probability
from graphlink.explanations.breaks import drop_of, removal_words
from graphlink.explanations.reweighing import EvidenceGraph, make_evidence_graph
from graphlink.explanations.stored import (
    check_accounts,
    evidence_of,
    identifiers_known,
    links_of,
    log_odds,
    members_of,
    membership_of,
    probability_of,
    settings_of,
)
from graphlink.explanations.values import EvidenceItem, Explanation, as_subject
from graphlink.kinds import network_of, shown
from graphlink.result.integrity import of_result

if TYPE_CHECKING:
    from typing import Any

    from graphlink.explanations.readable import Readable

_N_LINKS = 10
_N_NAMED = 5
_MOST_BITS = 30.0  # of a link, when a run takes the chance that it is false


@dataclass(frozen=True, slots=True)
class Tie:
    """An identifier, or a joint behaviour, that links an account to its cluster.

    Attributes:
        kind: Kind of the identifier, or the behaviour.
        value: The identifier; empty for a behaviour.
        facet: Group of kinds that fail together.
        n_accounts: Further members that it links the account to.
        bits: The most it counts in one of the account's links.
        total_bits: What it counts over all of them.
        strongest: The member that it links the account to most.
        degree: Accounts that ever held it; None for a behaviour.
        p_exclusive: Probability that it is exclusive to one operator.
        label: Label from a reference list.
    """

    kind: str
    value: str
    facet: str
    n_accounts: int
    bits: float
    total_bits: float
    strongest: str
    degree: int | None
    p_exclusive: float | None
    label: str | None


@dataclass(frozen=True, slots=True)
class IndependentTie:
    """The links into the cluster that one identifier leads (or joint behaviour; then `value` is empty).

    What addresses of one network lead that are likelier public is one tie, named by the address that leads
    the strongest link.

    Attributes:
        kind: Kind of what counts most in the strongest of them.
        value: The identifier.
        n_links: How many it leads, with its neighbours.
        account_id: The member at the other end of the strongest.
        bits: Log2 odds of the strongest.
        probability: The same as a probability.
    """

    kind: str
    value: str
    n_links: int
    account_id: str
    bits: float
    probability: float


@dataclass(frozen=True, slots=True)
class LinkTo:
    """A link of the account to another member; its probability is that of its own evidence."""

    account_id: str
    bits: float
    probability: float


@dataclass(frozen=True, slots=True, repr=False)
class MemberExplanation(Explanation):
    """Why an account is in its cluster, or that it is in none.

    Attributes:
        account_id: The account.
        cluster_id: Its cluster; None when it is in none.
        role: core, fringe or none.
        constrained_by: What moved it from where evidence puts it: must_link, cannot_link or None.
        probability: Probability that it belongs to the cluster: `by_ties` times `stays`; None when it is in
            none.
        core_probability: From which probability on a member is core.
        by_ties: Probability that not all of the independent ties are false.
        stays: Share of the run's repetitions, each without a tenth of the identifiers, in which it stays with
            the larger fragment of the cluster.
        independent: Its links into the cluster by what leads them, each once: the strongest first.
        n_accounts: Accounts of the cluster.
        n_links: Its links to other members; of an account in no cluster, all its links.
        ties: Its shared evidence, one row per identifier or behaviour, the strongest first.
        facets: Facets of the ties, the strongest first.
        links: Its strongest links.
        least_probability: What a link must be likelier than to hold it.
        drop: The smallest set of evidence items whose loss leaves it without a link that holds it.
        drop_is_exact: Whether no fewer do it; else the number is an upper bound.
    """

    main: ClassVar[str] = "ties"
    account_id: str
    cluster_id: str | None
    role: str
    constrained_by: str | None
    probability: float | None
    core_probability: float
    by_ties: float | None
    stays: float | None
    independent: tuple[IndependentTie, ...]
    n_accounts: int
    n_links: int
    ties: tuple[Tie, ...]
    facets: tuple[str, ...]
    links: tuple[LinkTo, ...]
    least_probability: float
    drop: tuple[EvidenceItem, ...]
    drop_is_exact: bool

    @property
    def sentences(self) -> tuple[str, ...]:
        """The explanation in sentences."""
        name = shown(self.account_id)
        if self.cluster_id is None or self.probability is None:
            best = (
                f", the strongest of probability {format_probability(self.links[0].probability)}"
                if self.links
                else ""
            )
            alone = f"{name} is in no cluster; it has {counted(self.n_links, 'link')}{best}."
            return tuple(filter(None, (alone, moved_sentence(self.constrained_by, None))))
        sentences = [
            (
                f"{name} belongs to {self.cluster_id} "
                f"with probability {format_probability(self.probability)}, "
                f"by {counted(self.n_links, 'link')} to {counted(self.n_accounts - 1, 'other member')}."
            ),
            *filter(None, (moved_sentence(self.constrained_by, self.cluster_id),)),
            *_role_sentences(self),
        ]
        led = {(tie.kind, tie.value): place for place, tie in enumerate(self.independent)}
        # Evidence that leads links of its own comes before what accompanies it.
        ties = sorted(self.ties, key=lambda tie: led.get((tie.kind, tie.value), len(led)))
        sentences += [_tie_sentence(tie) for tie in ties[:_N_NAMED]]
        if self.drop:
            rest = "No smaller set does that." if self.drop_is_exact else "That is an upper bound."
            sentences.append(
                f"It would drop out without {removal_words(self.drop)}: no link of probability "
                f"{self.least_probability:g} or more would be left. {rest}"
            )
        return tuple(sentences)


@of_result
def explain_member(result: Readable, account_id: str) -> MemberExplanation:
    """Explain why an account is in its cluster.

    Args:
        result: A finished run.
        account_id: The account, which may be in no cluster.

    Returns:
        Its probability to belong, the ties and links behind it, and the smallest loss that drops it.

    Raises:
        NotFoundError: There is no such account.
    """
    check_accounts(result, [account_id])
    own = membership_of(result, [account_id])[account_id]
    cluster_id = own["cluster_id"]
    members = [] if cluster_id is None else members_of(result, cluster_id)
    model = settings_of(result).model
    links = links_of(result, account_id, members or None)
    others = {name for end in ("account_id_l", "account_id_r") for name in links[end].to_pylist()} - {
        account_id
    }
    rows = evidence_of(result, account_id, others)
    graph = make_evidence_graph(sorted({account_id, *others}), links, rows, model.prior_bits)
    ties = _ties(result, graph, account_id)
    strongest = _links(graph, account_id)
    least = model.cluster_probability
    if not strongest or strongest[0].probability < least:
        least = 0.5  # several weaker links hold it together
    cut = drop_of(graph, account_id, log_odds(least)) if cluster_id else None
    independent = _independent(graph, account_id, _networks(result, graph)) if cluster_id else ()
    by_ties = 1.0 - math.prod(1.0 - probability_of(min(tie.bits, _MOST_BITS)) for tie in independent)
    return MemberExplanation(
        account_id=account_id,
        cluster_id=cluster_id,
        role=own["role"],
        constrained_by=own["constrained_by"],
        probability=own["probability"],
        core_probability=model.core_probability,
        by_ties=by_ties if cluster_id else None,
        stays=min(1.0, own["probability"] / by_ties) if cluster_id and by_ties else None,
        independent=independent,
        n_accounts=len(members),
        n_links=len(strongest),
        ties=ties,
        facets=tuple(dict.fromkeys(tie.facet for tie in ties if tie.bits > 0)),
        links=strongest[:_N_LINKS],
        least_probability=least,
        drop=tuple(graph.items[item] for item in cut.items) if cut else (),
        drop_is_exact=cut.is_exact if cut else True,
    )


def _networks(result: Readable, graph: EvidenceGraph) -> dict[tuple[str, str], tuple[str, str]]:
    """The network of each shared address that is likelier public, where the run knows it."""
    owned = settings_of(result).parameters.communities.owned
    networks = {(item.kind, item.value): network_of(item.kind, item.value) for item in graph.items}
    known = identifiers_known(result, {*networks, *networks.values()})
    return {
        address: network
        for address, network in networks.items()
        if network in known and (known.get(address, {}).get("p_exclusive") or 0.0) < owned
    }


def _independent(
    graph: EvidenceGraph, account_id: str, networks: dict[tuple[str, str], tuple[str, str]]
) -> tuple[IndependentTie, ...]:
    """The links by what counts most in each: an identifier, or any joint behaviour, as a run takes them."""
    place = graph.accounts.index(account_id)
    led: dict[tuple[str, str], list[tuple[float, int, str, str]]] = {}
    for link, bits in enumerate(graph.bits.tolist()):
        rows = range(int(graph.link_starts[link]), int(graph.link_starts[link + 1]))
        # Of equals the first by kind and value, as the rows are sorted; what has no identifier last.
        row = min(rows, key=lambda row: (-graph.counted[row], not graph.items[graph.item[row]].value, row))
        item = graph.items[graph.item[row]]
        ends = graph.ends[link]
        other = int(ends[1] if ends[0] == place else ends[0])
        key = (item.kind, item.value) if item.value else ("", "")
        led.setdefault(networks.get(key, key), []).append((bits, other, item.kind, item.value))
    independent = []
    for links in led.values():
        bits, other, kind, value = min(links, key=lambda link: (-link[0], link[1]))
        strongest = IndependentTie(kind, value, len(links), graph.accounts[other], bits, probability_of(bits))
        independent.append(strongest)
    return tuple(sorted(independent, key=lambda tie: (-tie.bits, tie.kind, tie.value)))


def _links(graph: EvidenceGraph, account_id: str) -> tuple[LinkTo, ...]:
    place = graph.accounts.index(account_id)
    other = np.where(graph.ends[:, 0] == place, graph.ends[:, 1], graph.ends[:, 0]).tolist()
    links = [
        LinkTo(graph.accounts[name], bits, probability_of(bits))
        for name, bits in zip(other, graph.bits.tolist(), strict=True)
    ]
    return tuple(sorted(links, key=lambda link: (-link.bits, link.account_id)))


def _ties(result: Readable, graph: EvidenceGraph, account_id: str) -> tuple[Tie, ...]:
    place = graph.accounts.index(account_id)
    known = identifiers_known(result, {(item.kind, item.value) for item in graph.items if item.value})
    ties = [_tie(graph, place, item, known) for item in range(graph.n_items)]
    return tuple(sorted(ties, key=lambda tie: (-tie.bits, -tie.total_bits, tie.kind, tie.value)))


def _tie(graph: EvidenceGraph, place: int, item: int, known: dict[tuple[str, str], dict[str, Any]]) -> Tie:
    rows = graph.rows_of_item(item)
    best = rows[np.argmax(graph.counted[rows])]
    ends = graph.ends[graph.link[best]]
    shared = graph.items[item]
    about = known.get((shared.kind, shared.value), {})
    return Tie(
        kind=shared.kind,
        value=shared.value,
        facet=graph.facets[item],
        n_accounts=len(rows),
        bits=float(graph.counted[best]),
        total_bits=float(graph.counted[rows].sum()),
        strongest=graph.accounts[int(ends[1] if ends[0] == place else ends[0])],
        degree=about.get("degree"),
        p_exclusive=about.get("p_exclusive"),
        label=about.get("label"),
    )


def _role_sentences(member: MemberExplanation) -> tuple[str, ...]:
    """Core or fringe, and what its probability is made of."""
    side = f"{member.role.capitalize()} member (core begins at {member.core_probability:g})"
    if member.by_ties is None or member.stays is None:
        return (f"{side}.",)
    n = len(member.independent)
    real = "its one independent tie is" if n == 1 else f"at least one of its {n:,} independent ties is"
    return (
        (
            f"{side}: {real} real with probability {format_probability(member.by_ties)}, and it stays with "
            f"the larger fragment in {member.stays:.0%} of trials with a tenth of the identifiers left out."
        ),
    )


def _tie_sentence(tie: Tie) -> str:
    facts = [f"{format_bits(tie.bits)} in its strongest link, to {shown(tie.strongest)}"]
    if tie.degree is not None:
        facts.append(f"{counted(tie.degree, 'account holds', 'accounts hold')} it")
    if tie.p_exclusive is not None:
        facts.append(f"p(exclusive) = {format_probability(tie.p_exclusive)}")
    if tie.label:
        facts.append(f"listed as {shown(tie.label)}")
    if tie.bits > 0:
        ties, others = "ties it to", counted(tie.n_accounts, "other member")
    else:
        ties, others = (
            "is evidence against" if tie.bits < 0 else "adds nothing to",
            counted(tie.n_accounts, "link"),
        )
    return f"{as_subject(tie.kind, tie.value)} {ties} {others}: {'; '.join(facts)}."
