-- make concluded_links
WITH facets AS (
    SELECT l, r, count(*) AS n_evidence,
           greatest(1, count(DISTINCT facet) FILTER (contribution_bits > 0)) AS n_facets
    FROM pair_evidence GROUP BY l, r
),
placed AS (
    SELECT p.l, p.r, p.bits, 1.0 / (1.0 + pow(2.0, -p.bits)) AS p_direct,
           coalesce(t.probability, 0.0) AS p_via_cluster
    FROM scored_pairs p LEFT JOIN cluster_paths t ON t.l = p.l AND t.r = p.r
)
SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, p.bits, p.p_direct,
p.p_via_cluster,
       1.0 - (1.0 - p.p_direct) * (1.0 - p.p_via_cluster) AS probability, f.n_evidence, f.n_facets
FROM placed p
JOIN facets f ON f.l = p.l AND f.r = p.r
JOIN account_numbers x ON x.account_no = p.l
JOIN account_numbers y ON y.account_no = p.r

-- rows
SELECT count(*) FROM concluded_links WHERE probability >= 0.5

-- rows
DESCRIBE concluded_links

-- rows
SELECT account_id_l, account_id_r FROM concluded_links GROUP BY account_id_l, account_id_r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id_l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_id_r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(p_direct IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_direct IS NULL OR (p_direct >= 0 AND p_direct <= 1 AND isfinite(p_direct)), false)), count(*) FILTER (WHERE NOT coalesce(p_via_cluster IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_via_cluster IS NULL OR (p_via_cluster >= 0 AND p_via_cluster <= 1 AND isfinite(p_via_cluster)), false)), count(*) FILTER (WHERE NOT coalesce(probability IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)), count(*) FILTER (WHERE NOT coalesce(n_evidence IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_evidence IS NULL OR (n_evidence >= 1), false)), count(*) FILTER (WHERE NOT coalesce(n_facets IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_facets IS NULL OR (n_facets >= 1), false)) FROM concluded_links

-- rows
SELECT count(*) FROM concluded_links
