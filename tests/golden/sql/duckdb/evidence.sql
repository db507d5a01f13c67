-- make behaviour_kinds
SELECT (SELECT count(*) FROM kinds) + row_number() OVER (ORDER BY behaviour) - 1 AS kind_no, behaviour FROM (SELECT DISTINCT behaviour FROM behaviours)

-- make evidence_kinds
SELECT * FROM kinds UNION ALL SELECT kind_no::INTEGER, behaviour, 'behaviour', true, NULL, NULL, NULL, NULL FROM behaviour_kinds

-- make numbered_behaviours
SELECT b.l, b.r, k.kind_no::INTEGER AS kind_no, b.bits, b.n_events, b.first_s, b.last_s, b.at_no FROM behaviours b JOIN behaviour_kinds k USING (behaviour)

-- make evidence_dependence_caps
SELECT * FROM dependence_caps UNION ALL SELECT x.kind_no::INTEGER, y.kind_no::INTEGER, 0.#, 0.25, 0.0 FROM behaviour_kinds x CROSS JOIN behaviour_kinds y WHERE x.kind_no <> y.kind_no UNION ALL SELECT k.kind_no, x.kind_no::INTEGER, 0.#, 0.25, 0.0 FROM behaviour_kinds x CROSS JOIN kinds k WHERE x.behaviour IN ('signup_burst', 'replacement') AND k.facet = 'network' UNION ALL SELECT x.kind_no::INTEGER, k.kind_no, 0.#, 0.25, 0.0 FROM behaviour_kinds x CROSS JOIN kinds k WHERE x.behaviour = 'replacement' AND k.facet = 'network'

-- make alone
WITH multi_kind_pairs AS (
    SELECT l, r FROM many_kinds UNION SELECT l, r FROM numbered_behaviours
),
kept_pairs AS (
    SELECT s.l, s.r, s.kind_no, s.bits, m.l IS NOT NULL AS has_more
    FROM exclusivity_bits s LEFT JOIN multi_kind_pairs m ON m.l = s.l AND m.r = s.r
    WHERE s.bits >= 0.# OR m.l IS NOT NULL
),
per_kind AS (
    SELECT l, r, kind_no, max(bits) AS bits, bool_or(has_more) AS has_more
    FROM kept_pairs GROUP BY l, r, kind_no
),
chosen AS (
    SELECT l, r, kind_no, bits, 1::BIGINT AS n FROM per_kind WHERE NOT has_more
    UNION ALL
    SELECT l, r, kind_no, bits, (count(*) OVER (PARTITION BY l, r))::BIGINT AS n
    FROM (SELECT l, r, kind_no, bits FROM per_kind WHERE has_more
          UNION ALL SELECT l, r, kind_no, bits FROM numbered_behaviours)
    QUALIFY sum(bits) OVER (PARTITION BY l, r) >= 0.#
)
SELECT c.l, c.r, c.kind_no, coalesce(p.degree, 2) AS degree, c.bits, c.n
FROM chosen c LEFT JOIN pair_kinds p ON p.l = c.l AND p.r = c.r AND p.kind_no = c.kind_no

-- rows
SELECT count(*) FROM evidence_kinds

-- arrow
SELECT given_no, kind_no, bits, share, rarity FROM evidence_dependence_caps

-- arrow
SELECT kind_no, avg(log2(degree - 1)) AS log_degree FROM pair_kinds GROUP BY kind_no

-- make_by counted_kinds
SELECT l, r, kind_no, bits, degree::DOUBLE AS degree FROM alone WHERE n > 1

-- make agreeing
SELECT l, r, kind_no, bits, bits AS contribution_bits FROM alone WHERE n = 1 UNION ALL SELECT l, r, kind_no, bits, contribution_bits FROM counted_kinds

-- make kept_pairs
SELECT l, r FROM agreeing GROUP BY l, r HAVING sum(contribution_bits) >= 0.#

-- make single_values
SELECT a.account_no, a.kind_no, max(h.identifier_no) AS identifier_no
FROM account_kinds a
JOIN disagreement_weights c ON c.kind_no = a.kind_no
LEFT JOIN (SELECT h.account_no, h.identifier_no, i.kind_no
           FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no) h
       ON h.account_no = a.account_no AND h.kind_no = a.kind_no
WHERE a.is_single
GROUP BY a.account_no, a.kind_no

-- make differing
WITH differing AS (
    SELECT p.l, p.r, c.kind_no, c.group_no, c.bits
    FROM kept_pairs p
    JOIN single_values x ON x.account_no = p.l
    JOIN single_values y ON y.account_no = p.r AND y.kind_no = x.kind_no
    JOIN disagreement_weights c ON c.kind_no = x.kind_no
    WHERE x.identifier_no IS DISTINCT FROM y.identifier_no OR x.identifier_no IS NULL
),
given AS (
    SELECT d.l, d.r, d.kind_no, min(c.bits) AS bits
    FROM differing d
    JOIN agreeing a ON a.l = d.l AND a.r = d.r
    JOIN conditional_disagreement c ON c.given_no = a.kind_no AND c.kind_no = d.kind_no
    GROUP BY d.l, d.r, d.kind_no
)
SELECT l, r, kind_no, bits, bits AS contribution_bits FROM (
    SELECT d.l, d.r, d.kind_no, d.group_no, least(d.bits, coalesce(g.bits, 0.0)) AS bits
    FROM differing d LEFT JOIN given g ON g.l = d.l AND g.r = d.r AND g.kind_no = d.kind_no
)
QUALIFY row_number() OVER (PARTITION BY l, r, group_no ORDER BY bits, kind_no) = 1

-- make kind_bits
SELECT a.l, a.r, a.kind_no, a.bits, round(a.contribution_bits, 6) AS contribution_bits
FROM agreeing a JOIN kept_pairs p ON p.l = a.l AND p.r = a.r
UNION ALL SELECT l, r, kind_no, bits, contribution_bits FROM differing

-- make pair_scores
SELECT l, r, -12.0 + sum(contribution_bits) AS bits, count(*) AS n_kinds FROM kind_bits GROUP BY l, r

-- rows
SELECT count(*) FROM pair_scores

-- rows
DESCRIBE kind_bits

-- rows
SELECT l, r, kind_no FROM kind_bits GROUP BY l, r, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(contribution_bits IS NOT NULL, false)) FROM kind_bits

-- rows
DESCRIBE pair_scores

-- rows
SELECT l, r FROM pair_scores GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_kinds IS NOT NULL, false)) FROM pair_scores

-- rows
DESCRIBE single_values

-- rows
SELECT account_no, kind_no FROM single_values GROUP BY account_no, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)) FROM single_values

-- rows
DESCRIBE evidence_kinds

-- rows
SELECT kind_no FROM evidence_kinds GROUP BY kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(facet IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(is_declared IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NULL OR (p_exclusive >= 0 AND p_exclusive <= 1 AND isfinite(p_exclusive)), false)) FROM evidence_kinds

-- rows
DESCRIBE evidence_dependence_caps

-- rows
SELECT given_no, kind_no FROM evidence_dependence_caps GROUP BY given_no, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(given_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(share IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(share IS NULL OR (share >= 0 AND share <= 1 AND isfinite(share)), false)), count(*) FILTER (WHERE NOT coalesce(rarity IS NOT NULL, false)) FROM evidence_dependence_caps

-- rows
DESCRIBE numbered_behaviours

-- rows
SELECT l, r, kind_no FROM numbered_behaviours GROUP BY l, r, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_events IS NOT NULL, false)) FROM numbered_behaviours

-- rows
SELECT count(*) FROM kind_bits
