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
           f.contribution_bits, i.degree, i.label_type, p.p_exclusive
    FROM forest f
    JOIN communities x ON x.account_no = f.l
    JOIN cluster_names n ON n.community_no = x.community_no
    LEFT JOIN shared_identifiers i ON i.identifier_no = f.identifier_no
    LEFT JOIN exclusivity p ON p.identifier_no = f.identifier_no
)
SELECT cluster_id, piece, l, r, coalesce(identifier_no, -1) AS identifier_no, contribution_bits,
       greatest(0.005, least(0.995, coalesce(p_exclusive, 0.5))) AS p_exclusive,
       CASE WHEN piece = 'router' THEN 0.97
            WHEN piece = 'place' AND label_type = 'router' THEN 0.97 WHEN piece = 'place' AND label_type = 'vpn' THEN 0.03 WHEN piece = 'place' AND label_type = 'proxy' THEN 0.03 WHEN piece = 'place' AND label_type = 'residential_proxy' THEN 0.03 WHEN piece = 'place' AND label_type = 'anonymizer' THEN 0.03 WHEN piece = 'place' AND label_type = 'tor' THEN 0.03 WHEN piece = 'place' AND label_type = 'hosting' THEN 0.5 WHEN piece = 'place' AND label_type = 'carrier_nat' THEN 0.03 WHEN piece = 'place' AND label_type = 'campus' THEN 0.03 WHEN piece = 'place' AND label_type = 'corporate' THEN 0.2 WHEN piece = 'place' AND label_type = 'other' THEN 0.2
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

-- make members
SELECT n.account_no, m.account_id, m.cluster_id
FROM membership m JOIN account_numbers n ON n.account_id = m.account_id
WHERE m.cluster_id IS NOT NULL

-- make cluster_marks
    WITH able AS (
    SELECT g.cluster_id, m.mark, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN members g ON g.account_no = m.account_no
     GROUP BY g.cluster_id, m.mark
),
    per_value AS (
    SELECT g.cluster_id, m.mark, m.value, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN members g ON g.account_no = m.account_no
    WHERE m.value IS NOT NULL GROUP BY g.cluster_id, m.mark, m.value
),
    over_all AS (
        SELECT p.mark, p.value, sum((p.n * p.n / a.n)::DECIMAL(24, 6))::DOUBLE AS n
        FROM (
    SELECT g.community_no, m.mark, m.value, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN evidence_communities g ON g.account_no = m.account_no
    WHERE m.value IS NOT NULL GROUP BY g.community_no, m.mark, m.value
) p
        JOIN (
    SELECT g.community_no, m.mark, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN evidence_communities g ON g.account_no = m.account_no
     GROUP BY g.community_no, m.mark
) a
             ON a.community_no = p.community_no AND a.mark = p.mark
        GROUP BY p.mark, p.value
    ),
    weighed AS (
        SELECT p.cluster_id, p.mark, p.value, p.n,
               (p.n - 1) * least(1.0, greatest(p.n, coalesce(o.n, 0.0)) / p.degree) AS shown
        FROM per_value p LEFT JOIN over_all o ON o.mark = p.mark AND o.value = p.value
    ),
    best AS (
        SELECT * FROM weighed
        QUALIFY row_number() OVER (PARTITION BY cluster_id, mark ORDER BY shown DESC, value) = 1
    )
    SELECT a.cluster_id, a.mark, a.n AS n_able, coalesce(b.n, 0) AS n_members,
           coalesce(b.shown, 0.0)::DOUBLE AS shown
    FROM able a LEFT JOIN best b ON b.cluster_id = a.cluster_id AND b.mark = a.mark

-- make cluster_closures
SELECT m.cluster_id, count(a.is_abuse) AS n_known, count(*) FILTER (a.is_abuse) AS n_closed
FROM members m JOIN accounts a ON a.account_id = m.account_id GROUP BY m.cluster_id

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
),
marked AS (
    SELECT cluster_id, list({'mark': mark, 'n_able': n_able, 'n_members': n_members, 'shown': shown}
                            ORDER BY mark) AS marks
    FROM cluster_marks GROUP BY cluster_id
)
SELECT c.cluster_id, c.n_accounts, coalesce(a.place, 0) AS place, coalesce(a.payment, 0) AS payment,
       coalesce(a.identity, 0) AS identity, coalesce(a.client, 0) AS client, p.presence, t.ties,
       (SELECT max(n_timed) FROM incidence) > 0 AS has_times, m.marks, b.n_known, b.n_closed,
       e.also_explained_by, e.n_holders
FROM cluster_scores c
LEFT JOIN able a USING (cluster_id)
LEFT JOIN cluster_presence p USING (cluster_id)
LEFT JOIN tied t USING (cluster_id)
LEFT JOIN marked m USING (cluster_id)
LEFT JOIN cluster_closures b USING (cluster_id)
LEFT JOIN cluster_names n USING (cluster_id)
LEFT JOIN explained_communities e ON e.community_no = n.community_no
ORDER BY c.cluster_id

-- make pieces
SELECT * FROM arriving

