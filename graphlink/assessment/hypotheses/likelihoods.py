"""The likelihood of each piece of a cluster's evidence under each hypothesis, in bits."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from graphlink.assessment.harmless_readings import PLACE, TASTE, TIMES
from graphlink.core.organisations import ONE_PARENT, OWN_DOMAIN
from graphlink.kinds.facets import BEHAVIOUR, CLIENT, OWNED_FACETS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from graphlink.core.parameters import Households, Hypotheses, Parameters


class Piece(NamedTuple):
    """A piece of evidence of a cluster: a row of `hypotheses`."""

    cluster_id: str
    evidence: str
    n_ties: int | None
    n_possible: int | None
    bits_same_operator: float
    bits_shared_intermediary: float
    bits_shared_network: float
    bits_openly_one_organisation: float


HARMLESS_READING = "harmless_reading"
CONCEALMENT = "concealment"

Logs = tuple[float, float, float, float]
"""log2 likelihoods under the hypotheses, in their order."""
_OWNED = tuple(facet.name for facet in OWNED_FACETS)
_OF_PLACES = ("place", "router", "places_shared", "time_at_shared_places")
_NO_TIES: dict[str, Any] = {"n_ties": 0, "n_identifiers": 0, "bits": 0.0}


@dataclass(frozen=True, slots=True)
class _Rates:
    """How often an account of such a cluster shows something, under each hypothesis."""

    same: float
    router: float
    network: float
    openly: float

    def logs(self, n_shown: float, n_possible: float) -> Logs:
        """The log2 likelihoods of `n_shown` of `n_possible`; the rate is drawn once for the cluster."""
        return (
            _beta_binomial(self.same, n_shown, n_possible),
            _beta_binomial(self.router, n_shown, n_possible),
            _beta_binomial(self.network, n_shown, n_possible),
            _beta_binomial(self.openly, n_shown, n_possible),
        )


def weighed(cluster: dict[str, Any], parameters: Parameters) -> list[Piece]:
    """The pieces of evidence of a cluster, with its log likelihood under the four hypotheses."""
    name, n = str(cluster["cluster_id"]), int(cluster["n_accounts"])
    rates = parameters.hypotheses
    ties = {str(tie["piece"]): tie for tie in cluster["ties"] or ()}
    pieces = [Piece(name, "size", n, n, *_size_logs(n, rates, parameters.households))]
    pieces += [
        Piece(name, piece, tie["n_ties"], n - 1, *_owner_logs(tie, n - 1))
        for piece, tie in ties.items()
        if piece in ("place", "router", *_OWNED)
    ]
    if (able := cluster["place"] - 1) >= 1:
        shown = min(ties.get("place", _NO_TIES)["n_ties"] + ties.get("router", _NO_TIES)["n_ties"], able)
        places = _Rates(rates.places_same, rates.places_intermediary, rates.places_network, rates.places_same)
        pieces.append(Piece(name, "places_shared", shown, able, *places.logs(shown, able)))
    if cluster["presence"] is not None:
        logs = _presence_logs(float(cluster["presence"]), rates, is_routed="router" in ties)
        pieces.append(Piece(name, "time_at_shared_places", None, None, *logs))
    pieces += _concealed(name, pieces, rates)
    pieces += _further(name, ties, rates)
    able_of = {BEHAVIOUR.name: n if cluster["has_times"] else 0, CLIENT.name: cluster["client"], "other": 0}
    for piece, able in able_of.items():
        tie = ties.get(piece, _NO_TIES)
        possible = max(able - 1, tie["n_ties"])
        if possible >= 1:
            logs = _unexplained_logs(piece, tie, possible, rates, is_routed="router" in ties)
            pieces.append(Piece(name, piece, tie["n_ties"], possible, *logs))
    pieces += _closed(name, cluster, rates)
    marks, share = _marks(name, cluster, rates)
    pieces = [_as_far_as_open(piece, share) for piece in pieces] + marks
    return pieces + _harmless(name, cluster, pieces, rates)


def _concealed(name: str, pieces: Sequence[Piece], rates: Hypotheses) -> list[Piece]:
    """What makes up for places that are others', where an operator hides behind these.

    Whom the places belong to, who shares them and for how long tell one thing: whose they are. An operator
    behind a router's or a network's exits shows in all of it what its tenants show, so that it counts
    against it once, by how many operators hide. It is tied by what it owns: as far as the accounts are.
    """
    of_places = [one for one in pieces if one.evidence in _OF_PLACES]
    tied = [(one.n_ties or 0) / (one.n_possible or 1) for one in pieces if one.evidence in _OWNED]
    concealed = rates.concealed * max(tied, default=0.0)
    if not of_places or not concealed:
        return []
    open_bits, *of_tenants = (
        sum(getattr(one, f"bits_{hypothesis}") for one in of_places)
        for hypothesis in ("same_operator", "shared_intermediary", "shared_network")
    )
    terms = [math.log2(1.0 - concealed) + open_bits]
    terms += [math.log2(concealed / len(of_tenants)) + bits for bits in of_tenants]
    most = max(terms)
    made_up = most + math.log2(sum(2.0 ** (term - most) for term in terms)) - open_bits
    return [Piece(name, CONCEALMENT, None, None, made_up, 0.0, 0.0, made_up)]


def _harmless(
    name: str, cluster: Mapping[str, Any], pieces: Iterable[Piece], rates: Hypotheses
) -> list[Piece]:
    """What makes up for the evidence that a harmless reading of the cluster explains as well.

    By its definition the reading gives the rest of the evidence the likelihood that one operator gives it, so
    the two keep their equal odds. A place is a network's, as is what people of one taste have in common; an
    event is nobody's network, and a payer is a family or a reseller by the number of holders.
    """
    reading = cluster["also_explained_by"]
    if reading is None:
        return []
    payers = (cluster["n_holders"] or 0) - 1
    tenants = {PLACE: 0.0, TASTE: 0.0, TIMES: 1.0}.get(reading, payers / (payers + 1 + rates.tenant_offset))
    same, router, network = (
        sum(getattr(piece, column) for piece in pieces)
        for column in ("bits_same_operator", "bits_shared_intermediary", "bits_shared_network")
    )
    made_up = [
        max(0.0, same + math.log2(share) - bits) if share > 0 else 0.0
        for share, bits in ((tenants, router), (1.0 - tenants, network))
    ]
    return [Piece(name, HARMLESS_READING, None, None, 0.0, made_up[0], made_up[1], 0.0)]


def _marks(name: str, cluster: Mapping[str, Any], rates: Hypotheses) -> tuple[list[Piece], float]:
    """What shows openly that the accounts are one organisation's, and the share of them that shows it.

    Marks are counted like ties: the first member with a value has nobody to share it with. Where nothing
    shows it, an organisation is not openly one; that alone is no evidence among the other hypotheses.
    """
    others = rates.domain_others  # a domain decides between open and not, and nothing else
    laws = {
        OWN_DOMAIN: _Rates(others, others, others, rates.domain_openly),
        ONE_PARENT: _Rates(
            rates.parent_same, rates.parent_intermediary, rates.parent_network, rates.parent_openly
        ),
    }
    pieces, share = [], 0.0
    for mark in sorted(cluster["marks"] or (), key=lambda one: str(one["mark"])):
        possible = int(mark["n_able"]) - 1
        if possible >= 1:
            shown = float(mark["shown"])
            share = max(share, shown / possible)
            n_ties = max(0, int(mark["n_members"]) - 1)
            logs = laws[mark["mark"]].logs(shown, possible)
            pieces.append(Piece(name, str(mark["mark"]), n_ties, possible, *logs))
    seen = math.log2(rates.unseen_openly + (1.0 - rates.unseen_openly) * share)
    return [*pieces, Piece(name, "openness", None, None, 0.0, 0.0, 0.0, seen)], share


def _closed(name: str, cluster: Mapping[str, Any], rates: Hypotheses) -> list[Piece]:
    """How many were closed for abuse, of those of which it is known."""
    known, closed = int(cluster["n_known"] or 0), int(cluster["n_closed"] or 0)
    if not known:
        return []
    usual = _beta_binomial(rates.closed_others, closed, known)
    openly = _beta_binomial(rates.closed_openly, closed, known, rates.closed_openly_weight)
    return [Piece(name, "closed_for_abuse", closed, known, usual, usual, usual, openly)]


def _as_far_as_open(piece: Piece, share: float) -> Piece:
    """The piece as one of an organisation of whose accounts only a share shows openly whose they are.

    What an open organisation would do otherwise than a covert operator counts as far as it is open: few cards
    and no closings do not make an organisation an open one.
    """
    same, openly = piece.bits_same_operator, piece.bits_openly_one_organisation
    return piece._replace(bits_openly_one_organisation=same + share * (openly - same))


def _further(name: str, ties: Mapping[str, Any], rates: Hypotheses) -> list[Piece]:
    """Further ties by an instrument that bring another instrument, rather than the same again."""
    owned = [ties[piece] for piece in _OWNED if piece in ties]
    further = sum(tie["n_ties"] - 1 for tie in owned)
    if not further:
        return []
    shown = sum(tie["n_identifiers"] - 1 for tie in owned)
    of = _Rates(rates.further_same, rates.further_intermediary, rates.further_network, rates.further_openly)
    return [Piece(name, "further_instruments", shown, further, *of.logs(shown, further))]


@functools.lru_cache(maxsize=1 << 12)
def _size_logs(n: int, rates: Hypotheses, households: Households) -> Logs:
    """How likely a pair drawn from each hypothesis is one of a group of this size.

    Bits of identifiers are of pairs, and most pairs of one operator are in large operators. Operators
    and intermediaries come in sizes of law 1 / (n (n - 1)), which makes their pairs as common at each size;
    each further person of a household is less likely than the one before (`Households`).
    """
    any_size = 1.0 / (rates.largest_usual - 1)
    network = rates.households * households.share_of_pairs(n) + (1.0 - rates.households) * any_size
    return math.log2(any_size), math.log2(any_size), math.log2(network), math.log2(any_size)


def _owner_logs(tie: Mapping[str, Any], n_possible: int) -> Logs:
    """Whose the shared identifiers are: one observation, counted for the share of the cluster it ties.

    What is exclusive is one organisation's, openly or not.
    """
    share = tie["n_ties"] / n_possible
    same = share * tie["log_same"]
    return same, share * tie["log_router"], share * tie["log_network"], same


def _presence_logs(presence: float, rates: Hypotheses, *, is_routed: bool) -> Logs:
    """Densities of the share of sightings at shared places; tenants have a life of their own elsewhere."""
    away, there, least = rates.tenant_presence, rates.network_presence, rates.least_presence
    tenants = 1.0 if is_routed else away * (1.0 - presence) ** (away - 1.0)
    network = there * presence ** (there - 1.0)
    return 0.0, math.log2(max(least, tenants)), math.log2(max(least, network)), 0.0


def _unexplained_logs(
    piece: str, tie: Mapping[str, Any], n_possible: int, rates: Hypotheses, *, is_routed: bool
) -> Logs:
    """What neither an intermediary nor a network explains: there as rare as its bits imply.

    Staff of an organisation run the same managed clients, but hardly act together in time.

    A router sets some of the timing of its tenants' requests, so behind one joint behaviour counts less.
    """
    rate, openly, most = {
        BEHAVIOUR.name: (rates.behaviour_rate, rates.behaviour_openly, rates.behaviour_bits),
        CLIENT.name: (rates.client_rate, rates.client_rate, rates.client_bits),
        "other": (rates.other_rate, rates.other_rate, rates.other_bits),
    }[piece]
    bits = min(most, tie["bits"]) if tie["n_ties"] else rates.absent_bits
    routed = bits * rates.routed_behaviour if piece == BEHAVIOUR.name and is_routed else bits
    return _Rates(rate, rate * 2.0**-routed, rate * 2.0**-bits, openly).logs(tie["n_ties"], n_possible)


@functools.lru_cache(maxsize=1 << 14)
def _beta_binomial(rate: float, n_shown: float, n_possible: float, weight: float = 1.0) -> float:
    """log2 of a beta-binomial likelihood without coefficient.

    Args:
        rate: Its mean.
        n_shown: How many show it.
        n_possible: How many could.
        weight: Pseudo-observations that the rate stands for: with few it is drawn once for the cluster.
    """
    a, b = rate * weight, (1.0 - rate) * weight
    return (
        math.lgamma(weight)
        + math.lgamma(a + n_shown)
        + math.lgamma(b + n_possible - n_shown)
        - math.lgamma(weight + n_possible)
        - math.lgamma(a)
        - math.lgamma(b)
    ) / math.log(2.0)
