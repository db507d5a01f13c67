-- rows
SELECT max(account_no) FROM account_numbers

-- arrow
SELECT l, r, round(least(bits, 12.0), 6) AS bits FROM scored_pairs WHERE bits > 0 ORDER BY l, r

-- make leading_evidence
WITH chief AS (
    SELECT e.l, e.r,
           first(coalesce(e.identifier_no, -1) ORDER BY e.contribution_bits DESC, e.identifier_no)
               AS identifier_no,
           coalesce(max(e.contribution_bits)
                        FILTER (e.facet IN ('payment', 'identity')
                                AND coalesce(p.p_exclusive, 1.0) >= 0.5), 0.0)
               >= 3.0 AS is_owned,
           coalesce(max(e.contribution_bits) FILTER (e.facet = 'behaviour'), 0.0)
               >= 3.0 AS is_behaviour,
           coalesce(max(e.bits) FILTER (e.facet = 'network'), 0.0)
               >= 3.0 AS is_at_place,
           min(e.identifier_no) FILTER (i.kind = 'router') AS router_no
    FROM pair_evidence e
    LEFT JOIN shared_identifiers i ON i.identifier_no = e.identifier_no
    LEFT JOIN exclusivity p ON p.identifier_no = e.identifier_no
    GROUP BY e.l, e.r
)
SELECT p.l, p.r, p.bits,
       CASE WHEN c.is_owned OR c.identifier_no < 0 THEN c.identifier_no
            ELSE coalesce(c.router_no, n.network_no, c.identifier_no) END AS identifier_no,
       c.is_owned, c.is_owned OR c.is_behaviour AS is_own, c.is_at_place
FROM scored_pairs p
JOIN chief c ON c.l = p.l AND c.r = p.r
LEFT JOIN networks n ON n.identifier_no = c.identifier_no

-- arrow
SELECT l, r, bits, identifier_no, is_owned, is_own, is_at_place FROM leading_evidence

-- rows
SELECT kind_no, group_no, bits FROM disagreement_weights ORDER BY ALL

-- arrow
SELECT v.account_no, v.kind_no, coalesce(v.identifier_no, -v.account_no) AS value_no FROM single_values v SEMI JOIN (SELECT l AS account_no FROM scored_pairs UNION ALL SELECT r FROM scored_pairs) p ON p.account_no = v.account_no

-- make unpruned_communities
SELECT * FROM arriving

-- arrow
    WITH able_of_all AS (
        SELECT mark, count(DISTINCT account_no) AS n FROM marked_accounts GROUP BY mark
    ),
    able AS (
    SELECT g.community_no, m.mark, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN unpruned_communities g ON g.account_no = m.account_no
     GROUP BY g.community_no, m.mark
),
    held AS (
    SELECT g.community_no, m.mark, m.value, count(DISTINCT m.account_no) AS n, max(m.degree) AS degree
    FROM marked_accounts m JOIN unpruned_communities g ON g.account_no = m.account_no
    WHERE m.value IS NOT NULL GROUP BY g.community_no, m.mark, m.value
),
    usual AS (
        SELECT h.*, a.n AS n_able, sum(h.n) OVER (PARTITION BY h.mark, h.value) AS n_own
        FROM held h JOIN able a ON a.community_no = h.community_no AND a.mark = h.mark
        WHERE 2 * h.n > a.n
    )
    SELECT DISTINCT m.account_no, u.n, u.n_able, t.n AS n_able_of_all
    FROM usual u
    JOIN unpruned_communities c ON c.community_no = u.community_no
    JOIN marked_accounts m ON m.account_no = c.account_no AND m.mark = u.mark
    JOIN able_of_all t ON t.mark = u.mark
    ANTI JOIN marked_accounts s
         ON s.account_no = m.account_no AND s.mark = u.mark AND s.value = u.value
    WHERE 2 * u.n_own > u.degree

-- arrow
SELECT l, r, is_same FROM pair_labels ORDER BY l, r

-- make evidence_communities
SELECT * FROM arriving

-- make communities
SELECT * FROM arriving

-- make numbered_constraints
SELECT * FROM arriving

-- make constraints
SELECT a.account_id AS account_id_l, b.account_id AS account_id_r, n.constraint_type, n.outcome, n.cut_bits FROM numbered_constraints n JOIN account_numbers a ON a.account_no = n.l JOIN account_numbers b ON b.account_no = n.r

-- make constrained_accounts
SELECT * FROM arriving

-- make evidence_draws
SELECT i.identifier_no, (1 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(i.kind || ' ' || i.value), 7, 1)) - 1))::BIGINT AS draw FROM shared_identifiers i SEMI JOIN pair_evidence e ON e.identifier_no = i.identifier_no UNION ALL SELECT -k.kind_no - 1, (1 * (strpos('0123456789abcdef', substr(md5(k.kind), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(k.kind), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(k.kind), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(k.kind), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(k.kind), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(k.kind), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(k.kind), 7, 1)) - 1))::BIGINT FROM evidence_kinds k

-- arrow
SELECT e.l, e.r, d.draw, round(e.contribution_bits * 1000000.0)::BIGINT AS units FROM pair_evidence e JOIN evidence_communities x ON x.account_no = e.l JOIN evidence_communities y ON y.account_no = e.r AND x.community_no - y.community_no = 0 JOIN evidence_draws d ON d.identifier_no = coalesce(e.identifier_no, -e.kind_no - 1) ORDER BY e.l, e.r

