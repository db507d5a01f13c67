-- arrow
SELECT c.community_no, min(a.account_id) AS least FROM communities c JOIN account_numbers a USING (account_no) GROUP BY c.community_no ORDER BY c.community_no

-- make cluster_names
SELECT * FROM arriving

-- make membership
WITH placed AS (
    SELECT c.account_no, p.account_id AS component_id, n.cluster_id, s.probability
    FROM communities c
    JOIN cluster_names n USING (community_no)
    JOIN account_numbers p ON p.account_no = c.component_no
    JOIN member_support s ON s.account_no = c.account_no
)
SELECT a.account_id, p.component_id, p.cluster_id, p.probability,
       CASE WHEN p.cluster_id IS NULL THEN 'none'
            WHEN p.probability >= 0.9 THEN 'core' ELSE 'fringe' END AS role,
       x.constrained_by
FROM account_numbers a
LEFT JOIN placed p ON p.account_no = a.account_no
LEFT JOIN constrained_accounts x ON x.account_no = a.account_no

-- make cluster_links
SELECT n.cluster_id, x.community_no, p.l, p.r, p.bits
FROM scored_pairs p
JOIN communities x ON x.account_no = p.l
JOIN communities y ON y.account_no = p.r AND x.community_no - y.community_no = 0
JOIN cluster_names n ON n.community_no = x.community_no

-- arrow
SELECT community_no, l, r, bits FROM cluster_links WHERE bits > 0 ORDER BY community_no, l, r

-- make weakest_cuts
SELECT * FROM arriving

-- make crossing_links
SELECT * FROM arriving

-- make cluster_cuts
WITH tied AS (
    SELECT c.community_no, count(DISTINCT (c.l, c.r)) AS n_links,
           count(DISTINCT (e.kind_no, coalesce(e.identifier_no, -1))) AS n_identifiers,
           min(e.kind_no) AS kind_no, min(e.identifier_no) AS identifier_no
    FROM crossing_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
    WHERE e.contribution_bits > 0 GROUP BY c.community_no
)
SELECT n.cluster_id, f.cut, f.side, f.is_bound,
       coalesce(t.n_links, 0) AS n_links, coalesce(t.n_identifiers, 0) AS n_identifiers,
       CASE WHEN t.n_identifiers = 1 THEN k.kind END AS kind,
       CASE WHEN t.n_identifiers = 1 THEN i.value END AS value
FROM weakest_cuts f
JOIN cluster_names n ON n.community_no = f.community_no
LEFT JOIN tied t ON t.community_no = f.community_no
LEFT JOIN evidence_kinds k ON k.kind_no = t.kind_no
LEFT JOIN shared_identifiers i ON i.identifier_no = t.identifier_no

-- make cluster_scores
WITH sizes AS (
    SELECT m.cluster_id, count(*) AS n_accounts, count(*) FILTER (m.role = 'core') AS n_core,
           count(*) FILTER (m.constrained_by IS NOT NULL) AS n_constrained,
           sum(m.probability::DECIMAL(18, 9))::DOUBLE / count(*) AS score,
           min(a.first_seen) AS first_seen, max(a.last_seen) AS last_seen
    FROM membership m JOIN accounts a USING (account_id)
    WHERE m.cluster_id IS NOT NULL GROUP BY m.cluster_id
),
strengths AS (
    SELECT cluster_id, count(*) AS n_links,
           sum(bits::DECIMAL(18, 9))::DOUBLE / count(*) AS mean_bits
    FROM cluster_links GROUP BY cluster_id
),
by_facet AS (
    SELECT c.cluster_id, e.facet, sum(e.contribution_bits::DECIMAL(18, 9))::DOUBLE AS bits
    FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
    WHERE e.contribution_bits > 0 GROUP BY c.cluster_id, e.facet
),
facets AS (
    SELECT cluster_id, string_agg(facet, ',' ORDER BY bits DESC, facet) AS facets
    FROM by_facet GROUP BY cluster_id
)
SELECT s.cluster_id, s.n_accounts, s.n_core, s.n_constrained,
       coalesce(t.n_links, 0) AS n_links, s.score,
       coalesce(t.n_links, 0) * 2.0 / (s.n_accounts * (s.n_accounts - 1)) AS density,
       coalesce(t.mean_bits, 0.0) AS mean_bits,
       coalesce(c.cut, 0.0) AS weakest_cut, coalesce(c.side, 0) AS weakest_cut_side,
       coalesce(c.is_bound, false) AS weakest_cut_is_bound,
       coalesce(c.n_links, 0) AS weakest_cut_links,
       coalesce(c.n_identifiers, 0) AS weakest_cut_identifiers,
       c.kind AS weakest_cut_kind, c.value AS weakest_cut_value, coalesce(f.facets, '') AS facets,
       s.first_seen, s.last_seen
FROM sizes s
LEFT JOIN strengths t USING (cluster_id)
LEFT JOIN cluster_cuts c USING (cluster_id)
LEFT JOIN facets f USING (cluster_id)

-- rows
SELECT count(*) FROM cluster_scores

-- rows
SELECT count(*) FROM membership WHERE cluster_id IS NOT NULL

-- rows
SELECT max(n_accounts) FROM cluster_scores

-- rows
DESCRIBE cluster_scores

-- rows
SELECT cluster_id FROM cluster_scores GROUP BY cluster_id HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NULL OR (n_accounts >= 2), false)), count(*) FILTER (WHERE NOT coalesce(n_core IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_core IS NULL OR (n_core >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_constrained IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_constrained IS NULL OR (n_constrained >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_links IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_links IS NULL OR (n_links >= 0), false)), count(*) FILTER (WHERE NOT coalesce(score IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(score IS NULL OR (score >= 0 AND score <= 1 AND isfinite(score)), false)), count(*) FILTER (WHERE NOT coalesce(density IS NULL OR (density >= 0 AND density <= 1 AND isfinite(density)), false)), count(*) FILTER (WHERE NOT coalesce(mean_bits IS NULL OR (isfinite(mean_bits)), false)), count(*) FILTER (WHERE NOT coalesce(facets IS NOT NULL, false)) FROM cluster_scores

-- rows
DESCRIBE membership

-- rows
SELECT account_id FROM membership GROUP BY account_id HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)), count(*) FILTER (WHERE NOT coalesce(role IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(role IS NULL OR role IN ('core', 'fringe', 'none'), false)), count(*) FILTER (WHERE NOT coalesce(constrained_by IS NULL OR constrained_by IN ('must_link', 'cannot_link'), false)), count(*) FILTER (WHERE NOT coalesce((cluster_id IS NULL) = (role = 'none'), false)) FROM membership

-- rows
DESCRIBE cluster_links

-- rows
SELECT l, r FROM cluster_links GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(community_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)) FROM cluster_links

-- rows
DESCRIBE cluster_names

-- rows
SELECT community_no FROM cluster_names GROUP BY community_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(community_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)) FROM cluster_names

-- rows
SELECT count(*) FROM cluster_scores

-- rows
SELECT count(*) FROM membership
