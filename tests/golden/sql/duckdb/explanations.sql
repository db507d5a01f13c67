-- make member_pieces
WITH ends AS (
    SELECT c.l AS account_no, c.r AS other_no, e.kind_no, e.identifier_no,
           e.contribution_bits::DECIMAL(18, 9) AS bits
    FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
    UNION ALL
    SELECT c.r, c.l, e.kind_no, e.identifier_no, e.contribution_bits::DECIMAL(18, 9)
    FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
),
summed AS (
    SELECT account_no, kind_no, identifier_no, sum(bits)::DOUBLE AS bits, count(*) AS n_accounts,
           first(other_no ORDER BY bits DESC, other_no) AS strongest_no
    FROM ends GROUP BY account_no, kind_no, identifier_no
)
SELECT s.account_no, k.kind, s.identifier_no,
       k.facet = 'behaviour' AS is_behaviour, s.bits, s.n_accounts, s.strongest_no,
       row_number() OVER (PARTITION BY s.account_no ORDER BY s.bits DESC, k.kind, s.identifier_no)
           AS place
FROM summed s JOIN evidence_kinds k ON k.kind_no = s.kind_no

-- make member_reasons
        WITH named AS (
            SELECT p.account_no,
                   CASE WHEN p.is_behaviour THEN 'joint_behaviour' ELSE 'shared_identifier' END AS reason,
                   p.kind, i.value, p.bits, p.n_accounts, p.strongest_no,
                   CASE WHEN p.is_behaviour
                        THEN format('in {:,} {} {}', p.n_accounts,
                                    CASE WHEN p.n_accounts = 1 THEN 'pair' ELSE 'pairs' END,
                                    CASE p.kind WHEN 'lockstep' THEN 'acting in lockstep' WHEN 'crew_beat' THEN 'keeping the beat of one crew' WHEN 'succession' THEN 'of which one follows the other on one resource' WHEN 'replacement' THEN 'using a place where accounts closed for abuse are replaced' WHEN 'load_balancing' THEN 'taking turns' WHEN 'signup_burst' THEN 'signed up in one burst' ELSE 'acting together' END)
                        ELSE format('ties it to {:,} other {}; {:,} use it in total', p.n_accounts,
                                    CASE WHEN p.n_accounts = 1 THEN 'member' ELSE 'members' END, i.degree)
                             || coalesce('; listed as ' || i.label, '') END AS detail
            FROM member_pieces p LEFT JOIN (
    SELECT s.identifier_no, s.value, s.degree, coalesce(o.label, s.label) AS label
    FROM shared_identifiers s LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
) i ON i.identifier_no = p.identifier_no
            WHERE p.bits > 0 AND (p.is_behaviour OR p.place <= 10)
        ),
        rest AS (
            SELECT p.account_no, CASE WHEN p.bits < 0 THEN 'differing_values'
                   ELSE 'further_identifiers' END AS reason,
                   sum(p.bits::DECIMAL(18, 9))::DOUBLE AS bits,
                   CASE WHEN p.bits < 0 THEN 'kinds in which it differs from linked members'
                        WHEN count(*) = 1 THEN '1 further identifier'
                        ELSE format('{:,} further identifiers', count(*)) END AS detail
            FROM member_pieces p
            WHERE p.bits <= 0 OR NOT (p.is_behaviour OR p.place <= 10)
            GROUP BY p.account_no, p.bits < 0
        ),
        prior AS (
            SELECT account_no, 'prior' AS reason, count(*) * (-12.0) AS bits,
                   format('{:,} {}, starting at -12 bits', count(*), CASE WHEN count(*) = 1 THEN 'link' ELSE 'links, each' END) AS detail
            FROM (SELECT l AS account_no FROM cluster_links UNION ALL SELECT r FROM cluster_links)
            GROUP BY account_no
        ),
        all_reasons AS (
            SELECT account_no, reason, kind, value, bits, n_accounts, strongest_no, detail FROM named
            UNION ALL
            SELECT account_no, reason, NULL, NULL, bits, NULL, NULL, detail
            FROM (SELECT * FROM rest UNION ALL SELECT * FROM prior)
        )
        SELECT a.account_id, m.cluster_id,
               row_number() OVER (
                   PARTITION BY r.account_no ORDER BY r.bits DESC, r.reason, r.kind, r.value) AS rank,
               r.reason, r.kind, r.value, r.bits, r.n_accounts, o.account_id AS strongest, r.detail
        FROM all_reasons r
        JOIN account_numbers a ON a.account_no = r.account_no
        JOIN membership m ON m.account_id = a.account_id
        LEFT JOIN account_numbers o ON o.account_no = r.strongest_no


