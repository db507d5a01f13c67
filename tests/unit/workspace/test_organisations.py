"""Who is linked to a known organisation, by which path, and what speaks against."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graphlink.core.errors import QuestionError
from graphlink.workspace.knowledge import Knowledge, Organisation, pointers_of
from graphlink.workspace.organisations import (
    LinkedAccount,
    declared_accounts,
    declared_clusters,
    link_organisation,
)
from graphlink.workspace.parameters import OrganisationRules
from tests.unit.workspace.small_results import SmallResult, day

RULES = OrganisationRules()
NAMES = ("s", "a", "b", "x", "y")
SEEN = [(name, "client", f"client-{name}", 1.0) for name in NAMES]


def known(what: str, value: str, confidence: float = 1.0) -> Knowledge:
    return Knowledge(what, value, "tip", confidence)


def linked(result: SmallResult, *knowledge: Knowledge) -> dict[str, LinkedAccount]:
    return {
        one.account_id: one for one in link_organisation(result, Organisation("Acme", knowledge)).accounts
    }


def test_a_known_account_is_as_sure_as_the_knowledge_and_a_link_less() -> None:
    result = SmallResult(SEEN, links=[("s", "a", 0.9)], evidence=[("s", "a", "payment", "card-1", 12.0)])
    actual = linked(result, known("account", "s", 0.8))
    assert (actual["s"].probability, actual["s"].is_known, actual["s"].path) == (0.8, True, ())
    assert actual["a"].probability == pytest.approx(0.72)
    (step,) = actual["a"].path
    assert (step.how, step.start, step.end, step.kind, step.value) == ("link", "s", "a", "payment", "card-1")
    assert step.sentence == "a is linked to it most by payment card-1 (0.90)"


def test_the_unknown_are_ranked_before_the_known() -> None:
    result = SmallResult(SEEN, links=[("s", "a", 0.6), ("s", "b", 0.9)])
    answer = link_organisation(result, Organisation("Acme", (known("account", "s"),)))
    assert [one.account_id for one in answer.accounts] == ["b", "a", "s"]
    assert [one.account_id for one in answer.unknown] == ["b", "a"]


def test_holders_of_a_known_value_domain_or_network_are_linked_by_it() -> None:
    seen = [
        ("a", "email", "jo@acme.example", 1.0),
        ("b", "ip", "203.0.113.9", 1.0),
        ("x", "payment", "card-1", 1.0),
        ("y", "ip", "198.51.100.1", 1.0),
    ]
    actual = linked(
        SmallResult(seen),
        known("email_domain", "Acme.example", 0.9),
        known("network", "203.0.113.0/28", 0.7),
        known("payment", "card-1", 0.6),
    )
    assert {name: one.probability for name, one in actual.items()} == {"a": 0.9, "b": 0.7, "x": 0.6}
    assert [(step.how, step.kind, step.value) for step in actual["a"].path] == [
        ("known_value", "email_domain", "acme.example")
    ]
    assert actual["b"].path[0].sentence == "b holds ip 203.0.113.9 (0.70)"


def test_what_is_known_and_not_used_is_stated() -> None:
    seen = [("a", "ip", "203.0.113.9", 20.0)]
    ended = Knowledge("account", "a", "tip", until=day(10))
    items = (
        ended,
        known("account", "nobody"),
        known("email", "no mail address"),
        known("payment", "card-9"),
        known("network", "203.0.113.0/24"),
    )
    pointers = pointers_of(SmallResult(seen, labels={"203.0.113.9": "vpn"}), Organisation("Acme", items))
    assert pointers.starts == ()
    reasons = {one.value: reason for one, reason in pointers.not_used}
    assert reasons["a"] == "it holds no longer"
    assert reasons["nobody"] == "the account is not in the result"
    assert reasons["card-9"] == "no account holds it"
    assert reasons["203.0.113.0/24"] == "203.0.113.9 is listed as vpn"
    assert "no mail address" in reasons
    assert len(reasons) == len(items)


def test_a_hint_alone_accuses_nobody_and_adds_a_bounded_number_of_bits() -> None:
    result = SmallResult(SEEN, links=[("s", "a", 0.5)])
    actual = linked(result, known("account", "s"), known("hint", "a"), known("hint", "x"), known("hint", "x"))
    assert actual["x"].probability == RULES.hint_alone < RULES.least_probability
    assert (actual["x"].by_evidence, actual["x"].path) == (0.0, ())
    assert actual["a"].by_evidence == 0.5
    assert math.log2(actual["a"].probability / (1 - actual["a"].probability)) == pytest.approx(
        RULES.hint_bits
    )
    assert [hint.source for hint in actual["x"].hints] == ["tip", "tip"]
    assert declared_accounts([]) == {}


def test_hints_start_no_path() -> None:
    result = SmallResult(SEEN, links=[("x", "y", 0.99)])
    assert set(linked(result, known("hint", "x"))) == {"x"}


def test_no_path_goes_from_one_cluster_into_another() -> None:
    result = SmallResult(
        SEEN,
        clusters={"C-1": ["s", "a"], "C-2": ["x", "y"]},
        links=[("s", "a", 0.9), ("a", "x", 0.9), ("x", "y", 0.9)],
        evidence=[("a", "x", "payment", "card-1", 12.0)],
    )
    assert set(linked(result, known("account", "s"))) == {"s", "a"}


def test_a_stranger_linked_to_one_of_a_cluster_by_a_place_is_hardly_linked() -> None:
    """Many links to the cluster bear each other out, and so does an instrument."""

    def probability(n_links: int, kind: str) -> float:
        members = [f"m{i}" for i in range(10)]
        value = "203.0.113.7" if kind == "ip" else "card-1"
        result = SmallResult(
            [(name, "client", f"client-{name}", 1.0) for name in (*members, "x")],
            clusters={"C-1": members},
            links=[(name, "x", 0.8) for name in members[:n_links]],
            evidence=[(name, "x", kind, value, 9.0) for name in members[:n_links]],
        )
        actual = linked(result, known("account", "m0"))
        return actual["x"].probability if "x" in actual else 0.0

    assert probability(1, "ip") == pytest.approx(0.8 / 5)
    assert probability(10, "ip") == pytest.approx(0.8 * 10 / 14)
    assert probability(1, "payment") == pytest.approx(0.8)


def test_an_account_in_no_cluster_ends_a_path() -> None:
    result = SmallResult(SEEN, links=[("s", "a", 0.9), ("a", "b", 0.99)])
    assert set(linked(result, known("account", "s"))) == {"s", "a"}
    assert set(linked(result, known("account", "s"), known("account", "a"))) == {"s", "a", "b"}


def test_a_cluster_carries_as_far_as_one_organisation_has_it() -> None:
    result = SmallResult(SEEN, clusters={"C-1": ["s", "a", "b"]}, one={"C-1": 0.7})
    answer = link_organisation(result, Organisation("Acme", (known("account", "s", 0.9),)))
    assert {one.account_id: one.probability for one in answer.unknown} == pytest.approx(
        {"a": 0.63, "b": 0.63}
    )
    assert answer.unknown[0].path[0].sentence == "a is in C-1 with it (0.70)"
    (cluster,) = answer.clusters
    assert cluster.probability == pytest.approx(0.63)
    assert (cluster.n_accounts, cluster.n_known, cluster.n_likely, cluster.strongest) == (3, 1, 3, "s")


def test_an_exclusive_card_is_a_path_however_late_and_an_exclusive_address_none() -> None:
    seen = [("s", "payment", "card-1", 1.0), ("a", "payment", "card-1", 400.0)]
    seen += [("s", "ip", "203.0.113.7", 1.0), ("b", "ip", "203.0.113.7", 400.0)]
    result = SmallResult(seen, exclusivity={"card-1": 0.9, "203.0.113.7": 0.9})
    actual = linked(result, known("account", "s"))
    assert set(actual) == {"s", "a"}
    assert actual["a"].probability == pytest.approx(0.9, abs=0.01)
    assert actual["a"].path[0].sentence.startswith("a shares payment card-1 with it")


def test_a_label_keeps_an_account_apart() -> None:
    result = SmallResult(SEEN, links=[("s", "a", 0.9)], apart=[("a", "s")])
    actual = linked(result, known("account", "s"), known("hint", "a"))
    assert actual["a"].by_evidence == 0.0
    assert actual["a"].probability <= RULES.hint_alone
    assert actual["a"].against == ("a label keeps it apart from s",)


def test_what_speaks_against_is_stated() -> None:
    result = SmallResult(
        SEEN,
        clusters={"C-1": ["s", "a", "b"]},
        one={"C-1": 0.3},
        links=[("s", "a", 0.9)],
        evidence=[("s", "a", "ip", "203.0.113.7", 9.0), ("s", "a", "time_zone", "", -2.1)],
        extra={"C-1": {"also_explained_by": "place"}},
    )
    against = linked(result, known("account", "s"))["a"].against
    assert against[0].startswith("it differs from s in time zone (")
    assert against[1] == "its link to s rests on ip 203.0.113.7 alone"
    assert sum("of the accounts of its cluster" in sentence for sentence in against) == 2
    assert against[-1].startswith("its cluster has a harmless reading:")


def test_openly_declared_customers_are_kept_apart() -> None:
    result = SmallResult(SEEN, clusters={"C-1": ["s", "a"], "C-2": ["x", "y"]})
    items = (known("account", "s"),)
    declared = link_organisation(result, Organisation("Acme", items, is_declared=True))
    secret = link_organisation(result, Organisation("Acme", items))
    assert all(one.is_declared for one in declared.accounts)
    assert all(one.is_declared for one in declared.clusters)
    assert declared_accounts([declared]) == {"a": "Acme", "s": "Acme"}
    assert declared_clusters([declared]) == {"C-1": "Acme"}
    assert declared_accounts([secret]) == declared_clusters([secret]) == {}


def test_knowledge_is_checked() -> None:
    with pytest.raises(QuestionError, match=r"confidence of account: expected 0 to 1, found 1\.5"):
        known("account", "a", 1.5)
    with pytest.raises(QuestionError, match="expected an address prefix"):
        known("network", "nowhere")
    with pytest.raises(QuestionError, match="no time zone"):
        Knowledge("account", "a", "tip", until=day(1).replace(tzinfo=None))


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.floats(0, 1)).filter(
            lambda link: link[0] < link[1]
        ),
        unique_by=lambda link: link[:2],
        max_size=8,
    ),
    st.floats(0, 1),
    st.sampled_from([{}, {"C-1": ["a", "s"]}, {"C-1": ["a", "b"], "C-2": ["x", "y"]}]),
)
def test_probabilities_are_bounded_by_what_is_known(
    links: list[tuple[str, str, float]], confidence: float, clusters: dict[str, list[str]]
) -> None:
    result = SmallResult(SEEN, links=links, clusters=clusters)
    for one in linked(result, known("account", "s", confidence)).values():
        assert 0 <= one.probability <= min(1.0, confidence)
        assert one.probability <= math.prod(step.probability for step in one.path) + 1e-9
        assert one.is_known or one.path
