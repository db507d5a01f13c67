-- rows
SELECT k.kind, k.p_exclusive, coalesce(s.n_accounts, 0), coalesce(s.n_single, 0), min(k.kind_no) OVER (PARTITION BY k.facet), k.degree_exponent, k.is_declared, k.is_declared AND k.facet IN ('payment', 'identity') FROM kinds k LEFT JOIN kind_sizes s USING (kind_no) ORDER BY kind_no

-- rows
SELECT i.kind_no, least(1.0, sum(i.degree * (i.degree - 1.0)) / max(s.n_accounts * (s.n_accounts - 1.0))) FROM shared_identifiers i JOIN kind_sizes s USING (kind_no) JOIN kinds k USING (kind_no) WHERE k.window_s IS NULL GROUP BY i.kind_no

-- rows
WITH weak_kinds AS (
    SELECT kind_no FROM kinds
    WHERE window_s IS NOT NULL AND (most_bits < 12.0 OR NOT is_declared)
),
present AS (
    SELECT kind_no, sum(n * (n - 1.0)) AS n_pairs
    FROM (SELECT i.kind_no, h.window_no, count(DISTINCT h.account_no) AS n
          FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
          WHERE i.kind_no IN (SELECT kind_no FROM weak_kinds)
          GROUP BY i.kind_no, h.window_no)
    GROUP BY kind_no
),
agreeing AS (
    SELECT i.kind_no, sum(c.degree * (c.degree - 1.0)) AS n_pairs
    FROM blocks c JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
    GROUP BY i.kind_no
)
SELECT p.kind_no, least(1.0, a.n_pairs / p.n_pairs)
FROM present p JOIN agreeing a ON a.kind_no = p.kind_no WHERE p.n_pairs > 0

-- make pair_kinds
WITH per_kind AS (
    SELECT l, r, kind_no, min(degree) AS degree, sum(n_windows)::BIGINT AS n_meetings,
           bool_or(is_blocking_value) AS is_blocking_value,
           CASE WHEN count(*) = 1 THEN min(identifier_no) END AS only_no
    FROM copresence_pairs s
    WHERE NOT EXISTS (SELECT 1 FROM generalizations w JOIN copresence_pairs n ON n.kind_no = w.kind_no
                      WHERE w.wider_no = s.kind_no AND n.l = s.l AND n.r = s.r)
    GROUP BY l, r, kind_no
)
SELECT l, r, kind_no, degree, is_blocking_value, only_no, least(floor(log2(degree - 1)), 10)::TINYINT AS degree_bin, (CASE WHEN n_meetings >= 4 THEN 2 WHEN n_meetings >= 2 THEN 1 ELSE 0 END)::TINYINT AS repeat_bin FROM per_kind

-- make many_kinds
SELECT l, r FROM pair_kinds GROUP BY l, r HAVING count(*) > 1

