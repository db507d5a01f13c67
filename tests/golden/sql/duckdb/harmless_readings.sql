-- make community_marks
    WITH able AS (
    SELECT g.community_no, m.mark, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN evidence_communities g ON g.account_no = m.account_no
     GROUP BY g.community_no, m.mark
),
    per_value AS (
    SELECT g.community_no, m.mark, m.value, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN evidence_communities g ON g.account_no = m.account_no
    WHERE m.value IS NOT NULL GROUP BY g.community_no, m.mark, m.value
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
        SELECT p.community_no, p.mark, p.value, p.n,
               (p.n - 1) * least(1.0, greatest(p.n, coalesce(o.n, 0.0)) / p.degree) AS shown
        FROM per_value p LEFT JOIN over_all o ON o.mark = p.mark AND o.value = p.value
    ),
    best AS (
        SELECT * FROM weighed
        QUALIFY row_number() OVER (PARTITION BY community_no, mark ORDER BY shown DESC, value) = 1
    )
    SELECT a.community_no, a.mark, a.n AS n_able, coalesce(b.n, 0) AS n_members,
           coalesce(b.shown, 0.0)::DOUBLE AS shown
    FROM able a LEFT JOIN best b ON b.community_no = a.community_no AND b.mark = a.mark

-- make links_of_evidence_communities
WITH members AS (
    SELECT *, count(*) OVER (PARTITION BY community_no) AS n_accounts FROM evidence_communities
)
SELECT x.community_no, x.n_accounts, p.l, p.r
FROM scored_pairs p
JOIN members x ON x.account_no = p.l
JOIN members y ON y.account_no = p.r AND x.community_no - y.community_no = 0

-- make ties_of_explained_by_evidence
SELECT x.community_no, x.n_accounts, e.l, e.r, e.identifier_no, e.facet, e.contribution_bits,
       e.facet = 'behaviour' AND k.kind IN ('lockstep', 'crew_beat', 'signup_burst') AS is_at_one_event,
       e.facet = 'identity' AND k.kind <> 'api_key' AS is_contact
FROM links_of_evidence_communities x
JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
JOIN evidence_kinds k ON k.kind_no = e.kind_no
WHERE e.bits >= 3.0 + log2(greatest(1, x.n_accounts - 1))
  AND e.contribution_bits >= 1.0

-- make payers_of_explained_by_evidence
SELECT community_no, identifier_no FROM ties_of_explained_by_evidence
WHERE identifier_no IS NOT NULL AND NOT facet IN ('network', 'client')
GROUP BY community_no, identifier_no
QUALIFY row_number() OVER (PARTITION BY community_no
    ORDER BY sum(contribution_bits::DECIMAL(18, 6)) DESC, identifier_no) = 1

-- arrow
SELECT e.kind_no, e.l, e.r
FROM links_of_evidence_communities x
JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
JOIN evidence_kinds k ON k.kind_no = e.kind_no
WHERE x.n_accounts > 32.0
    AND e.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
    AND e.bits + (-12.0) > 0.0
ORDER BY e.kind_no, e.l, e.r

-- make chains_of_explained_by_evidence
SELECT * FROM arriving