-- make link_reasons
        WITH named_kinds AS (
            SELECT kind_no, kind, facet, row_number() OVER (ORDER BY kind) AS place FROM evidence_kinds
        ),
        pieces AS (
            SELECT l, r, 0 AS turn, NULL::INTEGER AS kind_no, NULL::INTEGER AS identifier_no,
                   (-12.0)::DECIMAL(18, 9) AS bits, (-12.0)::DECIMAL(18, 9) AS alone
            FROM scored_pairs
            UNION ALL
            SELECT l, r, 1, kind_no, identifier_no, contribution_bits::DECIMAL(18, 9), bits::DECIMAL(18, 9)
            FROM pair_evidence
        ),
        placed AS (
            SELECT p.l, p.r, p.identifier_no, p.bits, p.alone, k.kind, k.facet,
                   row_number() OVER (
                       PARTITION BY p.l, p.r
                       ORDER BY p.turn, p.bits DESC, p.alone DESC, k.place, p.identifier_no) AS rank
            FROM pieces p LEFT JOIN named_kinds k ON k.kind_no = p.kind_no
        )
        SELECT x.account_id AS account_id_l, y.account_id AS account_id_r, p.rank,
               CASE WHEN p.kind IS NULL THEN 'prior'
                    WHEN p.identifier_no IS NOT NULL THEN 'shared_identifier'
                    WHEN p.facet = 'behaviour' THEN 'joint_behaviour'
                    ELSE 'differing_values' END AS reason,
               p.kind, i.value, p.bits::DOUBLE AS bits,
               (sum(p.bits) OVER (PARTITION BY p.l, p.r ORDER BY p.rank))::DOUBLE AS running,
               CASE WHEN p.kind IS NULL THEN 'before anything is known'
                    WHEN i.degree <= 2 THEN 'they share it; nobody else holds it'
                    WHEN i.degree = 3 THEN 'they share it; 1 other held it too'
                    WHEN i.degree > 3 THEN format('they share it; {:,} others held it too', i.degree - 2)
                    WHEN p.facet = 'behaviour' THEN 'a pair ' || CASE p.kind WHEN 'lockstep' THEN 'acting in lockstep' WHEN 'crew_beat' THEN 'keeping the beat of one crew' WHEN 'succession' THEN 'of which one follows the other on one resource' WHEN 'replacement' THEN 'using a place where accounts closed for abuse are replaced' WHEN 'load_balancing' THEN 'taking turns' WHEN 'signup_burst' THEN 'signed up in one burst' ELSE 'acting together' END
                    ELSE 'they differ in it' END
               || CASE WHEN p.alone - p.bits > 0.#
                       THEN format('; of +{} bits alone', p.alone::DECIMAL(18, 1)) ELSE '' END
               || coalesce('; listed as ' || i.label, '') AS detail
        FROM placed p
        JOIN account_numbers x ON x.account_no = p.l
        JOIN account_numbers y ON y.account_no = p.r
        LEFT JOIN (
    SELECT s.identifier_no, s.value, s.degree, coalesce(o.label, s.label) AS label
    FROM shared_identifiers s LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
) i ON i.identifier_no = p.identifier_no


-- rows
SELECT count(*) FROM member_reasons

-- rows
SELECT count(*) FROM link_reasons

-- rows
DESCRIBE member_reasons

-- rows
SELECT account_id, rank FROM member_reasons GROUP BY account_id, rank HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rank IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rank IS NULL OR (rank >= 1), false)), count(*) FILTER (WHERE NOT coalesce(reason IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(reason IS NULL OR reason IN ('shared_identifier', 'joint_behaviour', 'further_identifiers', 'differing_values', 'prior'), false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NULL OR (n_accounts >= 0), false)), count(*) FILTER (WHERE NOT coalesce((kind IS NULL) = (reason NOT IN ('shared_identifier', 'joint_behaviour')), false)), count(*) FILTER (WHERE NOT coalesce((kind IS NULL) = (n_accounts IS NULL) AND (kind IS NULL) = (strongest IS NULL), false)), count(*) FILTER (WHERE NOT coalesce(strongest IS NULL OR strongest <> account_id, false)) FROM member_reasons

-- rows
DESCRIBE link_reasons

-- rows
SELECT account_id_l, account_id_r, rank FROM link_reasons GROUP BY account_id_l, account_id_r, rank HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id_l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_id_r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rank IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rank IS NULL OR (rank >= 1), false)), count(*) FILTER (WHERE NOT coalesce(reason IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(reason IS NULL OR reason IN ('shared_identifier', 'joint_behaviour', 'further_identifiers', 'differing_values', 'prior'), false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(running IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(running IS NULL OR (isfinite(running)), false)), count(*) FILTER (WHERE NOT coalesce(account_id_l < account_id_r, false)), count(*) FILTER (WHERE NOT coalesce((rank = 1) = (reason = 'prior') AND (kind IS NULL) = (reason = 'prior'), false)) FROM link_reasons

-- rows
SELECT count(*) FROM member_reasons

-- rows
SELECT count(*) FROM link_reasons
