-- make facet_bits
    WITH per_kind AS (
        SELECT u.l, u.r, k.facet_no,
               (round((least(k.most_bits, greatest(0.0, u.baseline - (-12.0)))) * 1073741824.0) / 1073741824.0) AS bits,
               m.l IS NOT NULL AS has_more
        FROM (
    SELECT s.l, s.r, s.identifier_no, s.kind_no, s.is_blocking_value,
           t.log_odds + CASE i.label_type WHEN 'router' THEN -4.0 WHEN 'vpn' THEN -4.0 WHEN 'proxy' THEN -4.0 WHEN 'residential_proxy' THEN -4.0 WHEN 'tor' THEN -4.0 WHEN 'carrier_nat' THEN -4.0 WHEN 'campus' THEN -4.0 WHEN 'corporate' THEN 2.0 ELSE 0.0 END AS baseline
    FROM (SELECT l, r, only_no AS identifier_no, kind_no, is_blocking_value, degree_bin, repeat_bin
          FROM pair_kinds WHERE only_no IS NOT NULL
          UNION ALL
          SELECT s.l, s.r, s.identifier_no, s.kind_no, s.is_blocking_value,
                 least(floor(log2(s.degree - 1)), (SELECT max(degree_bin) FROM match_weights))::TINYINT,
                 p.repeat_bin
          FROM pair_kinds p JOIN copresence_pairs s ON s.l = p.l AND s.r = p.r AND s.kind_no = p.kind_no
          WHERE p.only_no IS NULL) s
    JOIN match_weights t ON t.kind_no = s.kind_no AND t.degree_bin = s.degree_bin
    AND t.repeat_bin = s.repeat_bin
    JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
) u
        JOIN (SELECT kind_no, most_bits, min(kind_no) OVER (PARTITION BY facet) AS facet_no FROM kinds) k ON k.kind_no = u.kind_no
        LEFT JOIN many_kinds m ON m.l = u.l AND m.r = u.r
    )
    SELECT l, r, facet_no, max(bits) AS bits, bool_or(has_more) AS has_more
    FROM per_kind WHERE has_more OR bits > 0.# GROUP BY l, r, facet_no

-- rows
SELECT max(account_no) FROM account_numbers

-- rows
SELECT facet, min(kind_no) FROM kinds GROUP BY facet ORDER BY facet

-- arrow
SELECT l, r, coalesce(sum(bits) FILTER (facet_no = 4), 0.0) AS bits_4, coalesce(sum(bits) FILTER (facet_no = 7), 0.0) AS bits_7, coalesce(sum(bits) FILTER (facet_no = 0), 0.0) AS bits_0 FROM facet_bits GROUP BY l, r HAVING sum(bits) > 0.#

-- make facet_components
SELECT * FROM arriving

-- make given_stronger
SELECT l, r, facet_no, sum(bits) OVER (PARTITION BY l, r) - bits AS bits FROM facet_bits
WHERE has_more

-- rows
SELECT facet, min(kind_no) FROM kinds GROUP BY facet ORDER BY facet

-- make ties
    WITH placed AS (
        SELECT a.account_no, p.component_1, p.component_0, p.component_4, p.component_7
        FROM account_numbers a LEFT JOIN facet_components p ON p.account_no = a.account_no
    )
    SELECT l, r, identifier_no, kind_no, is_blocking_value, baseline,
           (round((greatest(CASE WHEN bits IS NULL THEN (1.0 / (1.0 + pow(2.0, -(-12.0)))) ELSE (1.0 / (1.0 + pow(2.0, -(bits + (-12.0))))) END, CASE WHEN l_component = r_component THEN 0.9 ELSE 0.0 END)) * 1073741824.0) / 1073741824.0) AS tie,
           coalesce(l_component <> r_component, false) AS is_apart
    FROM (SELECT u.*, b.bits, CASE k.facet_no WHEN 1 THEN x.component_1 WHEN 0 THEN x.component_0 WHEN 4 THEN x.component_4 WHEN 7 THEN x.component_7 END AS l_component,
                 CASE k.facet_no WHEN 1 THEN y.component_1 WHEN 0 THEN y.component_0 WHEN 4 THEN y.component_4 WHEN 7 THEN y.component_7 END AS r_component
          FROM (
    SELECT s.l, s.r, s.identifier_no, s.kind_no, s.is_blocking_value,
           t.log_odds + CASE i.label_type WHEN 'router' THEN -4.0 WHEN 'vpn' THEN -4.0 WHEN 'proxy' THEN -4.0 WHEN 'residential_proxy' THEN -4.0 WHEN 'tor' THEN -4.0 WHEN 'carrier_nat' THEN -4.0 WHEN 'campus' THEN -4.0 WHEN 'corporate' THEN 2.0 ELSE 0.0 END AS baseline
    FROM (SELECT l, r, only_no AS identifier_no, kind_no, is_blocking_value, degree_bin, repeat_bin
          FROM pair_kinds WHERE only_no IS NOT NULL
          UNION ALL
          SELECT s.l, s.r, s.identifier_no, s.kind_no, s.is_blocking_value,
                 least(floor(log2(s.degree - 1)), (SELECT max(degree_bin) FROM match_weights))::TINYINT,
                 p.repeat_bin
          FROM pair_kinds p JOIN copresence_pairs s ON s.l = p.l AND s.r = p.r AND s.kind_no = p.kind_no
          WHERE p.only_no IS NULL) s
    JOIN match_weights t ON t.kind_no = s.kind_no AND t.degree_bin = s.degree_bin
    AND t.repeat_bin = s.repeat_bin
    JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
) u
          JOIN (SELECT kind_no, most_bits, min(kind_no) OVER (PARTITION BY facet) AS facet_no FROM kinds) k ON k.kind_no = u.kind_no
          JOIN placed x ON x.account_no = u.l
          JOIN placed y ON y.account_no = u.r
          LEFT JOIN given_stronger b ON b.l = u.l AND b.r = u.r AND b.facet_no = k.facet_no)