-- make chained_of_explained_by_evidence
WITH members AS (
    SELECT DISTINCT x.community_no, x.n_accounts, unnest([x.l, x.r]) AS account_no
    FROM links_of_evidence_communities x WHERE x.n_accounts > 32.0
),
held AS (
    SELECT DISTINCT c.chain_no, h.identifier_no, h.account_no
    FROM chains_of_explained_by_evidence c
    JOIN window_incidence h ON h.account_no = c.account_no
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no AND i.kind_no = c.kind_no
),
most AS (
    SELECT chain_no, max(n) AS n
    FROM (SELECT chain_no, count(*) AS n FROM held GROUP BY chain_no, identifier_no)
    GROUP BY chain_no
),
long AS (
    SELECT c.chain_no
    FROM chains_of_explained_by_evidence c JOIN most m ON m.chain_no = c.chain_no
    GROUP BY c.chain_no
    HAVING count(*) > greatest(32.0, 2 * any_value(m.n) - 1)
),
able AS (
    SELECT m.community_no, a.kind_no, count(*) AS n, count(l.chain_no) AS n_chained
    FROM members m
    JOIN account_kinds a ON a.account_no = m.account_no
    LEFT JOIN chains_of_explained_by_evidence c ON c.account_no = m.account_no AND c.kind_no = a.kind_no
    LEFT JOIN long l ON l.chain_no = c.chain_no
    GROUP BY m.community_no, a.kind_no
),
at_one_place AS (
    SELECT DISTINCT m.community_no
    FROM members m
    JOIN window_incidence h ON h.account_no = m.account_no
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN evidence_kinds k ON k.kind_no = i.kind_no
    WHERE k.facet = 'network'
    GROUP BY m.community_no, h.identifier_no
    HAVING 2 * count(DISTINCT h.account_no) > any_value(m.n_accounts)
)
SELECT DISTINCT a.community_no, p.community_no IS NOT NULL AS is_at_one_place
FROM able a LEFT JOIN at_one_place p ON p.community_no = a.community_no
WHERE 2 * a.n_chained > a.n

-- make apart_of_explained_by_evidence
WITH members AS (
    SELECT DISTINCT community_no, unnest([l, r]) AS account_no FROM links_of_evidence_communities
    WHERE n_accounts >= 7
),
paying AS (
    SELECT DISTINCT m.community_no, m.account_no
    FROM members m
    JOIN account_kinds a ON a.account_no = m.account_no
    JOIN evidence_kinds k ON k.kind_no = a.kind_no
    WHERE k.facet = 'payment'
),
sharing AS (
    SELECT DISTINCT x.community_no, unnest([x.l, x.r]) AS account_no
    FROM links_of_evidence_communities x JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
    WHERE x.n_accounts >= 7 AND e.facet = 'payment' AND e.bits > 0
)
SELECT p.community_no
FROM paying p
LEFT JOIN sharing s ON s.community_no = p.community_no AND s.account_no = p.account_no
GROUP BY p.community_no
HAVING count(*) >= 7
    AND count(s.account_no) <= 0.1 * count(*)

-- make grounds_of_explained_by_evidence
WITH grounds AS (
    SELECT t.*
    FROM ties_of_explained_by_evidence t LEFT JOIN apart_of_explained_by_evidence a ON a.community_no = t.community_no
    WHERE NOT t.facet IN ('network', 'client') AND NOT (t.is_contact AND a.community_no IS NOT NULL)
),
paid_together AS (
    SELECT DISTINCT l, r FROM grounds WHERE facet = 'payment'
)
SELECT g.community_no, g.l, g.r, bool_or(NOT g.is_at_one_event) AS is_untimed,
       bool_or((g.identifier_no IS NULL OR g.identifier_no IS DISTINCT FROM i.identifier_no)
               AND (g.n_accounts > 5
                    OR NOT (g.facet = 'payment'
                            OR p.l IS NOT NULL AND NOT g.facet IN ('network', 'payment', 'identity', 'client', 'behaviour'))))
           AS is_besides
FROM grounds g
LEFT JOIN payers_of_explained_by_evidence i ON i.community_no = g.community_no
LEFT JOIN paid_together p ON p.l = g.l AND p.r = g.r
GROUP BY g.community_no, g.l, g.r

