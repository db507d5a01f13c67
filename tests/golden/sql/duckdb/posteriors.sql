-- make concluded_links
WITH facets AS (
    SELECT l, r, count(*) AS n_evidence,
           greatest(1, count(DISTINCT facet) FILTER (contribution_bits > 0)) AS n_facets
    FROM pair_evidence GROUP BY l, r
),
belonging AS (
    SELECT s.account_no, c.community_no,
           CASE WHEN e.community_no IS NULL THEN s.probability
                ELSE s.probability / (1.0 + s.probability) END AS probability
    FROM evidence_support s
    JOIN evidence_communities c ON c.account_no = s.account_no
    LEFT JOIN explained_by_evidence e ON e.community_no = c.community_no
),
placed AS (
    SELECT p.l, p.r, p.bits, 1.0 / (1.0 + pow(2.0, -p.bits)) AS p_direct,
           coalesce(t.probability, 0.0) AS p_via_cluster,
           CASE WHEN x.community_no <> y.community_no
                THEN x.probability * y.probability ELSE 0.0 END AS p_apart,
           e.l IS NOT NULL AS is_explained
    FROM scored_pairs p
    LEFT JOIN cluster_paths t ON t.l = p.l AND t.r = p.r
    LEFT JOIN belonging x ON x.account_no = p.l
    LEFT JOIN belonging y ON y.account_no = p.r
    LEFT JOIN explained_pairs e ON e.l = p.l AND e.r = p.r
),
concluded AS (
    SELECT *, (1.0 - (1.0 - p_direct) * (1.0 - p_via_cluster)) * (1.0 - p_apart) AS p_one FROM placed
)
SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, p.bits, p.p_direct,
       p.p_via_cluster, p.p_apart, p.is_explained,
       CASE WHEN p.is_explained THEN p.p_one / (1.0 + p.p_one) ELSE p.p_one END AS probability,
       f.n_evidence, f.n_facets
FROM concluded p
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
SELECT count(*) FILTER (WHERE NOT coalesce(account_id_l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_id_r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(p_direct IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_direct IS NULL OR (p_direct >= 0 AND p_direct <= 1 AND isfinite(p_direct)), false)), count(*) FILTER (WHERE NOT coalesce(p_via_cluster IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_via_cluster IS NULL OR (p_via_cluster >= 0 AND p_via_cluster <= 1 AND isfinite(p_via_cluster)), false)), count(*) FILTER (WHERE NOT coalesce(p_apart IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_apart IS NULL OR (p_apart >= 0 AND p_apart <= 1 AND isfinite(p_apart)), false)), count(*) FILTER (WHERE NOT coalesce(is_explained IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)), count(*) FILTER (WHERE NOT coalesce(n_evidence IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_evidence IS NULL OR (n_evidence >= 1), false)), count(*) FILTER (WHERE NOT coalesce(n_facets IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_facets IS NULL OR (n_facets >= 1), false)) FROM concluded_links

-- rows
SELECT count(*) FROM concluded_links
