"""The words of every enumeration of a result, each worded once for every face.

Python takes them from here, and the front end by the API's `/summary`. A value that is not listed, such as
one of an open vocabulary, is shown with blanks for its underscores.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """What a cluster may be.

    Attributes:
        name: In a table, a badge or a list.
        about: What is so about "them", its accounts.
        claim: A sentence about a cluster of which it is the likeliest.
    """

    name: str
    about: str
    claim: str


HYPOTHESIS_WORDS: Mapping[str, _Hypothesis] = {
    "same_operator": _Hypothesis(
        "one operator",
        "one organisation operates them",
        "One organisation probably operates these accounts.",
    ),
    "shared_intermediary": _Hypothesis(
        "customers of one router or reseller",
        "they are customers of the same third-party router or reseller",
        "These accounts are probably customers of one router or reseller rather than one operator's.",
    ),
    "shared_network": _Hypothesis(
        "people on one network",
        "they share a network, such as an office, a campus or a household",
        "These accounts share a network; that one organisation operates them is not shown.",
    ),
    "openly_one_organisation": _Hypothesis(
        "openly one organisation",
        "they are openly one organisation's, by its own mail domain or billing parent",
        "These accounts are openly one organisation's, such as a company's staff: nothing is concealed.",
    ),
}


@dataclass(frozen=True, slots=True)
class _HarmlessReading:
    """What may explain a cluster without any abuse.

    Attributes:
        name: In a table or a list.
        members: What is so about the members of a cluster that it explains.
    """

    name: str
    members: str


# The flag is set where at most half of the members have another ground (see the null model): each wording
# says "at least half", never "all".
HARMLESS: Mapping[str, _HarmlessReading] = {
    "one_identifier": _HarmlessReading(
        "one identifier",
        "at least half of its members are tied by nothing stronger than one shared identifier, places and "
        "clients, as in a household, or as customers of one reseller or router are",
    ),
    "place": _HarmlessReading(
        "a place",
        "at least half of its members are tied by places and clients only, as people who live, work or "
        "travel at one place are",
    ),
    "taste": _HarmlessReading(
        "one taste",
        "those who pay do so by cards of their own, and at least half of its members are tied by nothing but "
        "places, clients, mail domains and numbers, as people with one taste in privacy are",
    ),
    "times": _HarmlessReading(
        "times only",
        "at least half of its members are tied by nothing but their times, as jobs of strangers that wait "
        "for the same public event are",
    ),
}
NOTHING_ELSE = "none"
"""What `also_explained_by` is called where it is null."""
HARMLESS_WORD = "harmless reading"
"""What stands in place of a false discovery rate that is a constant because a harmless reading exists."""

CLUSTER_STATUSES: Mapping[str, str] = {
    "open": "open",
    "partly_closed": "partly closed",
    "closed": "closed",
}
"""Whether none, some or all of the accounts of a cluster are closed."""

ROLES: Mapping[str, str] = {"core": "core", "fringe": "fringe", "none": "in no cluster"}

CONSTRAINED: Mapping[str, str] = {"must_link": "joined by a label", "cannot_link": "separated by a label"}
"""What labels of analysts did to an account that the evidence would put elsewhere."""


@dataclass(frozen=True, slots=True)
class _Behaviour:
    """A joint behaviour.

    Attributes:
        name: By itself.
        of_pairs: After a number of pairs.
        of_two: Of two accounts, the beginning of a sentence.
    """

    name: str
    of_pairs: str
    of_two: str


BEHAVIOURS: Mapping[str, _Behaviour] = {
    "lockstep": _Behaviour("acting in lockstep", "acting in lockstep", "They act in lockstep"),
    "crew_beat": _Behaviour(
        "keeping the beat of one crew", "keeping the beat of one crew", "They keep the beat of one crew"
    ),
    "succession": _Behaviour(
        "one following the other on one resource",
        "of which one follows the other on one resource",
        "One follows the other on one resource",
    ),
    "replacement": _Behaviour(
        "using a place where accounts closed for abuse are replaced",
        "using a place where accounts closed for abuse are replaced",
        "They used a place where accounts closed for abuse are replaced",
    ),
    "load_balancing": _Behaviour("taking turns", "taking turns", "They take turns"),
    "signup_burst": _Behaviour(
        "signing up in one burst", "signed up in one burst", "They signed up in one burst"
    ),
}

PUBLIC_TYPES: Mapping[str, str] = {
    "router": "a third-party router, whose customers are mostly strangers to each other",
    "carrier_nat": "a mobile carrier's shared address",
    "vpn": "a VPN's exit, which anybody can rent",
    "proxy": "a public proxy, which anybody can use",
    "residential_proxy": "a home line rented out as a proxy, which anybody can rent",
    "anonymizer": "an anonymizing service, which anybody can use",
    "tor": "a Tor exit, which anybody can use",
    "campus": "a campus, which many strangers share",
    "hosting": "a hosting provider",
    "corporate": "a company's exit: colleagues share it too",
}
"""What a type of a reference list says against an identifier that ties a cluster."""


def plain_words(value: str) -> str:
    """A value of an enumeration that has no words of its own."""
    return value.replace("_", " ")


def hypothesis_name(hypothesis: str) -> str:
    """A hypothesis in a few words."""
    known = HYPOTHESIS_WORDS.get(hypothesis)
    return known.name if known else plain_words(hypothesis)


def hypothesis_about(hypothesis: str) -> str:
    """What a hypothesis says of "them", the accounts of a cluster."""
    known = HYPOTHESIS_WORDS.get(hypothesis)
    return known.about if known else plain_words(hypothesis)


def behaviour_name(behaviour: str, otherwise: str | None = None) -> str:
    """A joint behaviour in a few words; `otherwise`, or its name, where it is not known."""
    known = BEHAVIOURS.get(behaviour)
    return known.name if known else otherwise or behaviour


def behaviour_of_two(behaviour: str) -> str:
    """A joint behaviour of two accounts, as a sentence begins."""
    known = BEHAVIOURS.get(behaviour)
    return known.of_two if known else f"They act together by {plain_words(behaviour)}"


def harmless_name(also_explained_by: str | None) -> str:
    """The harmless reading in two words; empty where there is none."""
    if not also_explained_by:
        return ""
    known = HARMLESS.get(also_explained_by)
    return known.name if known else plain_words(also_explained_by)


def harmless_sentence(also_explained_by: str | None) -> str:
    """What explains a cluster as well; empty where nothing harmless is known to."""
    if not also_explained_by:
        return ""
    known = HARMLESS.get(also_explained_by)
    return f"A harmless reading explains it too ({harmless_name(also_explained_by)})" + (
        f": {known.members}." if known else "."
    )


def column_words() -> dict[str, dict[str, str]]:
    """The words of the values of each column, for faces that are not written in Python."""
    return {
        "hypothesis": {value: known.name for value, known in HYPOTHESIS_WORDS.items()},
        "also_explained_by": {value: known.name for value, known in HARMLESS.items()}
        | {NOTHING_ELSE: "nothing else"},
        "status": dict(CLUSTER_STATUSES),
        "role": dict(ROLES),
        "constrained_by": dict(CONSTRAINED),
    }