-- make explained_by_evidence
WITH sizes AS (SELECT community_no, count(*) AS n_accounts FROM evidence_communities GROUP BY community_no),
besides AS (SELECT * FROM grounds_of_explained_by_evidence WHERE is_besides),
counted AS (
SELECT community_no, count(DISTINCT account_no) AS n_tied
FROM (SELECT community_no, l AS account_no FROM besides
      UNION ALL SELECT community_no, r FROM besides)
GROUP BY community_no),
untimed AS (SELECT * FROM ties_of_explained_by_evidence WHERE NOT is_at_one_event),
otherwise AS (
SELECT community_no, count(DISTINCT account_no) AS n_tied
FROM (SELECT community_no, l AS account_no FROM untimed
      UNION ALL SELECT community_no, r FROM untimed)
GROUP BY community_no)
SELECT s.community_no,
       CASE WHEN 2 * coalesce(c.n_tied, 0) > s.n_accounts THEN 'times'
            WHEN i.community_no IS NULL THEN 'place'
            WHEN a.community_no IS NOT NULL THEN 'taste'
            ELSE 'one_identifier' END AS also_explained_by,
       v.degree AS n_holders
FROM sizes s
LEFT JOIN payers_of_explained_by_evidence i ON i.community_no = s.community_no
LEFT JOIN shared_identifiers v ON v.identifier_no = i.identifier_no
LEFT JOIN counted c ON c.community_no = s.community_no
LEFT JOIN otherwise o ON o.community_no = s.community_no
LEFT JOIN chained_of_explained_by_evidence h ON h.community_no = s.community_no
LEFT JOIN apart_of_explained_by_evidence a ON a.community_no = s.community_no
WHERE CASE WHEN 2 * coalesce(c.n_tied, 0) <= s.n_accounts THEN coalesce(h.is_at_one_place, true)
           ELSE 2 * coalesce(o.n_tied, 0) <= s.n_accounts AND h.community_no IS NULL END

-- rows
SELECT count(*) FROM constrained_accounts

-- make explained_communities
SELECT * FROM explained_by_evidence

-- make outside_links
SELECT row_number() OVER (ORDER BY p.l, p.r) AS community_no, 2 AS n_accounts, p.l, p.r
FROM scored_pairs p
LEFT JOIN evidence_communities x ON x.account_no = p.l
LEFT JOIN evidence_communities y ON y.account_no = p.r
LEFT JOIN explained_by_evidence e ON e.community_no = coalesce(x.community_no, y.community_no)
WHERE (x.community_no IS NULL AND y.community_no IS NULL)
   OR ((x.community_no IS NULL OR y.community_no IS NULL) AND e.community_no IS NOT NULL)

-- make ties_of_explained_outside
SELECT x.community_no, x.n_accounts, e.l, e.r, e.identifier_no, e.facet, e.contribution_bits,
       e.facet = 'behaviour' AND k.kind IN ('lockstep', 'crew_beat', 'signup_burst') AS is_at_one_event,
       e.facet = 'identity' AND k.kind <> 'api_key' AS is_contact
FROM outside_links x
JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
JOIN evidence_kinds k ON k.kind_no = e.kind_no
WHERE e.bits >= 3.0 + log2(greatest(1, x.n_accounts - 1))
  AND e.contribution_bits >= 1.0

-- make payers_of_explained_outside
SELECT community_no, identifier_no FROM ties_of_explained_outside
WHERE identifier_no IS NOT NULL AND NOT facet IN ('network', 'client')
GROUP BY community_no, identifier_no
QUALIFY row_number() OVER (PARTITION BY community_no
    ORDER BY sum(contribution_bits::DECIMAL(18, 6)) DESC, identifier_no) = 1

-- arrow
SELECT e.kind_no, e.l, e.r
FROM outside_links x
JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
JOIN evidence_kinds k ON k.kind_no = e.kind_no
WHERE x.n_accounts > 32.0
    AND e.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
    AND e.bits + (-12.0) > 0.0
ORDER BY e.kind_no, e.l, e.r

-- make chains_of_explained_outside
SELECT * FROM arriving

