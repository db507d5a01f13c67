"""Reasons made in advance against a slow twin in plain Python over the sample's evidence, and `why`."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from graphlink import explain_member, explain_pair
from graphlink.storage.arrow_values import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphlink.result.result import Result

MOST = 10
PRIOR = Decimal(-12)
WORDS = {
    "lockstep": "acting in lockstep",
    "succession": "of which one follows the other on one resource",
    "replacement": "using a place where accounts closed for abuse are replaced",
    "load_balancing": "taking turns",
    "signup_burst": "signed up in one burst",
}

Row = dict[str, Any]
Pair = tuple[str, str]


def told(number: float) -> Decimal:
    return Decimal(repr(number)).quantize(Decimal("1e-9"))


class Twin:
    """The sample's links with their evidence, and what is known of accounts and identifiers."""

    def __init__(self, result: Result) -> None:
        self.cluster_of = {
            row["account_id"]: row["cluster_id"]
            for row in rows_of(result.table("membership", ["account_id", "cluster_id"]))
        }
        self.about = {
            (row["kind"], row["value"]): row
            for row in rows_of(result.table("identifiers", ["kind", "value", "degree", "label"]))
        }
        self.evidence: dict[Pair, list[Row]] = defaultdict(list)
        for row in rows_of(result.table("evidence")):
            row |= {"counted": told(row["contribution_bits"]), "alone": told(row["bits"])}
            self.evidence[row["account_id_l"], row["account_id_r"]].append(row)

    def listed(self, piece: Row) -> str:
        label = self.about[piece["kind"], piece["value"]]["label"]
        return "" if label is None else f"; listed as {label}"

    def link_reasons(self, pair: Pair) -> list[Row]:
        rows: list[Row] = [{"reason": "prior", "bits": PRIOR, "detail": "before anything is known"}]
        ordered = sorted(
            self.evidence[pair], key=lambda p: (-p["counted"], -p["alone"], p["kind"], p["value"])
        )
        for piece in ordered:
            row: Row = {"kind": piece["kind"], "bits": piece["counted"]}
            if piece["value"]:
                others = self.about[piece["kind"], piece["value"]]["degree"] - 2
                held = f"{others:,} other{'s' if others > 1 else ''} held it too"
                row |= {"reason": "shared_identifier", "value": piece["value"]}
                row["detail"] = f"they share it; {held if others else 'nobody else holds it'}"
            elif piece["facet"] == "behaviour":
                row |= {"reason": "joint_behaviour", "detail": f"a pair {WORDS[piece['kind']]}"}
            else:
                row |= {"reason": "differing_values", "detail": "they differ in it"}
            if piece["alone"] - piece["counted"] > Decimal("0.00001"):
                alone = piece["alone"].quantize(Decimal("0.1"), "ROUND_HALF_UP")
                row["detail"] += f"; of +{alone} bits alone"
            row["detail"] += self.listed(piece) if piece["value"] else ""
            rows.append(row)
        running = Decimal(0)
        for rank, row in enumerate(rows, 1):
            running += row["bits"]
            ends = {"account_id_l": pair[0], "account_id_r": pair[1]}
            row |= {**ends, "rank": rank, "running": float(running), "bits": float(row["bits"])}
        return rows

    def member_reasons(self, account: str, others: Iterable[str]) -> list[Row]:
        held: dict[tuple[str, str], list[tuple[Decimal, str, Row]]] = defaultdict(list)
        n_links = 0
        for other in others:
            n_links += 1
            for piece in self.evidence[min(account, other), max(account, other)]:
                held[piece["kind"], piece["value"]].append((piece["counted"], other, piece))
        rows: list[Row] = [
            {
                "reason": "prior",
                "bits": n_links * PRIOR,
                "detail": f"{n_links:,} link{'s, each' if n_links > 1 else ''}, starting at -12 bits",
            }
        ]
        rest: dict[str, list[Decimal]] = defaultdict(list)
        summed = sorted((-sum((c for c, *_ in ties), Decimal(0)), *key) for key, ties in held.items())
        for place, (minus, kind, value) in enumerate(summed, 1):
            ties = held[kind, value]
            is_behaviour = ties[0][2]["facet"] == "behaviour"
            if -minus <= 0 or (place > MOST and not is_behaviour):
                rest["differing_values" if minus > 0 else "further_identifiers"].append(-minus)
                continue
            _, strongest = min((-counted, other) for counted, other, _ in ties)
            n = len(ties)
            row: Row = {"kind": kind, "bits": -minus, "n_accounts": n, "strongest": strongest}
            if is_behaviour:
                detail = f"in {n:,} pair{'s' if n > 1 else ''} {WORDS[kind]}"
                rows.append(row | {"reason": "joint_behaviour", "detail": detail})
            else:
                degree = self.about[kind, value]["degree"]
                members = f"{n:,} other member{'s' if n > 1 else ''}"
                detail = f"ties it to {members}; {degree:,} use it in total{self.listed(ties[0][2])}"
                rows.append(row | {"reason": "shared_identifier", "value": value, "detail": detail})
        for reason, bits in rest.items():
            detail = "kinds in which it differs from linked members"
            if reason == "further_identifiers":
                detail = f"{len(bits):,} further identifier{'s' if len(bits) > 1 else ''}"
            rows.append({"reason": reason, "bits": sum(bits), "detail": detail})
        rows.sort(key=lambda r: (-r["bits"], r["reason"], r.get("kind") or "~", r.get("value") or "~"))
        for rank, row in enumerate(rows, 1):
            of = {"account_id": account, "cluster_id": self.cluster_of[account]}
            row |= {**of, "rank": rank, "bits": float(row["bits"])}
        return rows

    def partners(self) -> dict[str, list[str]]:
        """Per clustered account the other ends of its links inside the cluster."""
        actual: dict[str, list[str]] = defaultdict(list)
        for one, other in self.evidence:
            if self.cluster_of[one] is not None and self.cluster_of[one] == self.cluster_of[other]:
                actual[one].append(other)
                actual[other].append(one)
        return actual


