"""The bits of each shared identifier for each pair, from the states of the identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphlink.model.exclusivity.baselines import frequency_bits, probability

if TYPE_CHECKING:
    from graphlink.core.parameters import Exclusivity, Parameters

_LEAST = 1e-6  # so that odds are finite


def _weights(p: str, suffix: str = "") -> tuple[str, str, str]:
    """SQL of the weights of the states: one operator, one among others, public.

    That an identifier is listed as infrastructure says that no operator has it alone, and not that none has
    it among others.
    """
    unlisted = f"({p} / ({p} + (1 - {p}) * pow(2.0, listed_bits)))"
    return (
        f"({p} * one_operator{suffix})",
        f"((CASE WHEN is_network THEN 1.0 ELSE {unlisted} END) * among_share * among_others{suffix})",
        f"(1 - {p})",
    )


def _belongs(ties: str, untied: str, state: str) -> str:
    """SQL of the probability that a holder belongs to the operator: of the untied by how a tie would show."""
    return (
        f"(CASE WHEN coalesce({ties}.is_tied, false) THEN 1.0 ELSE s.belongs_{state} "
        f"+ (s.untied_{state} - s.belongs_{state}) * coalesce({untied}.shows, 0.0) END)"
    )


def _p_among(numbers: Exclusivity) -> str:
    """SQL of the probability that two have one operator that is one among others, by where the two stand."""
    several = f"{numbers.several_domains} * parts_of_one"
    return f"""CASE WHEN is_part THEN 0.0
                              WHEN is_in_part THEN {numbers.in_part}
                              WHEN l_tied AND r_tied AND is_of_two
                                  THEN {several} / ({several} + 1 - parts_of_one)
                              WHEN l_tied AND r_tied THEN parts_of_one
                              ELSE tied_of_one * l_among * r_among END"""


def bits_sql(prior: float, parameters: Parameters) -> str:
    """Query of the bits of each shared identifier: its baseline odds, moved by the ties of its holders.

    Where one operator holds it alone its pairs are one operator's. Where it is one among others, two in one
    tied part may be, two in two parts are as often as an operator has several instruments, and who is not
    tied belongs as likely as an operator's accounts share nothing else; none of it says more than the
    frequency of the value allows. The tie of two who are a part by themselves is left out: it is weighed by
    itself.
    """
    numbers = parameters.exclusivity
    ceiling = frequency_bits(
        "i.degree", "(SELECT count(*) FROM account_numbers)", parameters.frequency.largest_usual
    )
    one, among, public = _weights("p")
    one_without, among_without, _ = _weights("p", "_without")
    return f"""
        WITH placed AS (
            SELECT u.l, u.r, u.identifier_no, u.kind_no, k.most_bits, {probability("u.baseline")} AS p,
                   {probability(f"({prior}) + {ceiling}")} AS most_among,
                   s.is_network, s.listed_bits, s.one_operator, s.among_others, s.one_operator_without,
                   s.among_others_without, s.among_share, s.parts_of_one, s.tied_of_one,
                   {_belongs("x", "v", "alone")} AS l_alone, {_belongs("y", "w", "alone")} AS r_alone,
                   {_belongs("x", "v", "among")} AS l_among, {_belongs("y", "w", "among")} AS r_among,
                   coalesce(x.is_tied, false) AS l_tied, coalesce(y.is_tied, false) AS r_tied,
                   coalesce(a.domain_no <> b.domain_no, false) AS is_of_two,
                   coalesce(x.component = y.component, false) AS is_in_part,
                   coalesce(x.component = y.component AND x.n_there = 2, false) AS is_part
            FROM baselines u
            JOIN kinds k ON k.kind_no = u.kind_no
            JOIN shared_identifiers i ON i.identifier_no = u.identifier_no
            JOIN states s ON s.identifier_no = u.identifier_no
            LEFT JOIN holder_ties x ON x.identifier_no = u.identifier_no AND x.account_no = u.l
            LEFT JOIN holder_ties y ON y.identifier_no = u.identifier_no AND y.account_no = u.r
            LEFT JOIN untied_holders v ON v.identifier_no = u.identifier_no AND v.account_no = u.l
            LEFT JOIN untied_holders w ON w.identifier_no = u.identifier_no AND w.account_no = u.r
            LEFT JOIN own_domains a ON a.account_no = u.l
            LEFT JOIN own_domains b ON b.account_no = u.r
        ),
        weighed AS (
            SELECT l, r, identifier_no, kind_no, most_bits,
                   CASE WHEN is_part THEN {one_without} ELSE {one} END
                       * CASE WHEN is_of_two THEN {numbers.several_domains} ELSE 1.0 END AS w_one,
                   CASE WHEN is_part THEN {among_without} ELSE {among} END AS w_among, {public} AS w_public,
                   least(most_among, {_p_among(numbers)}) AS p_among,
                   l_alone * r_alone AS p_alone
            FROM placed
        )
        SELECT l, r, identifier_no, kind_no,
               round(least(most_bits, greatest(0.0,
                   log2((w_one * p_alone + w_among * p_among)
                        / (w_one * (1 - p_alone) + w_among * (1 - p_among) + w_public)) - ({prior}))), 6)
                   AS bits
        FROM weighed
    """


def overruled_bits_sql(prior: float, parameters: Parameters) -> str:
    """Query of the bits of each pair, as far as activity allows, and of those that the settings give."""
    stated = "log2(o.p_exclusive / (1 - o.p_exclusive))"
    return f"""
        SELECT s.l, s.r, s.identifier_no, s.kind_no,
               CASE WHEN o.p_exclusive IS NOT NULL THEN round(greatest(0.0, {stated} - ({prior})), 6)
                    ELSE least(s.bits, round(coalesce(a.most_bits, s.bits), 6)) END AS bits
        FROM ({bits_sql(prior, parameters)}) s
        JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
        LEFT JOIN activity a ON a.l = s.l AND a.r = s.r AND a.kind_no = s.kind_no
            AND a.degree_bin = floor(log2(i.degree - 1))::INTEGER
        LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
    """


def settable_sql() -> str:
    """Query of what each pair's shared network identifiers may set, with their most bits (`network_bits`).

    Made from the pairs of those few network identifiers: half of all accounts share a client.
    """
    return """
        SELECT b.l, b.r, d.identifier_no, min(d.most_bits) AS most_bits, max(b.bits) AS network_bits
        FROM determined d JOIN standalone b ON b.identifier_no = d.by_no
        GROUP BY b.l, b.r, d.identifier_no
    """


def undetermined_sql() -> str:
    """Query of the bits of each pair: what a shared network identifier may set counts once, up to a most.

    It counts beyond the bits of the network identifier in any case: sharing more never says less.
    """
    return """
        WITH ranked AS (
            SELECT s.l, s.r, s.identifier_no, d.most_bits, d.network_bits,
                   row_number() OVER (PARTITION BY s.l, s.r
                                      ORDER BY least(s.bits, d.most_bits) DESC, s.identifier_no) AS place
            FROM settable d
            JOIN standalone s ON s.l = d.l AND s.r = d.r AND s.identifier_no = d.identifier_no
        )
        SELECT s.l, s.r, s.identifier_no, s.kind_no,
               round(CASE WHEN d.l IS NULL THEN s.bits
                          ELSE greatest(s.bits - d.network_bits,
                                        CASE WHEN d.place = 1 THEN least(s.bits, d.most_bits) ELSE 0.0 END)
                     END, 6) AS bits
        FROM standalone s
        LEFT JOIN ranked d ON d.l = s.l AND d.r = s.r AND d.identifier_no = s.identifier_no
    """


def estimated_sql(most_share: float) -> str:
    """Query per identifier that made pairs of its mean baseline and its share of one-operator pairs."""
    one, among, public = _weights("baseline")
    return f"""
        WITH weighed AS (
            SELECT m.identifier_no, m.baseline, s.n_holders, s.n_tied, {one} AS w_one, {among} AS w_among,
                   {public} AS w_public, s.belongs_among * s.belongs_among * s.tied_of_one AS p_among
            FROM mean_baselines m JOIN states s ON s.identifier_no = m.identifier_no
        )
        SELECT identifier_no, greatest({_LEAST}, least({most_share}, baseline)) AS baseline,
               n_holders, n_tied,
               greatest({_LEAST}, least({most_share}, (w_one + w_among * p_among)
                                                      / (w_one + w_among + w_public))) AS p_exclusive
        FROM weighed
    """


def overruled_sql() -> str:
    """Query of what was estimated of identifiers, and of the settings' word where they give one."""
    return """
        SELECT p.identifier_no, coalesce(o.p_exclusive, p.baseline) AS baseline, p.n_holders, p.n_tied,
               coalesce(o.p_exclusive, p.p_exclusive) AS p_exclusive
        FROM estimated p LEFT JOIN overridden o ON o.identifier_no = p.identifier_no
    """
