"""What only one card corroborates is lost with it, in a break and in a what-if."""

from __future__ import annotations

from itertools import combinations

import pyarrow as pa
import pytest

from graphlink.explanations.corroboration import along_words, dependants_of, with_dependants
from graphlink.explanations.cuts import least_drop, least_split, single_cuts
from graphlink.explanations.reweighing import EvidenceGraph, make_evidence_graph
from graphlink.explanations.values import EvidenceItem
from graphlink.explanations.what_if.changes import describe_left_out, taken_along

PRIOR = -12.0
Shared = dict[tuple[str, str], tuple[str, float]]  # kind and value to its holders and bits
FACETS = {
    "ip": "network",
    "payment": "payment",
    "phone": "identity",
    "client": "client",
    "lockstep": "behaviour",
    "replacement": "behaviour",
}


def graph_of(shared: Shared) -> EvidenceGraph:
    """Links of accounts named by letters, whose kinds count in full."""
    rows = [
        (*pair, kind, value, FACETS[kind], bits)
        for (kind, value), (holders, bits) in shared.items()
        for pair in combinations(sorted(holders), 2)
    ]
    rows.sort()
    sums: dict[tuple[str, str], float] = {}
    for left, right, *_, bits in rows:
        sums[left, right] = sums.get((left, right), PRIOR) + bits
    ends = ("account_id_l", "account_id_r")
    columns = dict(zip((*ends, "kind", "value", "facet", "bits"), zip(*rows, strict=True), strict=True))
    never = pa.nulls(len(rows), pa.timestamp("us", "UTC"))
    evidence = pa.table(
        {name: list(column) for name, column in columns.items()}
        | {"contribution_bits": list(columns["bits"]), "first_joint": never, "last_joint": never}
    )
    pairs = sorted(sums)
    links = pa.table(
        {end: [pair[i] for pair in pairs] for i, end in enumerate(ends)} | {"bits": [sums[p] for p in pairs]}
    )
    names = sorted({name for pair in pairs for name in pair})
    return make_evidence_graph(names, links, evidence, PRIOR)


CARD, HALL = ("payment", "voucher"), ("ip", "203.0.113.7")
WORKSHOP: Shared = {CARD: ("abcdef", 14.0), HALL: ("abcdef", 15.0)}


def along(shared: Shared, lost: tuple[str, str]) -> list[tuple[str, str]]:
    graph = with_dependants(graph_of(shared), 0.0)
    items = dependants_of(graph, [graph.items.index(EvidenceItem(*lost))])
    return [(graph.items[item].kind, graph.items[item].value) for item in items]


def test_an_address_that_one_voucher_corroborates_is_lost_with_it() -> None:
    assert along(WORKSHOP, CARD) == [HALL]
    assert along(WORKSHOP, HALL) == []


@pytest.mark.parametrize(
    ("more", "lost_along"),
    [
        ({("phone", "1"): ("abc", 13.0)}, []),
        ({("phone", "1"): ("ab", 13.0)}, [HALL]),  # a couple corroborates nobody
        ({("phone", "1"): ("abc", 5.0)}, [HALL]),  # too weak to tie
        ({("lockstep", ""): ("abc", 15.0)}, [HALL]),
    ],
)
def test_what_something_else_corroborates_stays(more: Shared, lost_along: list[tuple[str, str]]) -> None:
    assert along(WORKSHOP | more, CARD) == lost_along


def test_a_common_client_is_not_worth_more_for_the_card() -> None:
    assert along({CARD: ("abcdef", 14.0), ("client", "browser"): ("abcd", 4.0)}, CARD) == []


@pytest.mark.parametrize(
    ("holders", "lost_along"),
    [("abcdef", [("replacement", "")]), ("abcd", [("replacement", "")]), ("abc", [])],
    ids=["of all", "of all but two", "of half"],
)
def test_replacement_is_lost_with_its_address(holders: str, lost_along: list[tuple[str, str]]) -> None:
    replaced: Shared = {("replacement", ""): ("abcdef", 14.0), HALL: (holders, 5.0)}
    assert along(replaced, HALL) == lost_along
    assert along(replaced, ("replacement", "")) == []


def test_the_voucher_is_the_single_point_of_failure() -> None:
    """Without what hangs on it neither of the two would be: the other holds the cluster."""
    graph = graph_of(WORKSHOP)
    assert single_cuts(graph, 0.0) == []
    voucher = graph.items.index(EvidenceItem(*CARD))
    assert single_cuts(with_dependants(graph, 0.0), 0.0) == [voucher]


def test_the_search_tries_what_takes_the_items_of_a_link_along() -> None:
    """The link of g rests on the address and the phone; the voucher, which g does not hold, takes the one."""
    shared: Shared = WORKSHOP | {HALL: ("abcdefg", 15.0), ("phone", "1"): ("fg", 13.0)}
    graph = with_dependants(graph_of(shared), 0.0)
    cut = least_drop(graph, graph.accounts.index("g"), 0.0)
    assert cut.is_exact
    assert len(cut.items) == 2
    hall, voucher = (graph.items.index(EvidenceItem(*one)) for one in (HALL, CARD))
    assert {hall, voucher} & set(cut.items)
    assert least_split(graph, 0.0).items == (voucher,)


def test_a_what_if_states_what_it_leaves_out_too() -> None:
    graph = graph_of(WORKSHOP)
    items = taken_along(graph, 0.0, [CARD])
    assert [graph.items[item] for item in items] == [EvidenceItem(*HALL)]
    words = describe_left_out([CARD], (), None, None, [graph.items[item] for item in items])
    assert words == ("payment voucher (with ip 203.0.113.7, which nothing else corroborates)",)
    assert taken_along(graph, 0.0, []) == ()


def test_many_are_counted() -> None:
    many = [EvidenceItem("ip", f"203.0.113.{i}") for i in range(9)]
    assert along_words(many).endswith("ip 203.0.113.2 and 6 more, which nothing else corroborates)")
    assert along_words([]) == ""