-- make hypotheses
SELECT *, CASE evidence WHEN 'size' THEN 'how many accounts: households are small' WHEN 'place' THEN 'whom the shared addresses belong to, by their size and reference lists' WHEN 'router' THEN 'whom the shared router belongs to' WHEN 'payment' THEN 'whom the shared payment instruments belong to: a family is few accounts, a reseller many' WHEN 'identity' THEN 'whom the shared identities belong to' WHEN 'places_shared' THEN 'how many use an address that another of them uses' WHEN 'time_at_shared_places' THEN 'how much of their activity is at shared addresses' WHEN 'concealment' THEN 'that an operator may hide behind addresses of others' WHEN 'further_instruments' THEN 'whether one instrument ties them, or several' WHEN 'behaviour' THEN 'whether they act together in time' WHEN 'client' THEN 'whether they run the same rare clients' WHEN 'own_domain' THEN 'whether they share a mail domain that hardly anybody else uses' WHEN 'one_billing_parent' THEN 'whether one organisation is named as theirs, such as a billing parent' WHEN 'openness' THEN 'whether they openly show that they are one organisation' WHEN 'closed_for_abuse' THEN 'how many were closed for abuse: hardly any of an open organisation' WHEN 'other' THEN 'whether they share what neither a network nor an intermediary explains' WHEN 'harmless_reading' THEN 'whether something harmless explains the cluster as well' END AS detail FROM pieces

-- make cluster_hypotheses
WITH summed AS (SELECT cluster_id, sum(bits_same_operator::DECIMAL(18, 9))::DOUBLE AS b_same_operator, sum(bits_shared_intermediary::DECIMAL(18, 9))::DOUBLE AS b_shared_intermediary, sum(bits_shared_network::DECIMAL(18, 9))::DOUBLE AS b_shared_network, sum(bits_openly_one_organisation::DECIMAL(18, 9))::DOUBLE AS b_openly_one_organisation FROM hypotheses GROUP BY cluster_id),
weighed AS (SELECT cluster_id, pow(2.0, b_same_operator - greatest(b_same_operator, b_shared_intermediary, b_shared_network, b_openly_one_organisation)) AS w_same_operator, pow(2.0, b_shared_intermediary - greatest(b_same_operator, b_shared_intermediary, b_shared_network, b_openly_one_organisation)) AS w_shared_intermediary, pow(2.0, b_shared_network - greatest(b_same_operator, b_shared_intermediary, b_shared_network, b_openly_one_organisation)) AS w_shared_network, pow(2.0, b_openly_one_organisation - greatest(b_same_operator, b_shared_intermediary, b_shared_network, b_openly_one_organisation)) AS w_openly_one_organisation FROM summed),
shared AS (SELECT cluster_id, 0.005 + (1.0 - 0.02) * w_same_operator / (w_same_operator + w_shared_intermediary + w_shared_network + w_openly_one_organisation) AS p_same_operator, 0.005 + (1.0 - 0.02) * w_shared_intermediary / (w_same_operator + w_shared_intermediary + w_shared_network + w_openly_one_organisation) AS p_shared_intermediary, 0.005 + (1.0 - 0.02) * w_shared_network / (w_same_operator + w_shared_intermediary + w_shared_network + w_openly_one_organisation) AS p_shared_network, 0.005 + (1.0 - 0.02) * w_openly_one_organisation / (w_same_operator + w_shared_intermediary + w_shared_network + w_openly_one_organisation) AS p_openly_one_organisation FROM weighed),
ranked AS (SELECT *, list_reverse_sort([{'p': p_same_operator, 'place': 0, 'name': 'same_operator'}, {'p': p_shared_intermediary, 'place': -1, 'name': 'shared_intermediary'}, {'p': p_shared_network, 'place': -2, 'name': 'shared_network'}, {'p': p_openly_one_organisation, 'place': -3, 'name': 'openly_one_organisation'}]) AS likeliest FROM shared)
SELECT c.cluster_id, r.p_same_operator, r.p_shared_intermediary, r.p_shared_network, r.p_openly_one_organisation,
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
SELECT count(*) FROM cluster_hypotheses WHERE hypothesis = 'openly_one_organisation'

-- rows
DESCRIBE hypotheses

-- rows
SELECT cluster_id, evidence FROM hypotheses GROUP BY cluster_id, evidence HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(evidence IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_ties IS NULL OR (n_ties >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_possible IS NULL OR (n_possible >= 0), false)), count(*) FILTER (WHERE NOT coalesce(bits_same_operator IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_same_operator IS NULL OR (isfinite(bits_same_operator)), false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_intermediary IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_intermediary IS NULL OR (isfinite(bits_shared_intermediary)), false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_network IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_shared_network IS NULL OR (isfinite(bits_shared_network)), false)), count(*) FILTER (WHERE NOT coalesce(bits_openly_one_organisation IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits_openly_one_organisation IS NULL OR (isfinite(bits_openly_one_organisation)), false)) FROM hypotheses

-- rows
DESCRIBE cluster_hypotheses

-- rows
SELECT cluster_id FROM cluster_hypotheses GROUP BY cluster_id HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_same_operator IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_same_operator IS NULL OR (p_same_operator >= 0 AND p_same_operator <= 1 AND isfinite(p_same_operator)), false)), count(*) FILTER (WHERE NOT coalesce(p_shared_intermediary IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_shared_intermediary IS NULL OR (p_shared_intermediary >= 0 AND p_shared_intermediary <= 1 AND isfinite(p_shared_intermediary)), false)), count(*) FILTER (WHERE NOT coalesce(p_shared_network IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_shared_network IS NULL OR (p_shared_network >= 0 AND p_shared_network <= 1 AND isfinite(p_shared_network)), false)), count(*) FILTER (WHERE NOT coalesce(p_openly_one_organisation IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_openly_one_organisation IS NULL OR (p_openly_one_organisation >= 0 AND p_openly_one_organisation <= 1 AND isfinite(p_openly_one_organisation)), false)), count(*) FILTER (WHERE NOT coalesce(hypothesis IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rival IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rival_bits IS NOT NULL, false)) FROM cluster_hypotheses

-- rows
SELECT count(*) FROM hypotheses

-- rows
SELECT count(*) FROM cluster_hypotheses
