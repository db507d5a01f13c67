-- make reasons
        WITH by_identifier AS (
        SELECT c.cluster_id, k.kind, i.value, i.degree, i.label,
               sum(e.contribution_bits::DECIMAL(18, 9))::DOUBLE AS bits,
               count(*) AS n_links,
               row_number() OVER (PARTITION BY c.cluster_id
                                  ORDER BY sum(e.contribution_bits::DECIMAL(18, 9)) DESC, k.kind, i.value)
                   AS place,
               e.identifier_no, k.facet = 'behaviour' AS is_behaviour
        FROM cluster_links c
        JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
        JOIN evidence_kinds k ON k.kind_no = e.kind_no
        LEFT JOIN (
    SELECT s.identifier_no, s.value, s.degree, coalesce(o.label, s.label) AS label
    FROM shared_identifiers s LEFT JOIN overridden o ON o.identifier_no = s.identifier_no
) i ON i.identifier_no = e.identifier_no
        GROUP BY c.cluster_id, k.kind, k.facet, i.value, i.degree, i.label, e.identifier_no
    )
        SELECT cluster_id,
               row_number() OVER (
                   PARTITION BY cluster_id ORDER BY bits DESC, reason, kind, value) AS rank,
               reason, kind, value, bits, n_accounts, detail, at_kind, at_value
        FROM (
        SELECT b.cluster_id, 'shared_identifier' AS reason, b.kind, b.value, b.bits, t.n_accounts,
               format('ties {:,} of its accounts; {:,} use it in total', t.n_accounts, b.degree)
               || coalesce('; listed as ' || b.label, '') AS detail,
               NULL::VARCHAR AS at_kind, NULL::VARCHAR AS at_value
        FROM by_identifier b
        JOIN (
            SELECT cluster_id, identifier_no, count(DISTINCT account_no) AS n_accounts FROM (
                SELECT c.cluster_id, e.identifier_no, unnest([c.l, c.r]) AS account_no
                FROM cluster_links c JOIN pair_evidence e ON e.l = c.l AND e.r = c.r
                WHERE e.identifier_no IS NOT NULL)
            GROUP BY cluster_id, identifier_no
        ) t ON t.cluster_id = b.cluster_id AND t.identifier_no = b.identifier_no
        WHERE b.place <= 20 AND b.bits > 0
     UNION ALL
        SELECT b.cluster_id, 'joint_behaviour' AS reason, b.kind, NULL AS value, b.bits,
               NULL::BIGINT AS n_accounts,
               format('{:,} {} {}', b.n_links, CASE WHEN b.n_links = 1 THEN 'pair' ELSE 'pairs' END,
                      CASE b.kind WHEN 'lockstep' THEN 'acting in lockstep' WHEN 'crew_beat' THEN 'keeping the beat of one crew' WHEN 'succession' THEN 'of which one follows the other on one resource' WHEN 'replacement' THEN 'using a place where accounts closed for abuse are replaced' WHEN 'load_balancing' THEN 'taking turns' WHEN 'signup_burst' THEN 'signed up in one burst' ELSE 'acting together' END) AS detail, s.kind AS at_kind, s.value AS at_value
        FROM by_identifier b
        LEFT JOIN (
        SELECT cluster_id, kind, at_no FROM (
            SELECT c.cluster_id, k.kind, b.at_no, count(*) AS n,
                   sum(count(*)) OVER (PARTITION BY c.cluster_id, k.kind) AS n_all
            FROM cluster_links c
            JOIN numbered_behaviours b ON b.l = c.l AND b.r = c.r
            JOIN evidence_kinds k ON k.kind_no = b.kind_no
            GROUP BY c.cluster_id, k.kind, b.at_no
        )
        WHERE at_no IS NOT NULL AND 2 * n > n_all
    ) m ON m.cluster_id = b.cluster_id AND m.kind = b.kind
        LEFT JOIN shared_identifiers s ON s.identifier_no = m.at_no
        WHERE b.is_behaviour AND b.bits > 0
     UNION ALL
        SELECT b.cluster_id, CASE WHEN b.bits < 0 THEN 'differing_values' ELSE 'further_identifiers' END
                   AS reason,
               NULL AS kind, NULL AS value,
               sum(b.bits::DECIMAL(18, 9))::DOUBLE AS bits, NULL::BIGINT AS n_accounts,
               CASE WHEN b.bits < 0 THEN 'kinds in which linked accounts differ'
                    WHEN count(*) = 1 THEN '1 further identifier'
                    ELSE format('{:,} further identifiers', count(*)) END AS detail,
               NULL AS at_kind, NULL AS at_value
        FROM by_identifier b WHERE NOT (b.is_behaviour AND b.bits > 0)
          AND (b.place > 20 OR b.bits <= 0)
        GROUP BY b.cluster_id, b.bits < 0
     UNION ALL
        SELECT cluster_id, 'prior' AS reason, NULL AS kind, NULL AS value,
               count(*) * (-12.0) AS bits, NULL::BIGINT AS n_accounts,
               format('{:,} {}, starting at -12 bits', count(*), CASE WHEN count(*) = 1 THEN 'link' ELSE 'links, each' END) AS detail, NULL AS at_kind, NULL AS at_value
        FROM cluster_links GROUP BY cluster_id
    )


-- rows
SELECT count(*) FROM reasons

-- rows
DESCRIBE reasons

-- rows
SELECT cluster_id, rank FROM reasons GROUP BY cluster_id, rank HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rank IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(rank IS NULL OR (rank >= 1), false)), count(*) FILTER (WHERE NOT coalesce(reason IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(reason IS NULL OR reason IN ('shared_identifier', 'joint_behaviour', 'further_identifiers', 'differing_values', 'prior'), false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NULL OR (isfinite(bits)), false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NULL OR (n_accounts >= 0), false)) FROM reasons

-- rows
SELECT count(*) FROM reasons
