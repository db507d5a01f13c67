-- make scored_pairs
SELECT l, r, bits FROM pair_scores WHERE bits >= -0.#

-- make pair_evidence
WITH ranked AS (
    SELECT s.l, s.r, s.kind_no, s.identifier_no, s.bits, w.contribution_bits,
           row_number() OVER (PARTITION BY s.l, s.r, s.kind_no ORDER BY s.bits DESC,
           s.identifier_no) AS place,
           count(*) OVER (PARTITION BY s.l, s.r, s.kind_no) AS n
    FROM scored_pairs p
    JOIN exclusivity_bits s ON s.l = p.l AND s.r = p.r
    JOIN kind_bits w ON w.l = s.l AND w.r = s.r AND w.kind_no = s.kind_no
),
divided AS (
    SELECT l, r, kind_no, identifier_no, bits,
           contribution_bits * pow(0.5, least(place, n - 1)) AS contribution_bits
    FROM ranked WHERE place <= 40
)
SELECT p.l, p.r, p.kind_no, p.identifier_no, k.facet, p.bits, p.contribution_bits
FROM divided p JOIN evidence_kinds k ON k.kind_no = p.kind_no
UNION ALL
SELECT w.l, w.r, w.kind_no, NULL, k.facet, w.bits, w.contribution_bits
FROM scored_pairs p JOIN kind_bits w ON w.l = p.l AND w.r = p.r
JOIN evidence_kinds k ON k.kind_no = w.kind_no
WHERE w.bits < 0 OR k.facet = 'behaviour'

-- make evidence
SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, k.kind,
       coalesce(i.value, '') AS value, e.facet, e.bits, e.contribution_bits,
       coalesce(s.n_windows, b.n_events, 1)::BIGINT AS n_windows, s.degree::BIGINT AS window_degree,
       s.lag_s::BIGINT AS lag_seconds,
       -- who came after the other had left was there with it from the one's end to the other's start
       make_timestamptz(coalesce(least(s.first_s, s.last_s), b.first_s) * 1000000) AS first_joint,
       make_timestamptz(coalesce(greatest(s.first_s, s.last_s), b.last_s) * 1000000) AS last_joint,
       a.kind AS at_kind, a.value AS at_value
FROM pair_evidence e
JOIN account_numbers x ON x.account_no = e.l
JOIN account_numbers y ON y.account_no = e.r
JOIN evidence_kinds k ON k.kind_no = e.kind_no
LEFT JOIN shared_identifiers i ON i.identifier_no = e.identifier_no
LEFT JOIN copresence_pairs s ON s.l = e.l AND s.r = e.r AND s.identifier_no = e.identifier_no
LEFT JOIN numbered_behaviours b ON b.l = e.l AND b.r = e.r AND b.kind_no = e.kind_no
LEFT JOIN shared_identifiers a ON a.identifier_no = b.at_no

-- make identifiers
WITH joint AS (SELECT identifier_no, count(*) AS n FROM copresence_pairs GROUP BY identifier_no),
capped AS (
    SELECT c.identifier_no, max(c.degree) > any_value(p.cap) AS is_capped,
           min(c.degree) > any_value(p.cap) AS is_hub
    FROM blocks c
    JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
    JOIN block_limits p ON p.kind_no = i.kind_no
    GROUP BY c.identifier_no
)
SELECT i.kind, i.value, k.facet, i.degree, (i.degree * (i.degree - 1) / 2)::BIGINT AS n_pairs,
       coalesce(j.n, 0) AS n_joint_pairs, coalesce(c.is_hub, false) AS is_hub,
       coalesce(c.is_capped, false) AS is_capped, coalesce(o.p_exclusive,
       p.p_exclusive) AS p_exclusive,
       o.identifier_no IS NOT NULL AS is_overridden, coalesce(o.label, i.label) AS label,
       i.label_type,
       make_timestamptz(i.first_s * 1000000) AS first_seen, make_timestamptz(i.last_s * 1000000)
       AS last_seen
FROM shared_identifiers i
JOIN evidence_kinds k ON k.kind_no = i.kind_no
LEFT JOIN joint j ON j.identifier_no = i.identifier_no
LEFT JOIN capped c ON c.identifier_no = i.identifier_no
LEFT JOIN exclusivity p ON p.identifier_no = i.identifier_no
LEFT JOIN overridden o ON o.identifier_no = i.identifier_no

-- rows
SELECT count(*) FROM scored_pairs

-- rows
SELECT count(*) FROM scored_pairs WHERE bits >= 0

-- rows
DESCRIBE evidence

-- rows
SELECT account_id_l, account_id_r, kind, value FROM evidence GROUP BY account_id_l, account_id_r, kind, value HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id_l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_id_r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(contribution_bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(contribution_bits IS NULL OR (isfinite(contribution_bits)), false)), count(*) FILTER (WHERE NOT coalesce(n_windows IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_windows IS NULL OR (n_windows >= 1), false)), count(*) FILTER (WHERE NOT coalesce(window_degree IS NULL OR (window_degree >= 0), false)), count(*) FILTER (WHERE NOT coalesce(account_id_l < account_id_r, false)), count(*) FILTER (WHERE NOT coalesce(first_joint IS NULL OR first_joint <= last_joint, false)) FROM evidence

-- rows
DESCRIBE identifiers

-- rows
SELECT kind, value FROM identifiers GROUP BY kind, value HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(degree IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(degree IS NULL OR (degree >= 1), false)), count(*) FILTER (WHERE NOT coalesce(n_pairs IS NULL OR (n_pairs >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_joint_pairs IS NULL OR (n_joint_pairs >= 0), false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NULL OR (p_exclusive >= 0 AND p_exclusive <= 1 AND isfinite(p_exclusive)), false)) FROM identifiers

-- rows
DESCRIBE scored_pairs

-- rows
SELECT l, r FROM scored_pairs GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)) FROM scored_pairs

-- rows
DESCRIBE pair_evidence

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(facet IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(contribution_bits IS NOT NULL, false)) FROM pair_evidence

-- rows
SELECT count(*) FROM evidence

-- rows
SELECT count(*) FROM identifiers