-- make chained_of_explained_outside
WITH members AS (
    SELECT DISTINCT x.community_no, x.n_accounts, unnest([x.l, x.r]) AS account_no
    FROM outside_links x WHERE x.n_accounts > 32.0
),
held AS (
    SELECT DISTINCT c.chain_no, h.identifier_no, h.account_no
    FROM chains_of_explained_outside c
    JOIN window_incidence h ON h.account_no = c.account_no
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no AND i.kind_no = c.kind_no
),
most AS (
    SELECT chain_no, max(n) AS n
    FROM (SELECT chain_no, count(*) AS n FROM held GROUP BY chain_no, identifier_no)
    GROUP BY chain_no
),
long AS (
    SELECT c.chain_no
    FROM chains_of_explained_outside c JOIN most m ON m.chain_no = c.chain_no
    GROUP BY c.chain_no
    HAVING count(*) > greatest(32.0, 2 * any_value(m.n) - 1)
),
able AS (
    SELECT m.community_no, a.kind_no, count(*) AS n, count(l.chain_no) AS n_chained
    FROM members m
    JOIN account_kinds a ON a.account_no = m.account_no
    LEFT JOIN chains_of_explained_outside c ON c.account_no = m.account_no AND c.kind_no = a.kind_no
    LEFT JOIN long l ON l.chain_no = c.chain_no
    GROUP BY m.community_no, a.kind_no
),
at_one_place AS (
    SELECT DISTINCT m.community_no
    FROM members m
    JOIN window_incidence h ON h.account_no = m.account_no
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN evidence_kinds k ON k.kind_no = i.kind_no
    WHERE k.facet = 'network'
    GROUP BY m.community_no, h.identifier_no
    HAVING 2 * count(DISTINCT h.account_no) > any_value(m.n_accounts)
)
SELECT DISTINCT a.community_no, p.community_no IS NOT NULL AS is_at_one_place
FROM able a LEFT JOIN at_one_place p ON p.community_no = a.community_no
WHERE 2 * a.n_chained > a.n

-- make apart_of_explained_outside
WITH members AS (
    SELECT DISTINCT community_no, unnest([l, r]) AS account_no FROM outside_links
    WHERE n_accounts >= 7
),
paying AS (
    SELECT DISTINCT m.community_no, m.account_no
    FROM members m
    JOIN account_kinds a ON a.account_no = m.account_no
    JOIN evidence_kinds k ON k.kind_no = a.kind_no
    WHERE k.facet = 'payment'
),
sharing AS (
    SELECT DISTINCT x.community_no, unnest([x.l, x.r]) AS account_no
    FROM outside_links x JOIN pair_evidence e ON e.l = x.l AND e.r = x.r
    WHERE x.n_accounts >= 7 AND e.facet = 'payment' AND e.bits > 0
)
SELECT p.community_no
FROM paying p
LEFT JOIN sharing s ON s.community_no = p.community_no AND s.account_no = p.account_no
GROUP BY p.community_no
HAVING count(*) >= 7
    AND count(s.account_no) <= 0.1 * count(*)

-- make grounds_of_explained_outside
WITH grounds AS (
    SELECT t.*
    FROM ties_of_explained_outside t LEFT JOIN apart_of_explained_outside a ON a.community_no = t.community_no
    WHERE NOT t.facet IN ('network', 'client') AND NOT (t.is_contact AND a.community_no IS NOT NULL)
),
paid_together AS (
    SELECT DISTINCT l, r FROM grounds WHERE facet = 'payment'
)
SELECT g.community_no, g.l, g.r, bool_or(NOT g.is_at_one_event) AS is_untimed,
       bool_or((g.identifier_no IS NULL OR g.identifier_no IS DISTINCT FROM i.identifier_no)
               AND (g.n_accounts > 5
                    OR NOT (g.facet = 'payment'
                            OR p.l IS NOT NULL AND NOT g.facet IN ('network', 'payment', 'identity', 'client', 'behaviour'))))
           AS is_besides