-- arrow
SELECT account_no, community_no FROM evidence_communities ORDER BY account_no

-- make stays
SELECT * FROM arriving

-- make owners
SELECT * FROM arriving

-- make member_ties
WITH ends AS (
    SELECT l AS account_no, r AS other_no, bits, identifier_no FROM leading_evidence
    UNION ALL SELECT r, l, bits, identifier_no FROM leading_evidence
)
SELECT coalesce(o.owner_no, e.account_no) AS owner_no, e.identifier_no,
       min(-ln(1.0 + pow(2.0, least(e.bits, 30.0)))) AS doubt
FROM ends e
JOIN evidence_communities x ON x.account_no = e.account_no
JOIN evidence_communities y ON y.account_no = e.other_no AND x.community_no - y.community_no = 0
LEFT JOIN owners o ON o.account_no = e.account_no
GROUP BY coalesce(o.owner_no, e.account_no), e.identifier_no

-- make evidence_support
SELECT s.account_no, s.stays, coalesce(d.doubt, 0.0) AS doubt,
       round(s.stays * (1.0 - exp(coalesce(d.doubt, 0.0))), 6) AS probability
FROM stays s
LEFT JOIN owners o ON o.account_no = s.account_no
LEFT JOIN (SELECT owner_no, sum(doubt::DECIMAL(18, 9))::DOUBLE AS doubt FROM member_ties
           GROUP BY owner_no) d ON d.owner_no = coalesce(o.owner_no, s.account_no)

-- arrow
SELECT e.l, e.r, e.bits, e.identifier_no, e.is_owned, e.is_own, e.is_at_place, a.community_no FROM leading_evidence e JOIN evidence_communities a ON a.account_no = e.l JOIN evidence_communities b ON b.account_no = e.r AND a.community_no - b.community_no = 0 ORDER BY e.l, e.r

-- make other_paths
SELECT * FROM arriving

-- make cluster_paths
SELECT c.l, c.r,
       round(x.stays * (1.0 - exp(least(0.0, x.doubt - coalesce(t.doubt, 0.0))))
             * y.stays * (1.0 - exp(least(0.0, y.doubt - coalesce(u.doubt, 0.0)))), 6) AS probability
FROM leading_evidence c
JOIN other_paths p ON p.l = c.l AND p.r = c.r
JOIN evidence_support x ON x.account_no = c.l
JOIN evidence_support y ON y.account_no = c.r
LEFT JOIN member_ties t ON t.owner_no = c.l AND t.identifier_no = c.identifier_no
LEFT JOIN member_ties u ON u.owner_no = c.r AND u.identifier_no = c.identifier_no

-- make member_support
SELECT * FROM evidence_support

-- rows
SELECT count(DISTINCT component_no) FROM communities

-- rows
SELECT count(DISTINCT community_no) FROM communities

-- rows
DESCRIBE communities

-- rows
SELECT account_no FROM communities GROUP BY account_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(component_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(community_no IS NOT NULL, false)) FROM communities

-- rows
DESCRIBE evidence_communities

-- rows
SELECT account_no FROM evidence_communities GROUP BY account_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(component_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(community_no IS NOT NULL, false)) FROM evidence_communities

-- rows
DESCRIBE constraints

-- rows
SELECT account_id_l, account_id_r FROM constraints GROUP BY account_id_l, account_id_r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id_l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_id_r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(constraint_type IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(constraint_type IS NULL OR constraint_type IN ('must_link', 'cannot_link'), false)), count(*) FILTER (WHERE NOT coalesce(outcome IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(outcome IS NULL OR outcome IN ('agrees', 'applied', 'conflict'), false)), count(*) FILTER (WHERE NOT coalesce(cut_bits IS NULL OR (cut_bits >= 0 AND isfinite(cut_bits)), false)), count(*) FILTER (WHERE NOT coalesce(account_id_l < account_id_r, false)), count(*) FILTER (WHERE NOT coalesce((cut_bits IS NULL) = (outcome <> 'applied' OR constraint_type = 'must_link'), false)) FROM constraints

-- rows
DESCRIBE constrained_accounts

-- rows
SELECT account_no FROM constrained_accounts GROUP BY account_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(constrained_by IS NOT NULL, false)) FROM constrained_accounts

-- rows
DESCRIBE member_support

-- rows
SELECT account_no FROM member_support GROUP BY account_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(stays IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(stays IS NULL OR (stays >= 0 AND stays <= 1 AND isfinite(stays)), false)), count(*) FILTER (WHERE NOT coalesce(doubt IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)) FROM member_support

-- rows
DESCRIBE evidence_support

-- rows
SELECT account_no FROM evidence_support GROUP BY account_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(stays IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(stays IS NULL OR (stays >= 0 AND stays <= 1 AND isfinite(stays)), false)), count(*) FILTER (WHERE NOT coalesce(doubt IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)) FROM evidence_support

-- rows
DESCRIBE cluster_paths

-- rows
SELECT l, r FROM cluster_paths GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(probability IS NULL OR (probability >= 0 AND probability <= 1 AND isfinite(probability)), false)) FROM cluster_paths

-- rows
SELECT count(*) FROM communities
