-- arrow
WITH grouped_kinds AS (
    SELECT kind_no, facet, CASE WHEN kind = 'router' THEN 1 WHEN facet = 'network' THEN 0 WHEN facet = 'payment' THEN 2 WHEN facet = 'identity' THEN 3 WHEN facet = 'client' THEN 4 WHEN facet = 'behaviour' THEN 5 ELSE 6 END AS group_no
    FROM evidence_kinds
),
per_kind AS (
    SELECT e.l, e.r, e.identifier_no, e.contribution_bits,
           CASE WHEN i.identifier_no IS NULL THEN k.group_no
                ELSE 1 END AS group_no
    FROM cluster_links c
    JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
    JOIN grouped_kinds k ON k.kind_no = e.kind_no
    LEFT JOIN (SELECT identifier_no FROM shared_identifiers WHERE label_type = 'router') i
           ON i.identifier_no = e.identifier_no AND k.facet = 'network'
    WHERE e.contribution_bits > 0
)
SELECT l, r, group_no, identifier_no, contribution_bits FROM per_kind
WHERE group_no NOT IN (5, 4)
   OR contribution_bits >= 2.0
ORDER BY group_no, contribution_bits DESC, l, r, identifier_no

-- make forest
SELECT * FROM arriving

-- make cluster_ties
WITH ties AS (
    SELECT n.cluster_id, CASE f.group_no WHEN 0 THEN 'place' WHEN 1 THEN 'router' WHEN 2 THEN 'payment' WHEN 3 THEN 'identity' WHEN 4 THEN 'client' WHEN 5 THEN 'behaviour' WHEN 6 THEN 'other' END AS piece, f.l, f.r, f.identifier_no,
           f.contribution_bits, i.degree, i.label_type, least(p.baseline,
           p.p_exclusive) AS p_exclusive
    FROM forest f
    JOIN communities x ON x.account_no = f.l
    JOIN cluster_names n ON n.community_no = x.community_no
    LEFT JOIN shared_identifiers i ON i.identifier_no = f.identifier_no
    LEFT JOIN exclusivity p ON p.identifier_no = f.identifier_no
)
SELECT cluster_id, piece, l, r, coalesce(identifier_no, -1) AS identifier_no, contribution_bits,
       greatest(0.005, least(0.995, coalesce(p_exclusive, 0.5))) AS p_exclusive,
       CASE WHEN piece = 'router' THEN 0.97
            WHEN piece = 'place' AND label_type = 'router' THEN 0.97 WHEN piece = 'place' AND label_type = 'vpn' THEN 0.03 WHEN piece = 'place' AND label_type = 'proxy' THEN 0.03 WHEN piece = 'place' AND label_type = 'residential_proxy' THEN 0.03 WHEN piece = 'place' AND label_type = 'tor' THEN 0.03 WHEN piece = 'place' AND label_type = 'hosting' THEN 0.5 WHEN piece = 'place' AND label_type = 'carrier_nat' THEN 0.03 WHEN piece = 'place' AND label_type = 'campus' THEN 0.03 WHEN piece = 'place' AND label_type = 'corporate' THEN 0.2 WHEN piece = 'place' AND label_type = 'other' THEN 0.2
            WHEN piece = 'place' THEN 0.2
            ELSE (degree - 1) / (degree + 2.0) END AS tenants
FROM ties

-- make tie_summary
SELECT cluster_id, piece, count(*) AS n_ties, count(DISTINCT identifier_no) AS n_identifiers,
       avg(contribution_bits::DECIMAL(18, 9))::DOUBLE AS bits,
       avg(log2(p_exclusive)::DECIMAL(18, 9))::DOUBLE AS log_same,
       avg(log2((1.0 - p_exclusive) * tenants)::DECIMAL(18, 9))::DOUBLE AS log_router,
       avg(log2((1.0 - p_exclusive) * (1.0 - tenants))::DECIMAL(18, 9))::DOUBLE AS log_network
FROM cluster_ties GROUP BY cluster_id, piece

-- make cluster_presence
WITH seen AS (
    SELECT m.cluster_id, h.account_no, h.value_no, h.n_rows AS n
    FROM incidence h
    JOIN observed_values v ON v.value_no = h.value_no
    JOIN account_numbers a ON a.account_no = h.account_no
    JOIN membership m ON m.account_id = a.account_id
    WHERE v.kind = 'ip' AND m.cluster_id IS NOT NULL
),
marked AS (
    SELECT *, count(*) OVER (PARTITION BY cluster_id, value_no) > 1 AS is_shared FROM seen
),
shares AS (
    SELECT cluster_id, account_no,
           coalesce(sum(n) FILTER (is_shared), 0)::DOUBLE / sum(n)::DOUBLE AS share
    FROM marked GROUP BY cluster_id, account_no HAVING sum(n) >= 3
)
SELECT cluster_id, median(share) AS presence FROM shares GROUP BY cluster_id

-- arrow
WITH able AS (
    SELECT m.cluster_id,
           count(DISTINCT a.account_no) FILTER (k.facet = 'network') AS place,
           count(DISTINCT a.account_no) FILTER (k.facet = 'payment') AS payment,
           count(DISTINCT a.account_no) FILTER (k.facet = 'identity') AS identity,
           count(DISTINCT a.account_no) FILTER (k.facet = 'client') AS client
    FROM membership m
    JOIN account_numbers n ON n.account_id = m.account_id
    JOIN account_kinds a ON a.account_no = n.account_no
    JOIN evidence_kinds k ON k.kind_no = a.kind_no
    WHERE m.cluster_id IS NOT NULL GROUP BY m.cluster_id
),
tied AS (
    SELECT cluster_id, list({'piece': piece, 'n_ties': n_ties, 'n_identifiers': n_identifiers,
                             'bits': bits, 'log_same': log_same, 'log_router': log_router,
                             'log_network': log_network} ORDER BY piece) AS ties
    FROM tie_summary GROUP BY cluster_id
)
SELECT c.cluster_id, c.n_accounts, coalesce(a.place, 0) AS place, coalesce(a.payment, 0) AS payment,
       coalesce(a.identity, 0) AS identity, coalesce(a.client, 0) AS client, p.presence, t.ties,
       (SELECT max(n_timed) FROM incidence) > 0 AS has_times
