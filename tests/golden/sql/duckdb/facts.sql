-- make compared
WITH members AS (
    SELECT a.account_no, a.account_id, m.cluster_id FROM account_numbers a
    LEFT JOIN membership m ON m.account_id = a.account_id
)
SELECT account_no, cluster_id, 0::BIGINT AS draw FROM members WHERE cluster_id IS NOT NULL
UNION ALL
SELECT account_no, cluster_id, draw FROM (
    SELECT account_no, cluster_id, (1 * (strpos('0123456789abcdef', substr(md5(account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(account_id), 7, 1)) - 1))::BIGINT AS draw FROM members WHERE cluster_id IS NULL
    ORDER BY draw, account_no LIMIT 10000
)

-- make lead_values
WITH lead AS (
    SELECT kind FROM (
        SELECT v.kind, sum(h.n_timed) AS n_timed FROM incidence h
        JOIN observed_values v ON v.value_no = h.value_no GROUP BY v.kind)
    WHERE n_timed > 0 ORDER BY n_timed DESC, kind LIMIT 1
)
SELECT v.value_no FROM observed_values v JOIN lead l ON l.kind = v.kind

-- make lead_span
SELECT min(floor(epoch(h.first_seen))) AS begin_s, max(floor(epoch(h.last_seen))) AS end_s,
       sum(h.n)::BIGINT AS n
FROM incidence h JOIN lead_values v ON v.value_no = h.value_no WHERE h.n_timed > 0

-- make timed_calls
SELECT s.account_no, floor(epoch(s.seen_at))::BIGINT AS at_s, sum(s.n)::BIGINT AS n
FROM sightings s JOIN compared c ON c.account_no = s.account_no
JOIN lead_values v ON v.value_no = s.value_no
WHERE s.seen_at IS NOT NULL GROUP BY s.account_no, floor(epoch(s.seen_at))

-- rows
SELECT begin_s, end_s, n FROM lead_span

-- arrow
SELECT c.account_no, coalesce(c.cluster_id, '') AS cluster_id, c.draw, coalesce(t.n, 0) AS n FROM compared c LEFT JOIN (SELECT account_no, sum(n)::BIGINT AS n FROM timed_calls GROUP BY account_no) t ON t.account_no = c.account_no

-- arrow
WITH days AS (
    SELECT account_no, day_no, sum(n)::BIGINT AS n FROM (
        SELECT account_no, floor((at_s - 1773704503) / 86400.0) AS day_no, n FROM timed_calls)
    GROUP BY account_no, day_no
),
usual AS (SELECT account_no, median(n) AS n FROM days GROUP BY account_no)
SELECT d.account_no,
       sum(CASE WHEN d.day_no < 0 THEN least(d.n, 4.0 * u.n) ELSE 0.0 END) AS first_half,
       sum(CASE WHEN d.day_no < 0 THEN 0.0 ELSE least(d.n, 4.0 * u.n) END) AS last_half
FROM days d JOIN usual u ON u.account_no = d.account_no GROUP BY d.account_no

-- arrow
SELECT account_no, count(gap) AS n_gaps, sum(gap)::DOUBLE AS total, sum(gap * gap)::DOUBLE AS squares
FROM (SELECT account_no, at_s - lag(at_s) OVER (PARTITION BY account_no ORDER BY at_s) AS gap
      FROM timed_calls)
GROUP BY account_no

-- arrow
SELECT account_no, hour, sum(n)::BIGINT AS n FROM (SELECT account_no, (floor(at_s / 3600.0)::BIGINT % 168)::INTEGER AS hour, n FROM timed_calls) GROUP BY account_no, hour

-- rows
SELECT fact, sum(total)::DOUBLE FROM fact_days GROUP BY fact ORDER BY fact

-- rows
SELECT k.fact, k.category, k.category_no, min(h.first_s), count(DISTINCT h.account_no) AS n_accounts FROM fact_hours h JOIN fact_categories k ON k.category_no = h.category_no WHERE h.first_s IS NOT NULL GROUP BY k.fact, k.category, k.category_no ORDER BY n_accounts DESC, k.fact, k.category

-- rows
SELECT category_no, fact, category FROM fact_categories

-- rows
DESCRIBE accounts

-- rows
SELECT count(DISTINCT value) FROM (SELECT account_id, trim("country"::VARCHAR) AS value FROM accounts WHERE length(trim("country"::VARCHAR)) BETWEEN 1 AND 128)

-- arrow
SELECT c.account_no, s.value FROM (SELECT account_id, trim("country"::VARCHAR) AS value FROM accounts WHERE length(trim("country"::VARCHAR)) BETWEEN 1 AND 128) s JOIN account_numbers a ON a.account_id = s.account_id JOIN compared c ON c.account_no = a.account_no

-- rows
SELECT count(DISTINCT value) FROM (SELECT account_id, trim("plan"::VARCHAR) AS value FROM accounts WHERE length(trim("plan"::VARCHAR)) BETWEEN 1 AND 128)

-- arrow
SELECT c.account_no, s.value FROM (SELECT account_id, trim("plan"::VARCHAR) AS value FROM accounts WHERE length(trim("plan"::VARCHAR)) BETWEEN 1 AND 128) s JOIN account_numbers a ON a.account_id = s.account_id JOIN compared c ON c.account_no = a.account_no

-- make facts
SELECT * FROM arriving

-- rows
DESCRIBE facts

-- rows
SELECT cluster_id, measure, fact, category FROM facts GROUP BY cluster_id, measure, fact, category HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(cluster_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(measure IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(fact IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(category IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(measure IS NULL OR measure IN ('calls_per_day', 'share_of_calls', 'growth', 'hours_covered', 'night_share', 'gap_variation', 'moved_share', 'moved_accounts', 'move_spread', 'score_share', 'category_share', 'attribute_share', 'amount_per_day', 'share_of_amount'), false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NULL OR (isfinite(value)), false)), count(*) FILTER (WHERE NOT coalesce(low IS NULL OR (isfinite(low)), false)), count(*) FILTER (WHERE NOT coalesce(high IS NULL OR (isfinite(high)), false)), count(*) FILTER (WHERE NOT coalesce(usual IS NULL OR (isfinite(usual)), false)), count(*) FILTER (WHERE NOT coalesce(usual_low IS NULL OR (isfinite(usual_low)), false)), count(*) FILTER (WHERE NOT coalesce(usual_high IS NULL OR (isfinite(usual_high)), false)), count(*) FILTER (WHERE NOT coalesce(ratio IS NULL OR (ratio >= 0 AND isfinite(ratio)), false)), count(*) FILTER (WHERE NOT coalesce(ratio_low IS NULL OR (ratio_low >= 0 AND isfinite(ratio_low)), false)), count(*) FILTER (WHERE NOT coalesce(ratio_high IS NULL OR (ratio_high >= 0 AND isfinite(ratio_high)), false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NULL OR (n_accounts >= 1), false)), count(*) FILTER (WHERE NOT coalesce(n_usual IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_usual IS NULL OR (n_usual >= 0), false)), count(*) FILTER (WHERE NOT coalesce(detail IS NOT NULL, false)) FROM facts

-- rows
SELECT count(*) FROM facts
