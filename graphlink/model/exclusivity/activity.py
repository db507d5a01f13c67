"""Activity: what two accounts share because each has much, so that it says little of who operates them.

Who reads every site of a field shares rare ones with everybody who does. Under a null that keeps how many
values an account has and how many holders a value has, two accounts share by chance a number of values that
grows with the product of what each has besides (the configuration model, Newman 2003). The likelihood ratio
of sharing one is at most the inverse of the probability that chance has them share one.
"""

from __future__ import annotations

from graphlink.model.exclusivity.baselines import exact


def activity_sql() -> str:
    """Query of the most bits of a shared value of an open kind, by pair, kind and how rare the value is.

    Rare values and common ones are counted apart, for a value counts with those that are as rare or rarer.
    What the two share is left out of what each has: two accounts that have nothing else met by no activity.
    """
    return f"""
        WITH joint AS (
            SELECT s.l, s.r, s.kind_no, s.identifier_no, i.degree,
                   floor(log2(i.degree - 1))::INTEGER AS degree_bin
            FROM copresence_pairs s
            JOIN kinds k ON k.kind_no = s.kind_no
            JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
            WHERE NOT k.is_declared
        ),
        of_values AS (
            SELECT identifier_no, kind_no, degree_bin, any_value(degree) * (any_value(degree) - 1.0) / 2.0
                AS n_pairs
            FROM joint GROUP BY identifier_no, kind_no, degree_bin
        ),
        held AS (
            SELECT v.kind_no, v.degree_bin, h.account_no, count(DISTINCT h.identifier_no) AS n
            FROM window_incidence h JOIN of_values v ON v.identifier_no = h.identifier_no
            GROUP BY v.kind_no, v.degree_bin, h.account_no
        ),
        as_rare AS (
            SELECT kind_no, degree_bin, account_no,
                   sum(n) OVER (PARTITION BY kind_no, account_no ORDER BY degree_bin) AS n
            FROM held
        ),
        rates AS (
            SELECT kind_no, degree_bin, 2.0 * sum(p.n_pairs) OVER rarest / (sum(h.n) OVER rarest) ** 2 AS rate
            FROM (SELECT kind_no, degree_bin, sum(n_pairs)::DOUBLE AS n_pairs FROM of_values GROUP BY ALL) p
            JOIN (SELECT kind_no, degree_bin, sum(n)::DOUBLE AS n FROM held GROUP BY ALL) h
                USING (kind_no, degree_bin)
            WINDOW rarest AS (PARTITION BY kind_no ORDER BY degree_bin)
        ),
        shared AS (
            SELECT l, r, kind_no, degree_bin,
                   sum(count(*)) OVER (PARTITION BY l, r, kind_no ORDER BY degree_bin) AS n
            FROM joint GROUP BY l, r, kind_no, degree_bin
        ),
        expected AS (
            SELECT s.l, s.r, s.kind_no, s.degree_bin, (x.n - s.n) * (y.n - s.n) * q.rate AS n
            FROM shared s
            JOIN as_rare x ON x.account_no = s.l AND x.kind_no = s.kind_no AND x.degree_bin = s.degree_bin
            JOIN as_rare y ON y.account_no = s.r AND y.kind_no = s.kind_no AND y.degree_bin = s.degree_bin
            JOIN rates q ON q.kind_no = s.kind_no AND q.degree_bin = s.degree_bin
            WHERE x.n > s.n AND y.n > s.n
        )
        SELECT l, r, kind_no, degree_bin, {exact("-log2(1.0 - exp(-n))")} AS most_bits FROM expected
    """