-- make tie_rates
WITH lines AS (
    SELECT kind_no, round(regr_slope(tie, baseline_share), 9) AS slope,
           round(regr_intercept(tie, baseline_share), 9) AS start
    FROM (SELECT kind_no, tie,
    (1.0 / (1.0 + pow(2.0, -(baseline)))) AS baseline_share FROM ties WHERE is_blocking_value)
    GROUP BY kind_no
)
SELECT kind_no, greatest(0.0, least(0.5, coalesce(start, 0.0))) AS chance,
       greatest(0.25, least(0.5, coalesce(start + slope, 0.0))) AS same,
       kind_no IN (SELECT wider_no FROM generalizations) AS is_generalization
FROM lines WHERE NOT isnan(coalesce(slope, 0.0)) AND NOT isnan(coalesce(start, 0.0))

-- make estimated
WITH means AS (
    SELECT identifier_no, any_value(kind_no) AS kind_no, count(*) AS n_pairs, sum(tie) AS n_tied,
           avg((round(((1.0 / (1.0 + pow(2.0, -(baseline))))) * 1073741824.0) / 1073741824.0)) AS avg_baseline, avg(tie) AS avg_tie
    FROM ties WHERE is_blocking_value GROUP BY identifier_no
)
SELECT m.identifier_no, greatest(0.#, least(0.995, m.avg_baseline)) AS baseline, m.n_pairs,
       m.n_tied, greatest(0.#, least(0.995, CASE WHEN ((degree * same / (degree * same + 2.0)) * greatest(0.0, least(1.0, ((avg_tie) - chance) / greatest(0.01, same - chance))) + (1 - (degree * same / (degree * same + 2.0))) * avg_baseline) < avg_baseline THEN (avg_baseline * pow(greatest(0.#, ((degree * same / (degree * same + 2.0)) * greatest(0.0, least(1.0, ((avg_tie) - chance) / greatest(0.01, same - chance))) + (1 - (degree * same / (degree * same + 2.0))) * avg_baseline)) / avg_baseline, 0.5 * least(1.0, pow(log2(greatest(2, degree) - 1) / 6.0, 2)))) ELSE ((degree * same / (degree * same + 2.0)) * greatest(0.0, least(1.0, ((avg_tie) - chance) / greatest(0.01, same - chance))) + (1 - (degree * same / (degree * same + 2.0))) * avg_baseline) END)) AS p_exclusive
FROM means m
JOIN tie_rates r ON r.kind_no = m.kind_no
JOIN shared_identifiers i ON i.identifier_no = m.identifier_no

-- make account_ties
SELECT identifier_no, account_no, count(*) AS n_pairs, sum(tie) AS n_tied FROM (
    SELECT identifier_no, l AS account_no, tie FROM ties WHERE is_blocking_value
    UNION ALL SELECT identifier_no, r, tie FROM ties WHERE is_blocking_value)
GROUP BY identifier_no, account_no

-- rows
SELECT count(*) FROM overridden

-- make exclusivity_bits
    WITH known AS (
    SELECT i.identifier_no, k.is_declared, k.most_bits, r.same, r.chance, r.is_generalization,
           p.baseline AS v_baseline, p.n_pairs AS v_pairs, p.n_tied AS v_tied,
           log2((p.baseline) / (1 - (p.baseline))) AS v_odds, (i.degree * same / (i.degree * same + 2.0)) AS weight,
           0.5 * least(1.0, pow(log2(greatest(2, i.degree) - 1) / 6.0, 2)) AS absence, greatest(0.1, 1.0 - sqrt(same)) * least(1.0, log2(greatest(2, i.degree) - 1) / 4.0) AS missed
    FROM shared_identifiers i
    JOIN kinds k ON k.kind_no = i.kind_no
    LEFT JOIN tie_rates r ON r.kind_no = i.kind_no
    LEFT JOIN estimated p ON p.identifier_no = i.identifier_no
),
    others AS (
    SELECT t.*, t.is_blocking_value::INTEGER AS own, v.is_declared, v.most_bits, v.same, v.chance,
           v.is_generalization, v.v_baseline, v.v_pairs, v.v_tied, v.v_odds, v.weight, v.absence,
           v.missed, x.n_pairs AS l_pairs, x.n_tied AS l_tied, y.n_pairs AS r_pairs,
           y.n_tied AS r_tied
    FROM ties t
    JOIN known v ON v.identifier_no = t.identifier_no
    LEFT JOIN account_ties x ON x.identifier_no = t.identifier_no AND x.account_no = t.l
    LEFT JOIN account_ties y ON y.identifier_no = t.identifier_no AND y.account_no = t.r
),
    moves AS (
    WITH means AS (SELECT *, (v_tied - own * tie) / (v_pairs - own) AS mean FROM others),
    whole AS (
        SELECT *, CASE WHEN v_pairs - own > 0 AND is_declared AND same IS NOT NULL
                  THEN greatest(0.#, least(0.995, CASE WHEN (weight * greatest(0.0, least(1.0, ((mean) - chance) / greatest(0.01, same - chance))) + (1 - weight) * v_baseline) < v_baseline THEN (v_baseline * pow(greatest(0.#, (weight * greatest(0.0, least(1.0, ((mean) - chance) / greatest(0.01, same - chance))) + (1 - weight) * v_baseline)) / v_baseline, absence)) ELSE (weight * greatest(0.0, least(1.0, ((mean) - chance) / greatest(0.01, same - chance))) + (1 - weight) * v_baseline) END)) END AS whole_share
        FROM means
    ),
    holders AS (
        SELECT *, (coalesce(l_tied - own * tie, 0.0) + 2.0) / (coalesce(l_pairs - own, 0) * mean + 2.0) AS of_l, (coalesce(r_tied - own * tie, 0.0) + 2.0) / (coalesce(r_pairs - own, 0) * mean + 2.0) AS of_r, (missed * sqrt(whole_share) / (1.0 - (1.0 - missed) * sqrt(whole_share))) AS untied,
               -- of what is shared in a wider kind ties are weaker, and raise it only if both have them
               CASE WHEN is_generalization THEN 1.0 ELSE 1.0 / sqrt(whole_share) END AS most
        FROM whole
    ),
    factors AS (
        SELECT *,
               least(most, greatest(of_l, untied * most)) * least(most, greatest(of_r, untied * most))
               * CASE WHEN is_generalization THEN greatest(1.0, least(of_l, of_r)) ELSE 1.0 END AS pull
        FROM holders
    )
    SELECT l, r, kind_no, identifier_no, most_bits, baseline, v_odds,
           -- greatest and least pass over null
           CASE WHEN whole_share IS NOT NULL THEN greatest(0.#, least(0.995, whole_share
               * CASE WHEN is_apart THEN least(pull, untied * most * most) ELSE pull END)) END
               AS moved,
           CASE WHEN is_apart AND is_declared THEN -2.0 ELSE 0.0 END AS unmoved
    FROM factors
)
    SELECT l, r, identifier_no, kind_no,
           round(least(most_bits, greatest(0.0, baseline - (-12.0)
                 + coalesce(log2((moved) / (1 - (moved))) - v_odds, unmoved))), 6) AS bits
    FROM moves

-- make exclusivity
SELECT p.identifier_no, coalesce(o.p_exclusive, p.baseline) AS baseline, p.n_pairs, p.n_tied,
       coalesce(o.p_exclusive, p.p_exclusive) AS p_exclusive
FROM estimated p LEFT JOIN overridden o ON o.identifier_no = p.identifier_no

-- rows
SELECT count(*) FROM exclusivity WHERE n_tied >= 0.5

-- rows
DESCRIBE exclusivity

-- rows
SELECT identifier_no FROM exclusivity GROUP BY identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(baseline IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(baseline IS NULL OR (baseline >= 0 AND baseline <= 1 AND isfinite(baseline)), false)), count(*) FILTER (WHERE NOT coalesce(n_pairs IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_tied IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NULL OR (p_exclusive >= 0 AND p_exclusive <= 1 AND isfinite(p_exclusive)), false)) FROM exclusivity

-- rows
DESCRIBE exclusivity_bits

-- rows
SELECT l, r, identifier_no FROM exclusivity_bits GROUP BY l, r, identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)) FROM exclusivity_bits

-- rows
SELECT count(*) FROM exclusivity
