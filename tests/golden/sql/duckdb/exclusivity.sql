-- make pools
WITH visits AS (
    SELECT w.network_no, h.account_no, count(DISTINCT h.identifier_no) AS n
    FROM window_incidence h JOIN networks w ON w.identifier_no = h.identifier_no
    GROUP BY w.network_no, h.account_no
),
roaming AS (
    SELECT w.identifier_no, w.network_no, avg((round((1.0 - 1.0 / v.n) * 1073741824.0) / 1073741824.0)) AS share
    FROM window_incidence h
    JOIN networks w ON w.identifier_no = h.identifier_no
    JOIN visits v ON v.network_no = w.network_no AND v.account_no = h.account_no
    GROUP BY w.identifier_no, w.network_no
)
SELECT r.identifier_no,
       r.share * log2(greatest(1.0, (n.degree - 1.0) / greatest(1.0, i.degree - 1.0))) AS less
FROM roaming r
JOIN shared_identifiers i ON i.identifier_no = r.identifier_no
JOIN shared_identifiers n ON n.identifier_no = r.network_no

-- make listed_identifiers
SELECT identifier_no, (CASE CASE kind WHEN 'router' THEN 'router' ELSE label_type END WHEN 'router' THEN -4.0 WHEN 'vpn' THEN -4.0 WHEN 'proxy' THEN -4.0 WHEN 'residential_proxy' THEN -4.0 WHEN 'anonymizer' THEN -4.0 WHEN 'tor' THEN -4.0 WHEN 'carrier_nat' THEN -4.0 WHEN 'campus' THEN -4.0 WHEN 'corporate' THEN 2.0 ELSE 0.0 END)::DOUBLE AS bits FROM shared_identifiers

-- make baselines
WITH shared_values AS (
    SELECT l, r, only_no AS identifier_no, kind_no, degree_bin, repeat_bin
    FROM pair_kinds WHERE only_no IS NOT NULL
    UNION ALL
    SELECT s.l, s.r, s.identifier_no, s.kind_no,
           least(floor(log2(s.degree - 1)), (SELECT max(degree_bin) FROM match_weights))::TINYINT,
           p.repeat_bin
    FROM pair_kinds p
    JOIN copresence_pairs s ON s.l = p.l AND s.r = p.r AND s.kind_no = p.kind_no
    WHERE p.only_no IS NULL
),
looked_up AS (
    SELECT s.l, s.r, s.identifier_no, s.kind_no, s.repeat_bin, k.is_declared,
           CASE WHEN k.is_declared THEN t.log_odds - s.repeat_bin
                ELSE least(t.log_odds, -12.0 + (log2(greatest(1.0, z.n_accounts / i.degree::DOUBLE)) + 2.0 * log2(greatest(1.0, 32.0 / i.degree::DOUBLE)))) END
           + CASE i.label_type WHEN 'router' THEN -4.0 WHEN 'vpn' THEN -4.0 WHEN 'proxy' THEN -4.0 WHEN 'residential_proxy' THEN -4.0 WHEN 'anonymizer' THEN -4.0 WHEN 'tor' THEN -4.0 WHEN 'carrier_nat' THEN -4.0 WHEN 'campus' THEN -4.0 WHEN 'corporate' THEN 2.0 ELSE 0.0 END
           - coalesce(o.less, 0.0) AS log_odds
    FROM shared_values s
    JOIN match_weights t ON t.kind_no = s.kind_no AND t.degree_bin = s.degree_bin
    AND t.repeat_bin = s.repeat_bin
    JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
    JOIN kinds k ON k.kind_no = s.kind_no
    LEFT JOIN kind_sizes z ON z.kind_no = s.kind_no
    LEFT JOIN pools o ON o.identifier_no = s.identifier_no
)
SELECT l, r, identifier_no, kind_no,
       CASE WHEN is_declared
            THEN avg((round((log_odds) * 1073741824.0) / 1073741824.0)) OVER (PARTITION BY identifier_no) + repeat_bin
            ELSE log_odds END AS baseline
FROM looked_up

-- arrow
WITH held AS (
    SELECT DISTINCT h.identifier_no, h.account_no, k.is_declared AND k.facet IN ('payment', 'identity') AS is_owned
    FROM window_incidence h
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN kinds k ON k.kind_no = i.kind_no
    WHERE i.degree > 2 AND (k.is_declared AND k.facet IN ('payment', 'identity') OR k.is_declared AND k.facet = 'network')
)
SELECT x.identifier_no, y.identifier_no AS place_no, any_value(i.degree) AS n_holders,
       count(*) AS n_there,
       any_value(j.degree)::DOUBLE / (SELECT count(*) FROM account_numbers) AS share
FROM held x
JOIN held y ON y.account_no = x.account_no
JOIN shared_identifiers i ON i.identifier_no = x.identifier_no
JOIN shared_identifiers j ON j.identifier_no = y.identifier_no
WHERE x.is_owned AND NOT y.is_owned
GROUP BY x.identifier_no, y.identifier_no HAVING 2 * count(*) >= any_value(i.degree)
ORDER BY x.identifier_no, y.identifier_no

-- make concentration
SELECT * FROM arriving

-- make site_addresses
SELECT DISTINCT h.identifier_no, i.kind_no, i.degree, h.account_no
FROM window_incidence h
JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
JOIN kinds k ON k.kind_no = i.kind_no
WHERE k.is_declared AND k.facet = 'network' AND i.degree >= 3
    AND k.kind_no NOT IN (SELECT wider_no FROM generalizations)