-- make account_draws
SELECT account_no, (1 * (strpos('0123456789abcdef', substr(md5(account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(account_id), 7, 1)) - 1))::BIGINT AS draw FROM account_numbers

-- make views
    WITH slices AS (
        SELECT kind_no, degree_bin, repeat_bin, slice, count(*) AS n
        FROM (
    SELECT p.l, p.r, p.kind_no, p.degree_bin, p.repeat_bin, j.is_same, (((x.draw::BIGINT) * 2654435761 + y.draw::BIGINT * 40503) % 4294967291) AS shuffle,
           CASE WHEN j.l IS NULL THEN (((x.draw::BIGINT) * 2654435761 + y.draw::BIGINT * 40503) % 4294967291) // 4194304 ELSE -1 END AS slice
    FROM pair_kinds p
    JOIN account_draws x ON x.account_no = p.l
    JOIN account_draws y ON y.account_no = p.r
    LEFT JOIN pair_labels j ON j.l = p.l AND j.r = p.r AND false
    WHERE p.is_blocking_value OR j.l IS NOT NULL
) GROUP BY kind_no, degree_bin, repeat_bin, slice
    ),
    before AS (
        SELECT kind_no, degree_bin, repeat_bin, slice,
               sum(n) OVER (PARTITION BY kind_no, degree_bin, repeat_bin ORDER BY slice) - n AS n_before
        FROM slices
    ),
    lasts AS (
        SELECT kind_no, degree_bin, repeat_bin, max(slice) AS slice
        FROM before WHERE n_before < 4000 GROUP BY kind_no, degree_bin, repeat_bin
    )
    SELECT p.l, p.r, p.kind_no, p.degree_bin, p.repeat_bin, coalesce(p.is_same::TINYINT, -1) AS verdict
    FROM (
    SELECT p.l, p.r, p.kind_no, p.degree_bin, p.repeat_bin, j.is_same, (((x.draw::BIGINT) * 2654435761 + y.draw::BIGINT * 40503) % 4294967291) AS shuffle,
           CASE WHEN j.l IS NULL THEN (((x.draw::BIGINT) * 2654435761 + y.draw::BIGINT * 40503) % 4294967291) // 4194304 ELSE -1 END AS slice
    FROM pair_kinds p
    JOIN account_draws x ON x.account_no = p.l
    JOIN account_draws y ON y.account_no = p.r
    LEFT JOIN pair_labels j ON j.l = p.l AND j.r = p.r AND false
    WHERE p.is_blocking_value OR j.l IS NOT NULL
) p
    JOIN lasts t ON t.kind_no = p.kind_no AND t.degree_bin = p.degree_bin AND t.repeat_bin = p.repeat_bin
                AND p.slice <= t.slice
    QUALIFY row_number() OVER (PARTITION BY p.kind_no, p.degree_bin, p.repeat_bin
                               ORDER BY p.is_same IS NULL, p.shuffle, p.l, p.r) <= 4000

-- make viewed
SELECT DISTINCT l, r FROM views

-- rows
SELECT DISTINCT kind_no FROM account_kinds

-- make patterns
WITH in_hubs AS (
    SELECT h.identifier_no, h.window_no, h.account_no, i.kind_no
    FROM window_incidence h
    JOIN blocks c ON c.identifier_no = h.identifier_no AND c.window_no = h.window_no
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN block_limits p ON p.kind_no = i.kind_no
    WHERE c.degree > p.most_scored
),
agreements AS (
    SELECT v.l, v.r, s.kind_no FROM viewed v JOIN copresence_pairs s ON s.l = v.l AND s.r = v.r
    UNION ALL
    SELECT v.l, v.r, x.kind_no
    FROM viewed v
    JOIN in_hubs x ON x.account_no = v.l
    JOIN in_hubs y ON y.account_no = v.r AND y.identifier_no = x.identifier_no
                  AND y.window_no = x.window_no
),
agreed AS (SELECT l, r, bool_or(kind_no = 0) AS agrees0, bool_or(kind_no = 1) AS agrees1, bool_or(kind_no = 2) AS agrees2, bool_or(kind_no = 3) AS agrees3, bool_or(kind_no = 4) AS agrees4, bool_or(kind_no = 5) AS agrees5, bool_or(kind_no = 6) AS agrees6, bool_or(kind_no = 7) AS agrees7, bool_or(kind_no = 8) AS agrees8 FROM agreements GROUP BY l, r),
seen AS (SELECT account_no, bool_or(kind_no = 0) AS has0, bool_or(kind_no = 1) AS has1, bool_or(kind_no = 2) AS has2, bool_or(kind_no = 3) AS has3, bool_or(kind_no = 4) AS has4, bool_or(kind_no = 5) AS has5, bool_or(kind_no = 6) AS has6, bool_or(kind_no = 7) AS has7, bool_or(kind_no = 8) AS has8 FROM account_kinds GROUP BY account_no)
SELECT a.l, a.r, CASE WHEN x.has0 AND y.has0 THEN a.agrees0::TINYINT ELSE -1 END::TINYINT AS s0, CASE WHEN x.has1 AND y.has1 THEN a.agrees1::TINYINT ELSE -1 END::TINYINT AS s1, CASE WHEN x.has2 AND y.has2 THEN a.agrees2::TINYINT ELSE -1 END::TINYINT AS s2, CASE WHEN a.agrees3 THEN 1 ELSE -1 END::TINYINT AS s3, CASE WHEN x.has4 AND y.has4 THEN a.agrees4::TINYINT ELSE -1 END::TINYINT AS s4, CASE WHEN a.agrees5 THEN 1 ELSE -1 END::TINYINT AS s5, CASE WHEN a.agrees6 THEN 1 ELSE -1 END::TINYINT AS s6, CASE WHEN x.has7 AND y.has7 THEN a.agrees7::TINYINT ELSE -1 END::TINYINT AS s7, CASE WHEN x.has8 AND y.has8 THEN a.agrees8::TINYINT ELSE -1 END::TINYINT AS s8
FROM agreed a JOIN seen x ON x.account_no = a.l JOIN seen y ON y.account_no = a.r

-- arrow
SELECT v.kind_no, v.degree_bin * 3 + v.repeat_bin AS bucket, v.verdict, s0, s1, s2, s3, s4, s5, s6, s7, s8, count(*) AS n FROM views v JOIN patterns p USING (l, r) GROUP BY ALL ORDER BY ALL

-- make match_weights
SELECT * FROM arriving

-- make dependence_caps
SELECT * FROM arriving

-- make disagreement_weights
SELECT * FROM arriving

-- make conditional_disagreement
SELECT * FROM arriving

-- rows
DESCRIBE pair_kinds

-- rows
SELECT l, r, kind_no FROM pair_kinds GROUP BY l, r, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(repeat_bin IS NOT NULL, false)) FROM pair_kinds

-- rows
DESCRIBE many_kinds

-- rows
SELECT l, r FROM many_kinds GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)) FROM many_kinds

-- rows
DESCRIBE match_weights

-- rows
SELECT kind_no, degree_bin, repeat_bin FROM match_weights GROUP BY kind_no, degree_bin, repeat_bin HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(degree_bin IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(repeat_bin IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(log_odds IS NOT NULL, false)) FROM match_weights

-- rows
DESCRIBE dependence_caps

-- rows
SELECT given_no, kind_no FROM dependence_caps GROUP BY given_no, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(given_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(share IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(share IS NULL OR (share >= 0 AND share <= 1 AND isfinite(share)), false)), count(*) FILTER (WHERE NOT coalesce(rarity IS NOT NULL, false)) FROM dependence_caps

-- rows
DESCRIBE disagreement_weights

-- rows
SELECT kind_no FROM disagreement_weights GROUP BY kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(group_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)) FROM disagreement_weights

-- rows
DESCRIBE conditional_disagreement

-- rows
SELECT given_no, kind_no FROM conditional_disagreement GROUP BY given_no, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(given_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)) FROM conditional_disagreement

-- rows
SELECT kind FROM kinds ORDER BY kind_no

-- arrow
SELECT kind_no, degree_bin, repeat_bin, log_odds FROM match_weights ORDER BY ALL

-- arrow
SELECT given_no, kind_no, bits, share, rarity FROM dependence_caps ORDER BY ALL

-- arrow
SELECT kind_no, group_no, bits FROM disagreement_weights ORDER BY ALL

-- arrow
SELECT given_no, kind_no, bits FROM conditional_disagreement ORDER BY ALL

-- rows
SELECT count(*) FROM pair_kinds