FROM grounds g
LEFT JOIN payers_of_explained_outside i ON i.community_no = g.community_no
LEFT JOIN paid_together p ON p.l = g.l AND p.r = g.r
GROUP BY g.community_no, g.l, g.r

-- make explained_outside
WITH sizes AS (SELECT community_no, n_accounts FROM outside_links),
besides AS (SELECT * FROM grounds_of_explained_outside WHERE is_besides),
counted AS (
SELECT community_no, count(DISTINCT account_no) AS n_tied
FROM (SELECT community_no, l AS account_no FROM besides
      UNION ALL SELECT community_no, r FROM besides)
GROUP BY community_no),
untimed AS (SELECT * FROM ties_of_explained_outside WHERE NOT is_at_one_event),
otherwise AS (
SELECT community_no, count(DISTINCT account_no) AS n_tied
FROM (SELECT community_no, l AS account_no FROM untimed
      UNION ALL SELECT community_no, r FROM untimed)
GROUP BY community_no)
SELECT s.community_no,
       CASE WHEN 2 * coalesce(c.n_tied, 0) > s.n_accounts THEN 'times'
            WHEN i.community_no IS NULL THEN 'place'
            WHEN a.community_no IS NOT NULL THEN 'taste'
            ELSE 'one_identifier' END AS also_explained_by,
       v.degree AS n_holders
FROM sizes s
LEFT JOIN payers_of_explained_outside i ON i.community_no = s.community_no
LEFT JOIN shared_identifiers v ON v.identifier_no = i.identifier_no
LEFT JOIN counted c ON c.community_no = s.community_no
LEFT JOIN otherwise o ON o.community_no = s.community_no
LEFT JOIN chained_of_explained_outside h ON h.community_no = s.community_no
LEFT JOIN apart_of_explained_outside a ON a.community_no = s.community_no
WHERE CASE WHEN 2 * coalesce(c.n_tied, 0) <= s.n_accounts THEN coalesce(h.is_at_one_place, true)
           ELSE 2 * coalesce(o.n_tied, 0) <= s.n_accounts AND h.community_no IS NULL END

-- make explained_pairs
   WITH sizes AS (SELECT community_no, count(*) AS n_accounts FROM evidence_communities GROUP BY community_no),
   openly AS (
       SELECT DISTINCT m.community_no
       FROM community_marks m JOIN sizes s ON s.community_no = m.community_no
       WHERE 2 * m.n_members > s.n_accounts AND 2 * m.shown > m.n_able - 1
   )
   SELECT p.l, p.r
   FROM links_of_evidence_communities p
   JOIN explained_by_evidence e ON e.community_no = p.community_no
   LEFT JOIN openly o ON o.community_no = p.community_no
   LEFT JOIN grounds_of_explained_by_evidence g
          ON g.community_no = p.community_no AND g.l = p.l AND g.r = p.r
   WHERE (o.community_no IS NULL OR e.also_explained_by = 'taste')
     AND NOT coalesce(CASE e.also_explained_by WHEN 'times' THEN g.is_untimed ELSE g.is_besides END,
                      false)
UNION ALL SELECT o.l, o.r FROM outside_links o JOIN explained_outside e ON e.community_no = o.community_no

-- rows
SELECT count(*) FROM explained_communities

-- rows
SELECT count(*) FROM explained_pairs

-- rows
DESCRIBE explained_communities

-- rows
SELECT community_no FROM explained_communities GROUP BY community_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(community_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(also_explained_by IS NOT NULL, false)) FROM explained_communities

-- rows
DESCRIBE explained_by_evidence

-- rows
SELECT community_no FROM explained_by_evidence GROUP BY community_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(community_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(also_explained_by IS NOT NULL, false)) FROM explained_by_evidence

-- rows
DESCRIBE explained_pairs

-- rows
SELECT l, r FROM explained_pairs GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)) FROM explained_pairs

-- rows
SELECT count(*) FROM explained_communities