-- arrow
    SELECT one, other FROM (
        SELECT x.identifier_no AS one, y.identifier_no AS other, count(*) AS n,
               any_value(greatest(x.degree, y.degree)) AS degree
        FROM (SELECT account_no FROM site_addresses GROUP BY account_no
              HAVING count(*) BETWEEN 2 AND 64) s
        JOIN site_addresses x ON x.account_no = s.account_no
        JOIN site_addresses y ON y.account_no = s.account_no AND y.kind_no = x.kind_no
            AND y.identifier_no > x.identifier_no
        GROUP BY x.identifier_no, y.identifier_no
    )
    WHERE n >= 3 AND n >= 0.2 * degree
 UNION
    SELECT one, other FROM (
        WITH payers AS (
            SELECT DISTINCT identifier_no AS instrument_no, unnest([l, r]) AS account_no
            FROM (
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7)) AS odds
    FROM baselines u
    JOIN kinds k ON k.kind_no = u.kind_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
    WHERE k.is_declared AND k.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
) WHERE odds > 0.0
        ),
        settled AS (
            SELECT * FROM site_addresses
            QUALIFY count(*) OVER (PARTITION BY account_no, kind_no) <= 2
        ),
        paid AS (
            SELECT p.instrument_no, s.* FROM payers p JOIN settled s ON s.account_no = p.account_no
            QUALIFY count(*) OVER (PARTITION BY p.instrument_no, s.kind_no) <= 64
        )
        SELECT x.identifier_no AS one, y.identifier_no AS other,
               count(DISTINCT x.instrument_no) AS n, count(DISTINCT x.account_no) AS n_one,
               count(DISTINCT y.account_no) AS n_other, any_value(x.degree) AS degree_one,
               any_value(y.degree) AS degree_other
        FROM paid x
        JOIN paid y ON y.instrument_no = x.instrument_no AND y.kind_no = x.kind_no
            AND y.identifier_no > x.identifier_no AND y.account_no <> x.account_no
        GROUP BY x.identifier_no, y.identifier_no
    )
    WHERE n >= 3 AND n_one >= 0.2 * degree_one
        AND n_other >= 0.2 * degree_other
 ORDER BY one, other

-- rows
SELECT coalesce(max(identifier_no), 0) FROM shared_identifiers

-- make site_members
SELECT * FROM arriving

-- make sites
SELECT i.identifier_no, coalesce(m.site_no, i.identifier_no) AS site_no FROM shared_identifiers i LEFT JOIN site_members m ON m.identifier_no = i.identifier_no

-- make facet_bits
    SELECT u.l, u.r, k.facet, max((round((least(k.most_bits, greatest(0.0, u.odds - (-12.0)))) * 1073741824.0) / 1073741824.0)) AS bits
    FROM (
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7)) AS odds
    FROM baselines u
    JOIN kinds k ON k.kind_no = u.kind_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
    WHERE k.is_declared AND k.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
) u JOIN kinds k ON k.kind_no = u.kind_no
    GROUP BY u.l, u.r, k.facet

-- rows
SELECT max(account_no) FROM account_numbers

-- arrow
SELECT l, r, sum(bits) + (-12.0) AS odds FROM facet_bits GROUP BY l, r HAVING sum(bits) + (-12.0) > -6.0

-- make owned_components
SELECT * FROM arriving

-- make tying_kinds
    WITH ties AS (
        SELECT u.l, u.r, u.kind_no
        FROM (
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7)) AS odds
    FROM baselines u
    JOIN kinds k ON k.kind_no = u.kind_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
    WHERE k.is_declared AND k.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
) u
        JOIN owned_components x ON x.account_no = u.l
        JOIN owned_components y ON y.account_no = u.r AND y.component = x.component
        WHERE u.odds > -6.0
    )
    SELECT DISTINCT unnest([l, r]) AS account_no, kind_no FROM ties

-- make site_holdings
SELECT h.identifier_no, s.site_no, h.window_no, h.account_no
FROM window_incidence h
JOIN sites s ON s.identifier_no = h.identifier_no
JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
JOIN kinds k ON k.kind_no = i.kind_no
WHERE (k.kind = 'email_domain')

-- make site_holders
SELECT DISTINCT site_no, window_no, account_no FROM site_holdings

-- make site_ties
WITH placed AS (
    SELECT h.site_no, h.window_no, h.account_no, p.component, p.size, p.part
    FROM site_holders h JOIN owned_components p ON p.account_no = h.account_no
    WHERE h.site_no IN (SELECT s.site_no FROM sites s
        JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
        JOIN kinds k ON k.kind_no = i.kind_no WHERE k.is_declared)
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY site_no, window_no, component) AS n_there FROM placed
)
SELECT site_no, account_no, min(component) AS component, max(n_there) > 1 AS is_tied,
       max(n_there) AS n_there, max(size) AS size, min(part) AS part
FROM counted GROUP BY site_no, account_no

