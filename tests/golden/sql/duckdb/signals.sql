-- make described
WITH sampled AS (
    SELECT account_id FROM account_numbers
    ORDER BY (1 * (strpos('0123456789abcdef', substr(md5(account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(account_id), 7, 1)) - 1))::BIGINT, account_no LIMIT 10000
)
SELECT a.account_id, m.cluster_id, s.account_id IS NOT NULL AS is_sampled
FROM accounts a
LEFT JOIN sampled s ON s.account_id = a.account_id
LEFT JOIN membership m ON m.account_id = a.account_id
WHERE s.account_id IS NOT NULL OR m.cluster_id IS NOT NULL

-- make described_numbers
SELECT a.account_no, a.account_id FROM account_numbers a SEMI JOIN described d ON d.account_id = a.account_id

-- make account_volumes
WITH lead AS (
    SELECT kind FROM (
        SELECT v.kind, sum(h.n_timed) AS n_timed FROM incidence h
        JOIN observed_values v USING (value_no)
        GROUP BY v.kind)
    ORDER BY n_timed DESC, kind LIMIT 1
)
SELECT a.account_id, sum(s.n)::DOUBLE / count(DISTINCT floor(epoch(s.seen_at) / 86400)) AS volume
FROM sightings s
JOIN described_numbers a ON a.account_no = s.account_no
SEMI JOIN (SELECT value_no FROM observed_values SEMI JOIN lead USING (kind)) l USING (value_no)
WHERE s.seen_at IS NOT NULL GROUP BY a.account_id

-- make account_places
WITH places AS (
    SELECT a.account_id, v.kind, v.value, h.n, l.label_type FROM incidence h
    JOIN described_numbers a ON a.account_no = h.account_no
    JOIN observed_values v ON v.value_no = h.value_no
    LEFT JOIN identifier_labels l ON l.kind = v.kind AND l.value = v.value
    WHERE v.kind IN ('ip', 'asn', 'country', 'router')
)
SELECT account_id,
       count(DISTINCT coalesce(nullif(regexp_extract(value, '^.*[.]'), ''),
           nullif(regexp_extract(value, '^([^:]*:){1,3}'), '')))
           FILTER (kind = 'ip')::DOUBLE AS n_prefixes,
       count(*) FILTER (kind = 'asn')::DOUBLE AS n_asns,
       count(*) FILTER (kind = 'country')::DOUBLE AS n_countries,
       count(*) FILTER (kind = 'ip')::DOUBLE AS n_addresses,
       sum(n) FILTER (kind = 'ip')::DOUBLE AS n_ip,
       sum(n) FILTER (kind = 'router')::DOUBLE AS n_router,
       coalesce(sum(n) FILTER (label_type IN ('vpn', 'proxy', 'residential_proxy', 'anonymizer', 'tor')), 0)::DOUBLE AS n_exit,
       arg_max(value, (n, value)) FILTER (kind = 'country') AS country
FROM places GROUP BY account_id

-- rows
DESCRIBE accounts

-- make account_facts
WITH ended AS (
    SELECT min(epoch(first_seen)) AS begin_s, max(epoch(last_seen)) AS end_s FROM accounts)
SELECT a.account_id, d.cluster_id, d.is_sampled,
       epoch(a.created_at)::BIGINT AS created_s,
       -- A closing that was not for abuse is followed by nobody in particular.
       CASE WHEN coalesce(a.is_abuse, true) THEN epoch(a.closed_at)::BIGINT END AS closed_s,
       v.volume, nullif(s.n_prefixes, 0) AS n_prefixes, nullif(s.n_asns, 0) AS n_asns,
       nullif(s.n_countries, 0) AS n_countries, nullif(s.n_addresses, 0) AS n_addresses,
       CASE WHEN s.n_ip > 0 AND (SELECT count(*) FROM observed_values WHERE kind = 'router') > 0
            THEN least(1.0, coalesce(s.n_router, 0) / s.n_ip) END AS share_router,
       CASE WHEN s.n_ip > 0
                 AND (SELECT count(*) FROM identifier_labels WHERE label_type IN ('vpn', 'proxy', 'residential_proxy', 'anonymizer', 'tor')) > 0
            THEN s.n_exit / s.n_ip END AS share_exits,
       CASE WHEN upper(trim(a.country::VARCHAR)) IS NOT NULL AND s.country IS NOT NULL
            THEN (upper(trim(a.country::VARCHAR)) <> s.country)::INTEGER::DOUBLE END AS share_abroad,
       -- Before the data begin, the first use of an account is not known.
       CASE WHEN epoch(a.created_at) >= e.begin_s
            THEN greatest(0.0, epoch(a.first_seen) - epoch(a.created_at)) / 86400.0 END
            AS days_to_first_use,
       CASE WHEN (SELECT count(*) FROM accounts WHERE status IS NOT NULL OR closed_at IS NOT NULL) > 0
            THEN (a.closed_at IS NOT NULL)::INTEGER::DOUBLE END AS share_closed,
       a.is_abuse::INTEGER::DOUBLE AS share_closed_for_abuse,
       CASE WHEN a.created_at IS NOT NULL AND e.end_s IS NOT NULL
            THEN (epoch(a.created_at) > e.end_s - 7 * 86400)::INTEGER::DOUBLE END
            AS share_new
FROM accounts a JOIN described d ON d.account_id = a.account_id
LEFT JOIN account_places s ON s.account_id = a.account_id
LEFT JOIN account_volumes v ON v.account_id = a.account_id CROSS JOIN ended e

-- make placed
SELECT * EXCLUDE (is_sampled) FROM account_facts WHERE cluster_id IS NOT NULL

-- make successions
WITH closings AS (SELECT cluster_id, account_id, closed_s FROM placed WHERE closed_s IS NOT NULL),
nexts AS (
    SELECT cluster_id, closed_s,
           lead(closed_s) OVER (PARTITION BY cluster_id ORDER BY closed_s, account_id)
               - closed_s AS gap
    FROM closings
),
covered AS (
    SELECT n.cluster_id, w.signal, w.width, sum(least(w.width, coalesce(n.gap, w.width))) AS seconds
    FROM nexts n CROSS JOIN (SELECT 'successors_6h' AS signal, 21600 AS width UNION ALL SELECT 'successors_3d' AS signal, 259200 AS width) w GROUP BY n.cluster_id, w.signal, w.width
),
span AS (
    SELECT min(epoch(closed_at)) FILTER (coalesce(is_abuse, true)) AS first_s,
           max(epoch(last_seen)) AS last_s FROM accounts
),
rate AS (
    SELECT count(*) FILTER (epoch(f.created_at) >= s.first_s)::DOUBLE
           / nullif(count(*), 0) / nullif(any_value(s.last_s - s.first_s), 0) AS per_account_s
    FROM accounts f CROSS JOIN span s WHERE f.created_at IS NOT NULL
),
moments AS (
    SELECT cluster_id, closed_s, min(account_id) AS first_id, max(account_id) AS last_id
    FROM closings GROUP BY cluster_id, closed_s
),
opened AS (
    SELECT p.cluster_id, p.created_s - c.closed_s AS lag
    FROM placed p ASOF JOIN moments c ON c.cluster_id = p.cluster_id AND p.created_s >= c.closed_s
    WHERE p.created_s IS NOT NULL AND (p.account_id <> c.first_id OR p.account_id <> c.last_id)
),
met AS (
    SELECT o.cluster_id, w.signal, count(*) AS n FROM opened o JOIN (SELECT 'successors_6h' AS signal, 21600 AS width UNION ALL SELECT 'successors_3d' AS signal, 259200 AS width) w ON o.lag <= w.width
    GROUP BY o.cluster_id, w.signal
),
counted AS (SELECT cluster_id, count(created_s) AS n FROM placed GROUP BY cluster_id)
SELECT v.cluster_id, v.signal, v.width, n.n AS n_accounts,
       coalesce(m.n, 0) AS n_observed, n.n * r.per_account_s * v.seconds AS expected
FROM covered v JOIN counted n USING (cluster_id) CROSS JOIN rate r
LEFT JOIN met m ON m.cluster_id = v.cluster_id AND m.signal = v.signal
WHERE n.n > 0

-- make signals
SELECT cluster_id, 'volume' AS signal, median(volume)::DOUBLE AS value, (SELECT median(volume) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(volume)::BIGINT AS n_accounts, 'sightings per account and active day (median)' AS detail FROM placed GROUP BY cluster_id HAVING count(volume) > 0 UNION ALL SELECT cluster_id, 'n_addresses' AS signal, median(n_addresses)::DOUBLE AS value, (SELECT median(n_addresses) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(n_addresses)::BIGINT AS n_accounts, 'addresses per account (median)' AS detail FROM placed GROUP BY cluster_id HAVING count(n_addresses) > 0 UNION ALL SELECT cluster_id, 'n_prefixes' AS signal, median(n_prefixes)::DOUBLE AS value, (SELECT median(n_prefixes) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(n_prefixes)::BIGINT AS n_accounts, 'address prefixes per account (median)' AS detail FROM placed GROUP BY cluster_id HAVING count(n_prefixes) > 0 UNION ALL SELECT cluster_id, 'n_asns' AS signal, median(n_asns)::DOUBLE AS value, (SELECT median(n_asns) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(n_asns)::BIGINT AS n_accounts, 'autonomous systems per account (median)' AS detail FROM placed GROUP BY cluster_id HAVING count(n_asns) > 0 UNION ALL SELECT cluster_id, 'n_countries' AS signal, median(n_countries)::DOUBLE AS value, (SELECT median(n_countries) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(n_countries)::BIGINT AS n_accounts, 'countries per account (median)' AS detail FROM placed GROUP BY cluster_id HAVING count(n_countries) > 0 UNION ALL SELECT cluster_id, 'days_to_first_use' AS signal, median(days_to_first_use)::DOUBLE AS value, (SELECT median(days_to_first_use) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(days_to_first_use)::BIGINT AS n_accounts, 'days from opening to first use (median)' AS detail FROM placed GROUP BY cluster_id HAVING count(days_to_first_use) > 0 UNION ALL SELECT cluster_id, 'share_router' AS signal, avg(share_router)::DOUBLE AS value, (SELECT avg(share_router) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(share_router)::BIGINT AS n_accounts, 'share of sightings that came through routers (mean)' AS detail FROM placed GROUP BY cluster_id HAVING count(share_router) > 0 UNION ALL SELECT cluster_id, 'share_exits' AS signal, avg(share_exits)::DOUBLE AS value, (SELECT avg(share_exits) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(share_exits)::BIGINT AS n_accounts, 'share of sightings at listed VPNs, proxies, residential proxies and Tor (mean)' AS detail FROM placed GROUP BY cluster_id HAVING count(share_exits) > 0 UNION ALL SELECT cluster_id, 'share_abroad' AS signal, avg(share_abroad)::DOUBLE AS value, (SELECT avg(share_abroad) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(share_abroad)::BIGINT AS n_accounts, 'share of accounts whose country is not the one they are mostly seen in' AS detail FROM placed GROUP BY cluster_id HAVING count(share_abroad) > 0 UNION ALL SELECT cluster_id, 'share_closed' AS signal, avg(share_closed)::DOUBLE AS value, (SELECT avg(share_closed) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(share_closed)::BIGINT AS n_accounts, 'share of accounts that are closed' AS detail FROM placed GROUP BY cluster_id HAVING count(share_closed) > 0 UNION ALL SELECT cluster_id, 'share_closed_for_abuse' AS signal, avg(share_closed_for_abuse)::DOUBLE AS value, (SELECT avg(share_closed_for_abuse) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(share_closed_for_abuse)::BIGINT AS n_accounts, 'share of accounts that were closed for abuse' AS detail FROM placed GROUP BY cluster_id HAVING count(share_closed_for_abuse) > 0 UNION ALL SELECT cluster_id, 'share_new' AS signal, avg(share_new)::DOUBLE AS value, (SELECT avg(share_new) FROM account_facts WHERE is_sampled)::DOUBLE AS baseline, count(share_new)::BIGINT AS n_accounts, 'share of accounts opened in the last 7 days of the data' AS detail FROM placed GROUP BY cluster_id HAVING count(share_new) > 0 UNION ALL SELECT cluster_id, signal, n_observed::DOUBLE AS value, expected::DOUBLE AS baseline, n_accounts::BIGINT, 'accounts opened within 6 hours after another of the cluster was closed for abuse (for any reason where none is known); usual: what the overall sign-up rate gives' AS detail FROM successions WHERE signal = 'successors_6h' UNION ALL SELECT cluster_id, signal, n_observed::DOUBLE AS value, expected::DOUBLE AS baseline, n_accounts::BIGINT, 'accounts opened within 72 hours after another of the cluster was closed for abuse (for any reason where none is known); usual: what the overall sign-up rate gives' AS detail FROM successions WHERE signal = 'successors_3d' UNION ALL
   SELECT cluster_id, 'opened_in_one_day' AS signal, max(n)::DOUBLE / any_value(n_accounts) AS value,
          NULL::DOUBLE AS baseline, any_value(n_accounts)::BIGINT AS n_accounts,
          'largest share of its accounts that were opened within one day' AS detail
   FROM (
       SELECT cluster_id, count(*) OVER (PARTITION BY cluster_id ORDER BY created_s
                  RANGE BETWEEN 86400 PRECEDING AND CURRENT ROW) AS n,
              count(*) OVER (PARTITION BY cluster_id) AS n_accounts
       FROM placed WHERE created_s IS NOT NULL)
   GROUP BY cluster_id HAVING any_value(n_accounts) > 2
UNION ALL
   SELECT cluster_id, 'share_burner_domains' AS signal,
          (coalesce(sum(n) FILTER (is_own), 0) - coalesce(max(n) FILTER (is_own), 0))::DOUBLE / sum(n)
              AS value,
          NULL::DOUBLE AS baseline, sum(n)::BIGINT AS n_accounts,
          'share of its accounts under mail domains of its own beyond the most frequent one' AS detail
   FROM (
       WITH mail AS (
           SELECT DISTINCT h.account_no,
                  CASE WHEN v.kind = 'email_domain' THEN v.value
                       WHEN contains(v.value, '@') THEN regexp_extract(v.value, '@(.*)$', 1)
                  END AS domain
           FROM incidence h JOIN observed_values v ON v.value_no = h.value_no
           WHERE v.kind IN ('email', 'email_domain')
       ),
       reach AS (SELECT domain, count(*) AS n FROM mail WHERE domain IS NOT NULL GROUP BY domain)
       SELECT p.cluster_id, m.domain, count(*) AS n,
              any_value(r.n) - count(*) <= 0.1 * any_value(r.n) AS is_own
       FROM mail m JOIN reach r ON r.domain = m.domain
       JOIN described_numbers d ON d.account_no = m.account_no
       JOIN placed p ON p.account_id = d.account_id
       GROUP BY p.cluster_id, m.domain
   ) domains
   GROUP BY cluster_id

-- rows
SELECT signal, count(*) FROM signals GROUP BY signal ORDER BY signal

-- rows
DESCRIBE signals

-- rows
SELECT cluster_id, signal FROM signals GROUP BY cluster_id, signal HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(signal IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NULL OR (isfinite(value)), false)), count(*) FILTER (WHERE NOT coalesce(baseline IS NULL OR (isfinite(baseline)), false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NULL OR (n_accounts >= 1), false)) FROM signals

-- rows
SELECT count(*) FROM signals
