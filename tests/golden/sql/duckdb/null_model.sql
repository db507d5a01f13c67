-- rows
SELECT facet FROM evidence_kinds ORDER BY kind_no

-- rows
SELECT count(*) FROM exclusivity_bits

-- make account_draws
SELECT account_no, (1 * (strpos('0123456789abcdef', substr(md5(account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(account_id), 7, 1)) - 1))::BIGINT AS draw FROM account_numbers

-- make common_identifiers
SELECT c.identifier_no, i.kind_no, max(c.degree) AS degree
FROM blocks c JOIN shared_identifiers i USING (identifier_no)
JOIN block_limits p ON p.kind_no = i.kind_no
WHERE c.degree > p.cap AND c.degree <= 2048
GROUP BY c.identifier_no, i.kind_no

-- arrow
WITH strongest AS (
    SELECT s.l, s.r, s.kind_no, max(s.bits) AS bits
    FROM exclusivity_bits s
    WHERE s.bits > 0 AND true
      AND s.identifier_no NOT IN (SELECT identifier_no FROM common_identifiers)
    GROUP BY s.l, s.r, s.kind_no
),
tied AS (
    SELECT t.l, t.r, t.kind_no, t.bits, p.degree, 1 AS n
    FROM strongest t
    JOIN (SELECT * FROM pair_kinds WHERE true) p
         ON p.l = t.l AND p.r = t.r AND p.kind_no = t.kind_no
    UNION ALL SELECT l, r, kind_no, bits, 2, 1 FROM numbered_behaviours
),
strange AS (
    SELECT t.kind_no, t.bits, t.degree,
           t.n * CASE WHEN k.l IS NULL THEN 1.0 ELSE 1.0 / (1.0 + pow(2.0, k.bits)) END AS n
    FROM tied t LEFT JOIN scored_pairs k ON k.l = t.l AND k.r = t.r
    UNION ALL
    SELECT c.kind_no, least(k.most_bits, log2(v.p_exclusive / (1.0 - v.p_exclusive)) - (-12.0)),
    c.degree,
           c.degree * (c.degree - 1) // 2 * (1.0 - v.p_exclusive)
    FROM common_identifiers c
    JOIN evidence_kinds k ON k.kind_no = c.kind_no
    JOIN exclusivity v ON v.identifier_no = c.identifier_no
)
SELECT kind_no, floor(2.0 * round(bits, 6) + 0.5)::INTEGER AS half_bits,
       floor(log2(greatest(1, degree - 1)))::INTEGER AS log_degree,
       sum(round(n, 6)::DECIMAL(24, 6))::DOUBLE AS n
FROM strange WHERE bits >= 0.25 GROUP BY ALL ORDER BY ALL

-- rows
SELECT kind_no, avg(log2(degree - 1)) FROM pair_kinds WHERE true GROUP BY kind_no

-- arrow
SELECT given_no, kind_no, bits, share, rarity FROM evidence_dependence_caps

-- rows
SELECT count(*) FROM account_numbers

-- make drawn_accounts
SELECT account_no FROM account_numbers WHERE (1 * (strpos('0123456789abcdef', substr(md5(account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(account_id), 7, 1)) - 1))::BIGINT % 1 = 0

-- arrow
SELECT h.account_no, i.kind_no, count(*) AS n FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no JOIN drawn_accounts d ON d.account_no = h.account_no GROUP BY h.account_no, i.kind_no ORDER BY h.account_no, i.kind_no

-- rows
SELECT count(*) FROM drawn_accounts

-- make explained
SELECT e.* FROM explained_communities e JOIN cluster_names n ON n.community_no = e.community_no JOIN cluster_hypotheses h ON h.cluster_id = n.cluster_id WHERE h.hypothesis <> 'openly_one_organisation' OR e.also_explained_by = 'taste'

-- rows
SELECT sum(n)::DOUBLE, sum(n * n)::DOUBLE FROM (SELECT count(*) AS n FROM window_incidence GROUP BY account_no)

-- arrow
SELECT c.cluster_id, c.n_accounts, round(c.mean_bits, 6) AS mean_bits, round(c.score, 6) AS score, round(h.p_same_operator + h.p_openly_one_organisation, 6) AS p_one, e.also_explained_by FROM cluster_scores c JOIN cluster_hypotheses h USING (cluster_id) JOIN cluster_names USING (cluster_id) LEFT JOIN explained e USING (community_no) ORDER BY c.cluster_id

-- make cluster_chances
SELECT * FROM arriving

-- make clusters
SELECT cluster_id, n_accounts, n_core, n_constrained, n_links, score, density, mean_bits, weakest_cut, weakest_cut_side, weakest_cut_is_bound, weakest_cut_links, weakest_cut_identifiers, weakest_cut_kind, weakest_cut_value, facets, hypothesis, p_same_operator, p_shared_intermediary, p_shared_network, p_openly_one_organisation, rival, rival_bits, expected_by_chance, fdr, also_explained_by, first_seen, last_seen FROM cluster_scores JOIN cluster_hypotheses USING (cluster_id) JOIN cluster_chances USING (cluster_id)

-- arrow
SELECT floor(round(bits, 6) * 4)::BIGINT AS bin, count(*) AS n FROM concluded_links GROUP BY bin ORDER BY bin DESC

-- make link_chances
SELECT * FROM arriving

-- make rated_links
WITH doubted AS (
    SELECT k.*, c.expected_by_chance,
           CASE WHEN k.is_explained THEN 1.0 ELSE greatest(1.0 - k.probability, c.share) END AS doubt
    FROM (SELECT *, floor(round(bits, 6) * 4)::BIGINT AS bin FROM concluded_links) k
    JOIN link_chances c ON c.bin = k.bin
)
SELECT * EXCLUDE (bin), floor(10000 * round(doubt, 9))::BIGINT AS level FROM doubted

-- arrow
SELECT level, count(*) AS n, sum(round(doubt, 9)::DECIMAL(18, 9))::DOUBLE AS doubt FROM rated_links GROUP BY level ORDER BY level

-- make link_rates
SELECT * FROM arriving

-- make links
SELECT k.* EXCLUDE (level, doubt), r.fdr FROM rated_links k JOIN link_rates r USING (level)

-- rows
SELECT count(*) FROM clusters WHERE also_explained_by IS NOT NULL

-- rows
SELECT count(*) FROM clusters WHERE fdr <= 0.05

-- rows
SELECT count(*) FROM links WHERE fdr <= 0.05

-- rows
DESCRIBE clusters

-- rows
SELECT cluster_id FROM clusters GROUP BY cluster_id HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NULL OR (n_accounts >= 2), false)), count(*) FILTER (WHERE NOT coalesce(n_core IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_core IS NULL OR (n_core >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_constrained IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_constrained IS NULL OR (n_constrained >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_links IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_links IS NULL OR (n_links >= 0), false)), count(*) FILTER (WHERE NOT coalesce(score IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(score IS NULL OR (score >= 0 AND score <= 1 AND isfinite(score)), false)), count(*) FILTER (WHERE NOT coalesce(density IS NULL OR (density >= 0 AND density <= 1 AND isfinite(density)), false)), count(*) FILTER (WHERE NOT coalesce(mean_bits IS NULL OR (isfinite(mean_bits)), false)), count(*) FILTER (WHERE NOT coalesce(facets IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(hypothesis IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(hypothesis IS NULL OR hypothesis IN ('same_operator', 'shared_intermediary', 'shared_network', 'openly_one_organisation'), false)), count(*) FILTER (WHERE NOT coalesce(p_same_operator IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_same_operator IS NULL OR (p_same_operator >= 0 AND p_same_operator <= 1 AND isfinite(p_same_operator)), false)), count(*) FILTER (WHERE NOT coalesce(p_shared_intermediary IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_shared_intermediary IS NULL OR (p_shared_intermediary >= 0 AND p_shared_intermediary <= 1 AND isfinite(p_shared_intermediary)), false)), count(*) FILTER (WHERE NOT coalesce(p_shared_network IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_shared_network IS NULL OR (p_shared_network >= 0 AND p_shared_network <= 1 AND isfinite(p_shared_network)), false)), count(*) FILTER (WHERE NOT coalesce(p_openly_one_organisation IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_openly_one_organisation IS NULL OR (p_openly_one_organisation >= 0 AND p_openly_one_organisation <= 1 AND isfinite(p_openly_one_organisation)), false)), count(*) FILTER (WHERE NOT coalesce(rival IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rival IS NULL OR rival IN ('same_operator', 'shared_intermediary', 'shared_network', 'openly_one_organisation'), false)), count(*) FILTER (WHERE NOT coalesce(rival_bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rival_bits IS NULL OR (rival_bits >= 0 AND isfinite(rival_bits)), false)), count(*) FILTER (WHERE NOT coalesce(expected_by_chance IS NULL OR (expected_by_chance >= 0 AND isfinite(expected_by_chance)), false)), count(*) FILTER (WHERE NOT coalesce(fdr IS NULL OR (fdr >= 0 AND fdr <= 1 AND isfinite(fdr)), false)), count(*) FILTER (WHERE NOT coalesce(also_explained_by IS NULL OR also_explained_by IN ('one_identifier', 'place', 'taste', 'times'), false)), count(*) FILTER (WHERE NOT coalesce(least(p_same_operator, p_shared_intermediary, p_shared_network, p_openly_one_organisation) > 0, false)), count(*) FILTER (WHERE NOT coalesce(abs(p_same_operator + p_shared_intermediary + p_shared_network + p_openly_one_organisation - 1) < 0.#, false)), count(*) FILTER (WHERE NOT coalesce(hypothesis <> rival, false)) FROM clusters

-- rows
DESCRIBE links

-- rows
SELECT account_id_l, account_id_r FROM links GROUP BY account_id_l, account_id_r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id_l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_id_r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(p_direct IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_direct IS NULL OR (p_direct >= 0 AND p_direct <= 1 AND isfinite(p_direct)), false)), count(*) FILTER (WHERE NOT coalesce(p_via_cluster IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_via_cluster IS NULL OR (p_via_cluster >= 0 AND p_via_cluster <= 1 AND isfinite(p_via_cluster)), false)), count(*) FILTER (WHERE NOT coalesce(p_apart IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_apart IS NULL OR (p_apart >= 0 AND p_apart <= 1 AND isfinite(p_apart)), false)), count(*) FILTER (WHERE NOT coalesce(is_explained IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)), count(*) FILTER (WHERE NOT coalesce(n_evidence IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_evidence IS NULL OR (n_evidence >= 1), false)), count(*) FILTER (WHERE NOT coalesce(n_facets IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_facets IS NULL OR (n_facets >= 1), false)), count(*) FILTER (WHERE NOT coalesce(expected_by_chance IS NULL OR (expected_by_chance >= 0 AND isfinite(expected_by_chance)), false)), count(*) FILTER (WHERE NOT coalesce(fdr IS NULL OR (fdr >= 0 AND fdr <= 1 AND isfinite(fdr)), false)), count(*) FILTER (WHERE NOT coalesce(account_id_l < account_id_r, false)) FROM links

-- rows
SELECT count(*) FROM clusters

-- rows
SELECT count(*) FROM links