@pytest.fixture(scope="module")
def twin(explained_sample: Result) -> Twin:
    return Twin(explained_sample)


def plain(rows: Iterable[Row], columns: Iterable[str]) -> list[tuple[Any, ...]]:
    return [tuple(row.get(column) for column in columns) for row in rows]


@pytest.mark.slow
def test_every_link_is_explained_as_the_twin_does(explained_sample: Result, twin: Twin) -> None:
    actual = explained_sample.table("link_reasons")
    expected = [row for pair in sorted(twin.evidence) for row in twin.link_reasons(pair)]
    assert plain(rows_of(actual), actual.column_names) == plain(expected, actual.column_names)
    assert len(expected) > 1000


def test_every_member_is_explained_as_the_twin_does(explained_sample: Result, twin: Twin) -> None:
    actual = explained_sample.table("member_reasons")
    partners = twin.partners()
    expected = [row for one in sorted(partners) for row in twin.member_reasons(one, partners[one])]
    assert plain(rows_of(actual), actual.column_names) == plain(expected, actual.column_names)
    clustered = {account for account, cluster in twin.cluster_of.items() if cluster is not None}
    assert set(partners) == clustered
    assert {row["reason"] for row in expected} >= {"shared_identifier", "joint_behaviour", "prior"}


def test_pieces_add_up_to_the_links_and_reasons_to_the_members(explained_sample: Result, twin: Twin) -> None:
    bits = {
        (row["account_id_l"], row["account_id_r"]): row["bits"]
        for row in rows_of(explained_sample.table("links"))
    }
    pieces: dict[Pair, list[Row]] = defaultdict(list)
    for row in rows_of(explained_sample.table("link_reasons")):
        pieces[row["account_id_l"], row["account_id_r"]].append(row)
    assert pieces.keys() == bits.keys()
    for pair, rows in pieces.items():
        # Each piece is told to nine decimals, and so is the sum.
        assert abs(sum(told(row["bits"]) for row in rows) - told(bits[pair])) <= len(rows) * Decimal("1e-9")
        assert told(rows[-1]["running"]) == sum(told(row["bits"]) for row in rows)
    reasons: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows_of(explained_sample.table("member_reasons")):
        reasons[row["account_id"]] += told(row["bits"])
    for account, others in twin.partners().items():
        whole = sum(told(bits[min(account, other), max(account, other)]) for other in others)
        assert reasons[account] == pytest.approx(whole, abs=Decimal("1e-8") * len(others))


def test_in_advance_is_reported_what_is_reported_when_requested(explained_sample: Result, twin: Twin) -> None:
    for pair in sorted(twin.evidence)[::97]:
        where = dict(zip(("account_id_l", "account_id_r"), ([name] for name in pair), strict=True))
        rows = rows_of(explained_sample.table("link_reasons", where=where))
        why = explain_pair(explained_sample, *pair)
        assert [(row["kind"], row["value"] or "", row["bits"]) for row in rows[1:]] == [
            (step.kind, step.value, step.contribution_bits) for step in why.evidence
        ]
        assert [row["running"] for row in rows[1:]] == pytest.approx([s.total_bits for s in why.evidence])
    for account in sorted(twin.partners())[::37]:
        ties = {(tie.kind, tie.value): tie for tie in explain_member(explained_sample, account).ties}
        rows = rows_of(explained_sample.table("member_reasons", where={"account_id": [account]}))
        for row in rows:
            if row["kind"] is not None:
                tie = ties[row["kind"], row["value"] or ""]
                assert (row["n_accounts"], row["bits"]) == (tie.n_accounts, pytest.approx(tie.total_bits))
                assert row["strongest"] == tie.strongest