FROM cluster_scores c
LEFT JOIN able a USING (cluster_id)
LEFT JOIN cluster_presence p USING (cluster_id)
LEFT JOIN tied t USING (cluster_id)
ORDER BY c.cluster_id

-- make pieces
SELECT * FROM arriving

-- make hypotheses
SELECT *, CASE evidence WHEN 'size' THEN 'how many accounts: households are small' WHEN 'place' THEN 'whose the shared addresses are, by their size and lists' WHEN 'router' THEN 'whose the shared router is' WHEN 'payment' THEN 'whose the shared payment instruments are: families have few holders, resellers many' WHEN 'identity' THEN 'whose the shared identities are' WHEN 'places_shared' THEN 'how many are seen where another is seen' WHEN 'time_at_shared_places' THEN 'how much of their time they spend at shared addresses' WHEN 'further_instruments' THEN 'whether one instrument ties them, or several' WHEN 'behaviour' THEN 'whether they act together in time' WHEN 'client' THEN 'whether they run the same rare clients' WHEN 'other' THEN 'whether they share what neither a network nor an intermediary explains' END AS detail FROM pieces

-- make cluster_hypotheses
WITH summed AS (SELECT cluster_id, sum(bits_same_operator::DECIMAL(18, 9))::DOUBLE AS b_same_operator, sum(bits_shared_intermediary::DECIMAL(18, 9))::DOUBLE AS b_shared_intermediary, sum(bits_shared_network::DECIMAL(18, 9))::DOUBLE AS b_shared_network FROM hypotheses GROUP BY cluster_id),
weighed AS (SELECT cluster_id, pow(2.0, b_same_operator - greatest(b_same_operator, b_shared_intermediary, b_shared_network)) AS w_same_operator, pow(2.0, b_shared_intermediary - greatest(b_same_operator, b_shared_intermediary, b_shared_network)) AS w_shared_intermediary, pow(2.0, b_shared_network - greatest(b_same_operator, b_shared_intermediary, b_shared_network)) AS w_shared_network FROM summed),
shared AS (SELECT cluster_id, 0.005 + (1.0 - 0.015) * w_same_operator / (w_same_operator + w_shared_intermediary + w_shared_network) AS p_same_operator, 0.005 + (1.0 - 0.015) * w_shared_intermediary / (w_same_operator + w_shared_intermediary + w_shared_network) AS p_shared_intermediary, 0.005 + (1.0 - 0.015) * w_shared_network / (w_same_operator + w_shared_intermediary + w_shared_network) AS p_shared_network FROM weighed),
ranked AS (SELECT *, list_reverse_sort([{'p': p_same_operator, 'place': 0, 'name': 'same_operator'}, {'p': p_shared_intermediary, 'place': -1, 'name': 'shared_intermediary'}, {'p': p_shared_network, 'place': -2, 'name': 'shared_network'}]) AS likeliest FROM shared)
SELECT c.cluster_id, r.p_same_operator, r.p_shared_intermediary, r.p_shared_network,
       r.likeliest[1].name AS hypothesis, r.likeliest[2].name AS rival,
       log2(r.likeliest[1].p / r.likeliest[2].p) AS rival_bits
FROM cluster_scores c JOIN ranked r USING (cluster_id)

-- rows
SELECT count(*) FROM cluster_hypotheses WHERE hypothesis = 'same_operator'

-- rows
SELECT count(*) FROM cluster_hypotheses WHERE hypothesis = 'shared_intermediary'

-- rows
SELECT count(*) FROM cluster_hypotheses WHERE hypothesis = 'shared_network'

-- rows
DESCRIBE hypotheses

-- rows
SELECT cluster_id, evidence FROM hypotheses GROUP BY cluster_id, evidence HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(evidence IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_ties IS NULL OR (n_ties >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_possible IS NULL OR (n_possible >= 0), false)), count(*) FILTER (WHERE NOT coalesce(bits_same_operator IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_same_operator IS NULL OR (isfinite(bits_same_operator)), false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_intermediary IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_intermediary IS NULL OR (isfinite(bits_shared_intermediary)), false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_network IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_network IS NULL OR (isfinite(bits_shared_network)), false)) FROM hypotheses

-- rows
DESCRIBE cluster_hypotheses

-- rows
SELECT cluster_id FROM cluster_hypotheses GROUP BY cluster_id HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_same_operator IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_same_operator IS NULL OR (p_same_operator >= 0 AND p_same_operator <= 1 AND isfinite(p_same_operator)), false)), count(*) FILTER (WHERE NOT coalesce(p_shared_intermediary IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_shared_intermediary IS NULL OR (p_shared_intermediary >= 0 AND p_shared_intermediary <= 1 AND isfinite(p_shared_intermediary)), false)), count(*) FILTER (WHERE NOT coalesce(p_shared_network IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_shared_network IS NULL OR (p_shared_network >= 0 AND p_shared_network <= 1 AND isfinite(p_shared_network)), false)), count(*) FILTER (WHERE NOT coalesce(hypothesis IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rival IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rival_bits IS NOT NULL, false)) FROM cluster_hypotheses

-- rows
SELECT count(*) FROM hypotheses

-- rows
SELECT count(*) FROM cluster_hypotheses