-- make site_untied
WITH owned AS (
    SELECT a.account_no, a.kind_no
    FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE k.is_declared AND k.facet IN ('payment', 'identity')
),
rates AS (
    SELECT t.site_no, o.kind_no, (count(y.kind_no) + 1.0) / (count(*) + 1.0) AS share
    FROM site_ties t
    JOIN owned o ON o.account_no = t.account_no
    LEFT JOIN tying_kinds y ON y.account_no = t.account_no AND y.kind_no = o.kind_no
    WHERE t.is_tied GROUP BY t.site_no, o.kind_no
),
usual AS (
    SELECT r.site_no, exp(sum((round((ln(greatest(0.#, 1.0 - r.share * z.n_accounts / n.n))) * 1073741824.0) / 1073741824.0))) AS hidden
    FROM rates r
    JOIN kind_sizes z ON z.kind_no = r.kind_no
    CROSS JOIN (SELECT count(*)::DOUBLE AS n FROM account_numbers) n
    GROUP BY r.site_no
),
parts AS (
    SELECT DISTINCT site_no, component FROM site_ties WHERE is_tied
),
untied AS (
    SELECT DISTINCT h.site_no, h.account_no
    FROM site_holders h
    JOIN usual d ON d.site_no = h.site_no
    LEFT JOIN site_ties t ON t.site_no = h.site_no AND t.account_no = h.account_no
    LEFT JOIN parts p ON p.site_no = h.site_no AND p.component = t.component
    WHERE p.component IS NULL
),
weighed AS (
    SELECT u.site_no, u.account_no, 1.0 - exp(sum((round((ln(greatest(0.#, CASE WHEN o.kind_no IS NULL THEN 1.0 ELSE 1.0 - coalesce(r.share, 1.0) END))) * 1073741824.0) / 1073741824.0))) AS shows
    FROM untied u
    LEFT JOIN owned o ON o.account_no = u.account_no
    LEFT JOIN rates r ON r.site_no = u.site_no AND r.kind_no = o.kind_no
    GROUP BY u.site_no, u.account_no
),
counted AS (
    SELECT site_no, account_no, shows, sum((round((shows) * 1073741824.0) / 1073741824.0)) OVER each AS n_shown, sum((round((1.0 - shows) * 1073741824.0) / 1073741824.0)) OVER each AS n_hidden
    FROM weighed WINDOW each AS (PARTITION BY site_no)
)
SELECT c.site_no, c.account_no,
       c.shows + (1.0 - c.shows) * least(1.0, (c.n_shown + 1.0) * u.hidden
           / greatest(0.#, (1.0 - u.hidden) * c.n_hidden)) AS shows
FROM counted c JOIN usual u ON u.site_no = c.site_no

-- make site_coverage
WITH owners AS (
    SELECT a.account_no
    FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE k.is_declared AND k.facet IN ('payment', 'identity')
),
degrees AS (
    SELECT site_no, count(DISTINCT account_no) AS degree FROM site_holders GROUP BY site_no
),
parts AS (
    SELECT p.*, (round((least(p.n, d.degree * p.size::DOUBLE / (SELECT count(*) FROM account_numbers))) * 1073741824.0) / 1073741824.0) AS expected
    FROM (SELECT site_no, component, count(*) AS n, max(size) AS size
          FROM site_ties WHERE is_tied GROUP BY site_no, component) p
    JOIN degrees d ON d.site_no = p.site_no
),
tied AS (
    SELECT site_no, sum(n)::BIGINT AS n, sum(expected) AS expected FROM parts GROUP BY site_no
),
further AS (
    SELECT site_no, sum((round((shows) * 1073741824.0) / 1073741824.0)) AS n FROM site_untied GROUP BY site_no
    UNION ALL
    SELECT site_no, count(DISTINCT account_no) FROM site_holders
    WHERE account_no IN (SELECT account_no FROM owners)
        AND site_no NOT IN (SELECT site_no FROM tied)
    GROUP BY site_no
)
SELECT d.site_no, coalesce(t.n, 0) AS n_tied, coalesce(t.n, 0) + coalesce(f.n, 0) AS n_shown,
       coalesce(t.expected, 0.0) AS expected
FROM degrees d
LEFT JOIN tied t ON t.site_no = d.site_no
LEFT JOIN further f ON f.site_no = d.site_no

-- make domain_holder_ties
SELECT m.identifier_no, t.* EXCLUDE (site_no)
FROM (SELECT DISTINCT identifier_no, site_no, account_no FROM site_holdings) m
JOIN site_ties t ON t.site_no = m.site_no AND t.account_no = m.account_no

-- make domain_untied_holders
SELECT m.identifier_no, t.* EXCLUDE (site_no)
FROM (SELECT DISTINCT identifier_no, site_no, account_no FROM site_holdings) m
JOIN site_untied t ON t.site_no = m.site_no AND t.account_no = m.account_no

-- make domain_coverage
WITH parts AS (
    SELECT identifier_no, component, count(*) AS n
    FROM domain_holder_ties WHERE is_tied GROUP BY identifier_no, component
),
evenness AS (
    SELECT identifier_no, coalesce(sum(n) FILTER (n > 2), 0) / sum(n)::DOUBLE AS in_parts,
           sum(n * (n - 1.0)) / greatest(1.0, sum(n) * (sum(n) - 1.0)) AS in_one
    FROM parts GROUP BY identifier_no
),
separate AS (
    SELECT identifier_no, count(*) AS n
    FROM (SELECT identifier_no FROM domain_holder_ties WHERE is_tied
          GROUP BY identifier_no, part HAVING count(*) > 2)
    GROUP BY identifier_no
),
counted AS (
    SELECT i.identifier_no, i.kind_no, i.degree AS n_holders, coalesce(c.n_tied, 0) AS n_tied,
           coalesce(c.n_shown, 0) AS n_shown, coalesce(c.expected, 0.0) AS expected,
           coalesce(e.in_parts, 0.0) AS in_parts, coalesce(p.n, 0) AS n_parts,
           coalesce(e.in_one, 0.0) AS in_one
    FROM shared_identifiers i
    JOIN sites s ON s.identifier_no = i.identifier_no
    LEFT JOIN site_coverage c ON c.site_no = s.site_no
    LEFT JOIN evenness e ON e.identifier_no = i.identifier_no
    LEFT JOIN separate p ON p.identifier_no = i.identifier_no
)
SELECT *, expected / greatest(1.0, n_shown) AS by_chance FROM counted

-- arrow
SELECT c.identifier_no, c.n_shown, c.n_tied, c.by_chance FROM domain_coverage c JOIN kinds k ON k.kind_no = c.kind_no WHERE k.kind = 'email_domain' ORDER BY c.identifier_no

-- make domain_ratios
SELECT * FROM arriving

-- make facet_bits
    SELECT u.l, u.r, k.facet, max((round((least(k.most_bits, greatest(0.0, u.odds - (-12.0)))) * 1073741824.0) / 1073741824.0)) AS bits
    FROM (
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7)) AS odds
    FROM baselines u
    JOIN kinds k ON k.kind_no = u.kind_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
    WHERE k.is_declared AND k.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
 UNION ALL
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7) * d.ratio) AS odds
    FROM baselines u
    JOIN domain_ratios d ON d.identifier_no = u.identifier_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
) u JOIN kinds k ON k.kind_no = u.kind_no
    GROUP BY u.l, u.r, k.facet

-- rows
SELECT max(account_no) FROM account_numbers

-- arrow
SELECT l, r, sum(bits) + (-12.0) AS odds FROM facet_bits GROUP BY l, r HAVING sum(bits) + (-12.0) > -6.0

-- make owned_components
SELECT * FROM arriving

-- make tying_kinds
    WITH ties AS (
        SELECT u.l, u.r, u.kind_no
        FROM (
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7)) AS odds
    FROM baselines u
    JOIN kinds k ON k.kind_no = u.kind_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
    WHERE k.is_declared AND k.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
 UNION ALL
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7) * d.ratio) AS odds
    FROM baselines u
    JOIN domain_ratios d ON d.identifier_no = u.identifier_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
) u
        JOIN owned_components x ON x.account_no = u.l
        JOIN owned_components y ON y.account_no = u.r AND y.component = x.component
        WHERE u.odds > -6.0
    )
    SELECT DISTINCT unnest([l, r]) AS account_no, kind_no FROM ties

-- make site_holdings
SELECT h.identifier_no, s.site_no, h.window_no, h.account_no
FROM window_incidence h
JOIN sites s ON s.identifier_no = h.identifier_no
JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
JOIN kinds k ON k.kind_no = i.kind_no
WHERE (NOT (k.is_declared AND k.facet IN ('payment', 'identity')))

-- make site_holders
SELECT DISTINCT site_no, window_no, account_no FROM site_holdings

-- make site_ties
WITH placed AS (
    SELECT h.site_no, h.window_no, h.account_no, p.component, p.size, p.part
    FROM site_holders h JOIN owned_components p ON p.account_no = h.account_no
    WHERE h.site_no IN (SELECT s.site_no FROM sites s
        JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
        JOIN kinds k ON k.kind_no = i.kind_no WHERE k.is_declared)
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY site_no, window_no, component) AS n_there FROM placed
)
SELECT site_no, account_no, min(component) AS component, max(n_there) > 1 AS is_tied,
       max(n_there) AS n_there, max(size) AS size, min(part) AS part
FROM counted GROUP BY site_no, account_no

-- make site_untied
WITH owned AS (
    SELECT a.account_no, a.kind_no
    FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE k.is_declared AND k.facet IN ('payment', 'identity')
),
rates AS (
    SELECT t.site_no, o.kind_no, (count(y.kind_no) + 1.0) / (count(*) + 1.0) AS share
    FROM site_ties t
    JOIN owned o ON o.account_no = t.account_no
    LEFT JOIN tying_kinds y ON y.account_no = t.account_no AND y.kind_no = o.kind_no
    WHERE t.is_tied GROUP BY t.site_no, o.kind_no
),
usual AS (
    SELECT r.site_no, exp(sum((round((ln(greatest(0.#, 1.0 - r.share * z.n_accounts / n.n))) * 1073741824.0) / 1073741824.0))) AS hidden
    FROM rates r
    JOIN kind_sizes z ON z.kind_no = r.kind_no
    CROSS JOIN (SELECT count(*)::DOUBLE AS n FROM account_numbers) n
    GROUP BY r.site_no
),
parts AS (
    SELECT DISTINCT site_no, component FROM site_ties WHERE is_tied
),
untied AS (
    SELECT DISTINCT h.site_no, h.account_no
    FROM site_holders h
    JOIN usual d ON d.site_no = h.site_no
    LEFT JOIN site_ties t ON t.site_no = h.site_no AND t.account_no = h.account_no
    LEFT JOIN parts p ON p.site_no = h.site_no AND p.component = t.component
    WHERE p.component IS NULL
),
weighed AS (
    SELECT u.site_no, u.account_no, 1.0 - exp(sum((round((ln(greatest(0.#, CASE WHEN o.kind_no IS NULL THEN 1.0 ELSE 1.0 - coalesce(r.share, 1.0) END))) * 1073741824.0) / 1073741824.0))) AS shows
    FROM untied u
    LEFT JOIN owned o ON o.account_no = u.account_no
    LEFT JOIN rates r ON r.site_no = u.site_no AND r.kind_no = o.kind_no
    GROUP BY u.site_no, u.account_no
),
counted AS (
    SELECT site_no, account_no, shows, sum((round((shows) * 1073741824.0) / 1073741824.0)) OVER each AS n_shown, sum((round((1.0 - shows) * 1073741824.0) / 1073741824.0)) OVER each AS n_hidden
    FROM weighed WINDOW each AS (PARTITION BY site_no)
)
SELECT c.site_no, c.account_no,
       c.shows + (1.0 - c.shows) * least(1.0, (c.n_shown + 1.0) * u.hidden
           / greatest(0.#, (1.0 - u.hidden) * c.n_hidden)) AS shows
FROM counted c JOIN usual u ON u.site_no = c.site_no

-- make site_coverage
WITH owners AS (
    SELECT a.account_no
    FROM account_kinds a JOIN kinds k ON k.kind_no = a.kind_no WHERE k.is_declared AND k.facet IN ('payment', 'identity')
),
degrees AS (
    SELECT site_no, count(DISTINCT account_no) AS degree FROM site_holders GROUP BY site_no
),
parts AS (
    SELECT p.*, (round((least(p.n, d.degree * p.size::DOUBLE / (SELECT count(*) FROM account_numbers))) * 1073741824.0) / 1073741824.0) AS expected
    FROM (SELECT site_no, component, count(*) AS n, max(size) AS size
          FROM site_ties WHERE is_tied GROUP BY site_no, component) p
    JOIN degrees d ON d.site_no = p.site_no
),
tied AS (
    SELECT site_no, sum(n)::BIGINT AS n, sum(expected) AS expected FROM parts GROUP BY site_no
),
further AS (
    SELECT site_no, sum((round((shows) * 1073741824.0) / 1073741824.0)) AS n FROM site_untied GROUP BY site_no
    UNION ALL
    SELECT site_no, count(DISTINCT account_no) FROM site_holders
    WHERE account_no IN (SELECT account_no FROM owners)
        AND site_no NOT IN (SELECT site_no FROM tied)
    GROUP BY site_no
)
SELECT d.site_no, coalesce(t.n, 0) AS n_tied, coalesce(t.n, 0) + coalesce(f.n, 0) AS n_shown,
       coalesce(t.expected, 0.0) AS expected
FROM degrees d
LEFT JOIN tied t ON t.site_no = d.site_no
LEFT JOIN further f ON f.site_no = d.site_no

-- make holder_ties
SELECT m.identifier_no, t.* EXCLUDE (site_no)
FROM (SELECT DISTINCT identifier_no, site_no, account_no FROM site_holdings) m
JOIN site_ties t ON t.site_no = m.site_no AND t.account_no = m.account_no

-- make untied_holders
SELECT m.identifier_no, t.* EXCLUDE (site_no)
FROM (SELECT DISTINCT identifier_no, site_no, account_no FROM site_holdings) m
JOIN site_untied t ON t.site_no = m.site_no AND t.account_no = m.account_no

-- make coverage
WITH parts AS (
    SELECT identifier_no, component, count(*) AS n
    FROM holder_ties WHERE is_tied GROUP BY identifier_no, component
),
evenness AS (
    SELECT identifier_no, coalesce(sum(n) FILTER (n > 2), 0) / sum(n)::DOUBLE AS in_parts,
           sum(n * (n - 1.0)) / greatest(1.0, sum(n) * (sum(n) - 1.0)) AS in_one
    FROM parts GROUP BY identifier_no
),
separate AS (
    SELECT identifier_no, count(*) AS n
    FROM (SELECT identifier_no FROM holder_ties WHERE is_tied
          GROUP BY identifier_no, part HAVING count(*) > 2)
    GROUP BY identifier_no
),
counted AS (
    SELECT i.identifier_no, i.kind_no, i.degree AS n_holders, coalesce(c.n_tied, 0) AS n_tied,
           coalesce(c.n_shown, 0) AS n_shown, coalesce(c.expected, 0.0) AS expected,
           coalesce(e.in_parts, 0.0) AS in_parts, coalesce(p.n, 0) AS n_parts,
           coalesce(e.in_one, 0.0) AS in_one
    FROM shared_identifiers i
    JOIN sites s ON s.identifier_no = i.identifier_no
    LEFT JOIN site_coverage c ON c.site_no = s.site_no
    LEFT JOIN evenness e ON e.identifier_no = i.identifier_no
    LEFT JOIN separate p ON p.identifier_no = i.identifier_no
)
SELECT *, expected / greatest(1.0, n_shown) AS by_chance FROM counted

-- make held_domains
    WITH own AS (
        SELECT u.identifier_no
        FROM (
    SELECT u.l, u.r, u.identifier_no, u.kind_no,
           u.baseline + log2((0.3 * exp(greatest(-20.0, least(20.0, coalesce(c.log_ratio, -20.0)))) + 0.7) * d.ratio) AS odds
    FROM baselines u
    JOIN domain_ratios d ON d.identifier_no = u.identifier_no
    LEFT JOIN concentration c ON c.identifier_no = u.identifier_no
) u
        GROUP BY u.identifier_no HAVING max(u.odds) > 0
        UNION
        SELECT t.identifier_no
        FROM domain_holder_ties t
        JOIN shared_identifiers i ON i.identifier_no = t.identifier_no AND i.kind = 'email_domain'
        WHERE t.is_tied
        GROUP BY t.identifier_no, i.degree
        HAVING count(*) = i.degree AND min(t.component) = max(t.component)
    )
    SELECT h.account_no, max(h.identifier_no) AS domain_no
    FROM own d JOIN window_incidence h ON h.identifier_no = d.identifier_no
    GROUP BY h.account_no HAVING count(DISTINCT h.identifier_no) = 1

-- arrow
WITH paid AS (
    SELECT DISTINCT h.identifier_no, d.domain_no
    FROM held_domains d
    JOIN window_incidence h ON h.account_no = d.account_no
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN kinds k ON k.kind_no = i.kind_no
    WHERE k.is_declared AND k.facet IN ('payment', 'identity') AND k.kind <> 'email_domain'
),
counted AS (SELECT *, count(*) OVER (PARTITION BY identifier_no) AS n_domains FROM paid)
SELECT x.domain_no AS l, y.domain_no AS r
FROM counted x
JOIN counted y ON y.identifier_no = x.identifier_no AND y.domain_no > x.domain_no
WHERE x.n_domains <= 30
GROUP BY x.domain_no, y.domain_no HAVING count(*) >= 2

-- rows
SELECT max(identifier_no) FROM shared_identifiers

-- make joined_domains
SELECT * FROM arriving

-- make own_domains
SELECT d.account_no, coalesce(j.least_no, d.domain_no) AS domain_no FROM held_domains d LEFT JOIN joined_domains j ON j.domain_no = d.domain_no

-- make shared_sites
SELECT identifier_no FROM (
    SELECT h.identifier_no, d.domain_no
    FROM window_incidence h JOIN own_domains d ON d.account_no = h.account_no
    GROUP BY h.identifier_no, d.domain_no HAVING count(DISTINCT h.account_no) > 1
)
GROUP BY identifier_no HAVING count(*) > 1

-- make mean_baselines
SELECT identifier_no, avg((round(((1.0 / (1.0 + pow(2.0, -(baseline))))) * 1073741824.0) / 1073741824.0)) AS baseline
FROM baselines GROUP BY identifier_no

-- arrow
SELECT c.n_shown, c.n_tied, c.by_chance, b.baseline, l.bits AS listed_bits, coalesce(w.network_no, t.site_no) AS unit_no FROM coverage c JOIN mean_baselines b ON b.identifier_no = c.identifier_no JOIN kinds k ON k.kind_no = c.kind_no JOIN listed_identifiers l ON l.identifier_no = c.identifier_no JOIN sites t ON t.identifier_no = c.identifier_no LEFT JOIN networks w ON w.identifier_no = t.site_no WHERE k.is_declared AND c.kind_no NOT IN (SELECT wider_no FROM generalizations) AND c.n_shown > 2 AND c.n_tied > 2 AND true ORDER BY c.identifier_no

-- make tied_shares
SELECT * FROM arriving

-- arrow
SELECT c.identifier_no, c.kind_no, c.n_holders, c.n_shown, c.n_tied, c.by_chance, c.in_parts, c.n_parts, c.in_one, k.is_declared, k.kind_no IN (SELECT wider_no FROM generalizations) AS is_network, k.is_declared AND k.facet IN ('payment', 'identity') AS is_owned, l.bits AS listed_bits, t.identifier_no IS NOT NULL AS is_shared_site, CASE WHEN c.n_holders > 2 THEN (0.3 * exp(greatest(-20.0, least(20.0, coalesce(g.log_ratio, -20.0)))) + 0.7) * coalesce(d.ratio, 1.0) ELSE 1.0 END AS gathered, coalesce(r.share, 0.0) AS roams FROM coverage c JOIN kinds k ON k.kind_no = c.kind_no JOIN listed_identifiers l ON l.identifier_no = c.identifier_no LEFT JOIN concentration g ON g.identifier_no = c.identifier_no LEFT JOIN domain_ratios d ON d.identifier_no = c.identifier_no LEFT JOIN (
    WITH held AS (
        SELECT DISTINCT h.identifier_no, i.kind_no, s.site_no, h.account_no
        FROM window_incidence h
        JOIN sites s ON s.identifier_no = h.identifier_no
        JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
        JOIN kinds k ON k.kind_no = i.kind_no
        WHERE k.is_declared AND k.facet = 'network'
            AND k.kind_no NOT IN (SELECT wider_no FROM generalizations)
    ),
    visits AS (
        SELECT account_no, kind_no, count(DISTINCT site_no) AS n FROM held GROUP BY account_no, kind_no
    )
    SELECT h.identifier_no, avg((round((greatest(0.0, 1.0 - 2.0 / v.n)) * 1073741824.0) / 1073741824.0)) AS share
    FROM held h JOIN visits v ON v.account_no = h.account_no AND v.kind_no = h.kind_no
    GROUP BY h.identifier_no
) r ON r.identifier_no = c.identifier_no LEFT JOIN shared_sites t ON t.identifier_no = c.identifier_no ORDER BY c.identifier_no

-- arrow
SELECT weight FROM tied_shares ORDER BY share

-- make identifier_states
SELECT * FROM arriving

-- arrow
SELECT s.kind_no, s.degree_bin, coalesce(w.network_no, t.site_no) AS unit_no, s.one_operator, s.among_others, b.baseline, s.listed_bits FROM identifier_states s JOIN mean_baselines b ON b.identifier_no = s.identifier_no JOIN sites t ON t.identifier_no = s.identifier_no LEFT JOIN networks w ON w.identifier_no = t.site_no WHERE NOT s.is_network AND s.among_others > 0 ORDER BY s.identifier_no

-- rows
SELECT kind_no FROM kinds ORDER BY kind_no

-- make exclusivity_shares
SELECT * FROM arriving

-- make states
SELECT s.*, CASE WHEN s.is_network THEN 0.3 ELSE e.among_others END AS among_share FROM identifier_states s JOIN exclusivity_shares e ON e.kind_no = s.kind_no AND e.degree_bin = s.degree_bin

-- make estimated
WITH weighed AS (
    SELECT m.identifier_no, m.baseline, s.n_holders, s.n_tied, (baseline * one_operator) AS w_one, ((CASE WHEN is_network THEN 1.0 ELSE (baseline / (baseline + (1 - baseline) * pow(2.0, listed_bits))) END) * among_share * among_others) AS w_among,
           (1 - baseline) AS w_public, s.belongs_among * s.belongs_among * s.tied_of_one AS p_among
    FROM mean_baselines m JOIN states s ON s.identifier_no = m.identifier_no
)
SELECT identifier_no, greatest(0.#, least(0.995, baseline)) AS baseline,
       n_holders, n_tied,
       greatest(0.#, least(0.995, (w_one + w_among * p_among)
                                              / (w_one + w_among + w_public))) AS p_exclusive
FROM weighed

-- make activity
WITH joint AS (
    SELECT s.l, s.r, s.kind_no, s.identifier_no, i.degree,
           floor(log2(i.degree - 1))::INTEGER AS degree_bin
    FROM copresence_pairs s
    JOIN kinds k ON k.kind_no = s.kind_no
    JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
    WHERE NOT k.is_declared
),
of_values AS (
    SELECT identifier_no, kind_no, degree_bin, any_value(degree) * (any_value(degree) - 1.0) / 2.0
        AS n_pairs
    FROM joint GROUP BY identifier_no, kind_no, degree_bin
),
held AS (
    SELECT v.kind_no, v.degree_bin, h.account_no, count(DISTINCT h.identifier_no) AS n
    FROM window_incidence h JOIN of_values v ON v.identifier_no = h.identifier_no
    GROUP BY v.kind_no, v.degree_bin, h.account_no
),
as_rare AS (
    SELECT kind_no, degree_bin, account_no,
           sum(n) OVER (PARTITION BY kind_no, account_no ORDER BY degree_bin) AS n
    FROM held
),
rates AS (
    SELECT kind_no, degree_bin, 2.0 * sum(p.n_pairs) OVER rarest / (sum(h.n) OVER rarest) ** 2 AS rate
    FROM (SELECT kind_no, degree_bin, sum(n_pairs)::DOUBLE AS n_pairs FROM of_values GROUP BY ALL) p
    JOIN (SELECT kind_no, degree_bin, sum(n)::DOUBLE AS n FROM held GROUP BY ALL) h
        USING (kind_no, degree_bin)
    WINDOW rarest AS (PARTITION BY kind_no ORDER BY degree_bin)
),
shared AS (
    SELECT l, r, kind_no, degree_bin,
           sum(count(*)) OVER (PARTITION BY l, r, kind_no ORDER BY degree_bin) AS n
    FROM joint GROUP BY l, r, kind_no, degree_bin
),
expected AS (
    SELECT s.l, s.r, s.kind_no, s.degree_bin, (x.n - s.n) * (y.n - s.n) * q.rate AS n
    FROM shared s
    JOIN as_rare x ON x.account_no = s.l AND x.kind_no = s.kind_no AND x.degree_bin = s.degree_bin
    JOIN as_rare y ON y.account_no = s.r AND y.kind_no = s.kind_no AND y.degree_bin = s.degree_bin
    JOIN rates q ON q.kind_no = s.kind_no AND q.degree_bin = s.degree_bin
    WHERE x.n > s.n AND y.n > s.n
)
SELECT l, r, kind_no, degree_bin, (round((-log2(1.0 - exp(-n))) * 1073741824.0) / 1073741824.0) AS most_bits FROM expected

-- make standalone
    SELECT s.l, s.r, s.identifier_no, s.kind_no,
           CASE WHEN o.p_exclusive IS NOT NULL THEN round(greatest(0.0, log2(o.p_exclusive / (1 - o.p_exclusive)) - (-12.0)), 6)
                ELSE least(s.bits, round(coalesce(a.most_bits, s.bits), 6)) END AS bits
    FROM (
    WITH placed AS (
        SELECT u.l, u.r, u.identifier_no, u.kind_no, k.most_bits, (1.0 / (1.0 + pow(2.0, -(u.baseline)))) AS p,
               (1.0 / (1.0 + pow(2.0, -((-12.0) + (log2(greatest(1.0, (SELECT count(*) FROM account_numbers) / i.degree::DOUBLE)) + 2.0 * log2(greatest(1.0, 32.0 / i.degree::DOUBLE))))))) AS most_among,
               s.is_network, s.listed_bits, s.one_operator, s.among_others, s.one_operator_without,
               s.among_others_without, s.among_share, s.parts_of_one, s.tied_of_one,
               (CASE WHEN coalesce(x.is_tied, false) THEN 1.0 ELSE s.belongs_alone + (s.untied_alone - s.belongs_alone) * coalesce(v.shows, 0.0) END) AS l_alone, (CASE WHEN coalesce(y.is_tied, false) THEN 1.0 ELSE s.belongs_alone + (s.untied_alone - s.belongs_alone) * coalesce(w.shows, 0.0) END) AS r_alone,
               (CASE WHEN coalesce(x.is_tied, false) THEN 1.0 ELSE s.belongs_among + (s.untied_among - s.belongs_among) * coalesce(v.shows, 0.0) END) AS l_among, (CASE WHEN coalesce(y.is_tied, false) THEN 1.0 ELSE s.belongs_among + (s.untied_among - s.belongs_among) * coalesce(w.shows, 0.0) END) AS r_among,
               coalesce(x.is_tied, false) AS l_tied, coalesce(y.is_tied, false) AS r_tied,
               coalesce(a.domain_no <> b.domain_no, false) AS is_of_two,
               coalesce(x.component = y.component, false) AS is_in_part,
               coalesce(x.component = y.component AND x.n_there = 2, false) AS is_part
        FROM baselines u
        JOIN kinds k ON k.kind_no = u.kind_no
        JOIN shared_identifiers i ON i.identifier_no = u.identifier_no
        JOIN states s ON s.identifier_no = u.identifier_no
        LEFT JOIN holder_ties x ON x.identifier_no = u.identifier_no AND x.account_no = u.l
        LEFT JOIN holder_ties y ON y.identifier_no = u.identifier_no AND y.account_no = u.r
        LEFT JOIN untied_holders v ON v.identifier_no = u.identifier_no AND v.account_no = u.l
        LEFT JOIN untied_holders w ON w.identifier_no = u.identifier_no AND w.account_no = u.r
        LEFT JOIN own_domains a ON a.account_no = u.l
        LEFT JOIN own_domains b ON b.account_no = u.r
    ),
    weighed AS (
        SELECT l, r, identifier_no, kind_no, most_bits,
               CASE WHEN is_part THEN (p * one_operator_without) ELSE (p * one_operator) END
                   * CASE WHEN is_of_two THEN 0.05 ELSE 1.0 END AS w_one,
               CASE WHEN is_part THEN ((CASE WHEN is_network THEN 1.0 ELSE (p / (p + (1 - p) * pow(2.0, listed_bits))) END) * among_share * among_others_without) ELSE ((CASE WHEN is_network THEN 1.0 ELSE (p / (p + (1 - p) * pow(2.0, listed_bits))) END) * among_share * among_others) END AS w_among, (1 - p) AS w_public,
               least(most_among, CASE WHEN is_part THEN 0.0
                          WHEN is_in_part THEN 0.5
                          WHEN l_tied AND r_tied AND is_of_two
                              THEN 0.05 * parts_of_one / (0.05 * parts_of_one + 1 - parts_of_one)
                          WHEN l_tied AND r_tied THEN parts_of_one
                          ELSE tied_of_one * l_among * r_among END) AS p_among,
               l_alone * r_alone AS p_alone
        FROM placed
    )
    SELECT l, r, identifier_no, kind_no,
           round(least(most_bits, greatest(0.0,
               log2((w_one * p_alone + w_among * p_among)
                    / (w_one * (1 - p_alone) + w_among * (1 - p_among) + w_public)) - (-12.0))), 6)
               AS bits
    FROM weighed
) s
    JOIN shared_identifiers i ON i.identifier_no = s.identifier_no
    LEFT JOIN activity a ON a.l = s.l AND a.r = s.r AND a.kind_no = s.kind_no
        AND a.degree_bin = floor(log2(i.degree - 1))::INTEGER
    LEFT JOIN overridden o ON o.identifier_no = s.identifier_no

-- arrow
WITH held AS (
    SELECT DISTINCT h.identifier_no, h.account_no,
           CASE WHEN k.facet = 'network' THEN 'network'
                WHEN k.facet = 'client' THEN 'client'
                WHEN k.facet IN ('payment', 'identity') THEN 'card' ELSE 'open' END AS sort
    FROM window_incidence h
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN kinds k ON k.kind_no = i.kind_no
    WHERE NOT (k.facet IN ('payment', 'identity')) OR k.facet = 'payment' AND i.degree <= 5
),
joint AS (
    SELECT x.identifier_no AS by_no, y.identifier_no, count(*) AS n_both,
           any_value(x.sort) = 'card' AS is_by_card
    FROM held x JOIN held y ON y.account_no = x.account_no
    WHERE x.sort = 'network' AND y.sort IN ('client', 'open')
       OR x.sort IN ('client', 'card') AND y.sort = 'open'
    GROUP BY x.identifier_no, y.identifier_no HAVING count(*) > 1
)
SELECT j.identifier_no, j.by_no, i.degree AS n, j.n_both,
       y.degree::DOUBLE / (SELECT count(*) FROM account_numbers) AS share
FROM joint j
JOIN shared_identifiers i ON i.identifier_no = j.by_no
JOIN shared_identifiers y ON y.identifier_no = j.identifier_no
WHERE 2 * j.n_both > i.degree AND (NOT j.is_by_card OR 2 * j.n_both > y.degree)
ORDER BY j.identifier_no, j.by_no

-- make determined
SELECT * FROM arriving

-- make settable
SELECT b.l, b.r, d.identifier_no, min(d.most_bits) AS most_bits, max(b.bits) AS network_bits
FROM determined d JOIN standalone b ON b.identifier_no = d.by_no
GROUP BY b.l, b.r, d.identifier_no

-- make exclusivity_bits
WITH ranked AS (
    SELECT s.l, s.r, s.identifier_no, d.most_bits, d.network_bits,
           row_number() OVER (PARTITION BY s.l, s.r
                              ORDER BY least(s.bits, d.most_bits) DESC, s.identifier_no) AS place
    FROM settable d
    JOIN standalone s ON s.l = d.l AND s.r = d.r AND s.identifier_no = d.identifier_no
)
SELECT s.l, s.r, s.identifier_no, s.kind_no,
       round(CASE WHEN d.l IS NULL THEN s.bits
                  ELSE greatest(s.bits - d.network_bits,
                                CASE WHEN d.place = 1 THEN least(s.bits, d.most_bits) ELSE 0.0 END)
             END, 6) AS bits
FROM standalone s
LEFT JOIN ranked d ON d.l = s.l AND d.r = s.r AND d.identifier_no = s.identifier_no

-- make exclusivity
SELECT p.identifier_no, coalesce(o.p_exclusive, p.baseline) AS baseline, p.n_holders, p.n_tied,
       coalesce(o.p_exclusive, p.p_exclusive) AS p_exclusive
FROM estimated p LEFT JOIN overridden o ON o.identifier_no = p.identifier_no

-- rows
SELECT count(*) FROM exclusivity WHERE n_tied > 1

-- rows
DESCRIBE exclusivity

-- rows
SELECT identifier_no FROM exclusivity GROUP BY identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(baseline IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(baseline IS NULL OR (baseline >= 0 AND baseline <= 1 AND isfinite(baseline)), false)), count(*) FILTER (WHERE NOT coalesce(n_holders IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_tied IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NULL OR (p_exclusive >= 0 AND p_exclusive <= 1 AND isfinite(p_exclusive)), false)) FROM exclusivity

-- rows
DESCRIBE exclusivity_bits

-- rows
SELECT l, r, identifier_no FROM exclusivity_bits GROUP BY l, r, identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)) FROM exclusivity_bits

-- rows
DESCRIBE exclusivity_shares

-- rows
SELECT kind_no, degree_bin FROM exclusivity_shares GROUP BY kind_no, degree_bin HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(degree_bin IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(among_others IS NOT NULL, false)) FROM exclusivity_shares

-- rows
DESCRIBE tied_shares

-- rows
SELECT share FROM tied_shares GROUP BY share HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(share IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(weight IS NOT NULL, false)) FROM tied_shares

-- rows
SELECT kind FROM kinds ORDER BY kind_no

-- arrow
SELECT kind_no, degree_bin, among_others FROM exclusivity_shares ORDER BY ALL

-- arrow
SELECT share, weight FROM tied_shares ORDER BY ALL

-- rows
SELECT count(*) FROM exclusivity
