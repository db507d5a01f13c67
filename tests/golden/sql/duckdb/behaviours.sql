-- make behaviours
SELECT 0::INTEGER AS l, 0::INTEGER AS r, '' AS behaviour, 0.0::DOUBLE AS bits, 0::BIGINT AS n_events, 0.0::DOUBLE AS p_value, 0::BIGINT AS first_s, 0::BIGINT AS last_s, 0::INTEGER AS at_no WHERE false

-- make moments
SELECT s.account_no, epoch(s.seen_at)::BIGINT AS s,
       bool_or(NOT coalesce(k.facet IN ('payment', 'identity'), v.kind IN ('payment', 'email', 'email_domain', 'phone', 'api_key')) OR v.kind = 'api_key') AS is_request
FROM sightings s
JOIN observed_values v ON v.value_no = s.value_no
LEFT JOIN kinds k ON k.kind = v.kind
WHERE s.seen_at IS NOT NULL GROUP BY ALL

-- rows
SELECT count(*), avg((s % 60 = 0)::INTEGER)::DOUBLE, avg((s % 3600 = 0)::INTEGER)::DOUBLE, avg((s % 86400 = 0)::INTEGER)::DOUBLE FROM moments

-- make starts
SELECT account_no, s FROM moments WHERE is_request QUALIFY coalesce(s - lag(s) OVER (PARTITION BY account_no ORDER BY s) >= 600, true)

-- rows
SELECT count(*) FROM starts

-- arrow
SELECT account_no, s FROM starts

-- rows
SELECT max(account_no) FROM account_numbers

-- rows
SELECT sum(n * n)::DOUBLE / pow(sum(n)::DOUBLE, 2) FROM (SELECT count(*) AS n FROM starts GROUP BY s // 600)

-- make sketch_sizes
SELECT * FROM arriving

-- make keys
SELECT * FROM arriving

-- make key_sizes
SELECT key, count(*) AS n FROM keys GROUP BY key

-- make key_pairs
WITH small AS (SELECT k.key, k.account_no FROM keys k JOIN key_sizes n ON n.key = k.key AND n.n <= 24), large AS (SELECT k.key, k.account_no FROM keys k JOIN key_sizes n ON n.key = k.key AND n.n > 24)
SELECT x.account_no AS l, y.account_no AS r
FROM small x JOIN small y ON x.key = y.key AND x.account_no < y.account_no
UNION ALL SELECT least(x, y), greatest(x, y) FROM (SELECT key, account_no AS x, lead(account_no, 1) OVER shuffle AS y FROM large WINDOW shuffle AS (PARTITION BY key ORDER BY ((account_no) * 2654435761 + key % 4294967291) % 4294967291, account_no) UNION ALL SELECT key, account_no AS x, lead(account_no, 2) OVER shuffle AS y FROM large WINDOW shuffle AS (PARTITION BY key ORDER BY ((account_no) * 2654435761 + key % 4294967291) % 4294967291, account_no) UNION ALL SELECT key, account_no AS x, lead(account_no, 3) OVER shuffle AS y FROM large WINDOW shuffle AS (PARTITION BY key ORDER BY ((account_no) * 2654435761 + key % 4294967291) % 4294967291, account_no) UNION ALL SELECT key, account_no AS x, lead(account_no, 4) OVER shuffle AS y FROM large WINDOW shuffle AS (PARTITION BY key ORDER BY ((account_no) * 2654435761 + key % 4294967291) % 4294967291, account_no)) WHERE y IS NOT NULL

-- make promising_pairs
WITH shared AS (SELECT l, r, count(*) AS n_keys FROM key_pairs GROUP BY l, r),
counted AS (
    SELECT s.l, s.r, s.n_keys, x.n * y.n * 0.# AS mean,
           floor((1 + sqrt(1 + 8 * n_keys)) / 2) AS n
    FROM shared s JOIN sketch_sizes x ON x.account_no = s.l JOIN sketch_sizes y ON y.account_no = s.r
)
SELECT l, r, n_keys FROM counted
WHERE n >= 3 AND n > mean
  AND n * ln(mean) - mean - lgamma(n + 1) - ln(1 - mean / (n + 1)) < -0.#

-- rows
SELECT count(*) FROM promising_pairs

-- make candidate_pairs
SELECT l, r FROM (
    SELECT l, r, least(row_number() OVER (PARTITION BY l ORDER BY n_keys DESC, r),
                       row_number() OVER (PARTITION BY r ORDER BY n_keys DESC, l)) AS place
    FROM promising_pairs
) ORDER BY place, l, r LIMIT 500000

-- arrow
SELECT l, r FROM candidate_pairs

-- make in_lockstep
SELECT * FROM arriving

-- arrow
WITH totals AS (
    SELECT h.account_no, i.kind_no, sum(h.n) AS n_kind
    FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    GROUP BY h.account_no, i.kind_no
),
theirs AS (
    SELECT h.identifier_no, h.account_no, sum(h.n) AS n
    FROM window_incidence h SEMI JOIN in_lockstep l ON l.account_no = h.account_no
    GROUP BY h.identifier_no, h.account_no
),
wanted AS (
    SELECT i.identifier_no, i.kind_no, i.degree > 1000 AS is_large
    FROM theirs h
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    JOIN totals t ON t.account_no = h.account_no AND t.kind_no = i.kind_no
    WHERE h.n >= 0.2 * t.n_kind
    GROUP BY i.identifier_no, i.kind_no, i.degree
    HAVING count(*) >= 3 AND i.degree <= 100 * count(*)
),
holdings AS (
    SELECT h.identifier_no, h.account_no, w.is_large
    FROM window_incidence h
    JOIN wanted w ON w.identifier_no = h.identifier_no
    JOIN totals t ON t.account_no = h.account_no AND t.kind_no = w.kind_no
    GROUP BY h.identifier_no, h.account_no, w.is_large, t.n_kind
    HAVING sum(h.n) >= 0.2 * t.n_kind
),
draws AS (
    SELECT a.account_no, (1 * (strpos('0123456789abcdef', substr(md5(a.account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(a.account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(a.account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(a.account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(a.account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(a.account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(a.account_id), 7, 1)) - 1))::BIGINT AS draw
    FROM account_numbers a
    SEMI JOIN (SELECT account_no FROM holdings WHERE is_large) h ON h.account_no = a.account_no
)
SELECT h.identifier_no, h.account_no, CASE WHEN h.is_large THEN
           row_number() OVER (PARTITION BY h.identifier_no ORDER BY d.draw, h.account_no) ELSE 0
       END AS place
FROM holdings h LEFT JOIN draws d ON d.account_no = h.account_no
ORDER BY h.identifier_no, h.account_no

-- make in_lockstep
SELECT * FROM arriving

-- arrow
WITH seen AS (
    SELECT s.account_no, epoch(s.seen_at)::BIGINT AS s, s.value_no
    FROM sightings s
    JOIN observed_values v ON v.value_no = s.value_no
    JOIN kinds k ON k.kind = v.kind AND k.facet = 'network'
    WHERE s.seen_at IS NOT NULL
),
kept AS (
    SELECT e.value_no FROM seen e SEMI JOIN in_lockstep l ON l.account_no = e.account_no
    GROUP BY e.value_no HAVING count(DISTINCT e.account_no) >= 2
)
SELECT e.account_no, e.s, e.place FROM (
    SELECT DISTINCT e.account_no, e.s, e.value_no,
           coalesce(k.value_no, -1)::BIGINT AS place
    FROM seen e
    JOIN starts t ON t.account_no = e.account_no AND t.s = e.s
    LEFT JOIN kept k ON k.value_no = e.value_no
    LEFT JOIN in_lockstep l ON l.account_no = e.account_no
    WHERE k.value_no IS NOT NULL OR l.account_no IS NOT NULL
) e
ORDER BY e.account_no, e.s, place

-- make arrived
SELECT * FROM arriving

-- append behaviours
SELECT l::INTEGER, r::INTEGER, 'lockstep', round(bits, 6), n_events::BIGINT, p_value, first_s::BIGINT, last_s::BIGINT, NULL::INTEGER FROM arrived ORDER BY l, r

-- make arrived
SELECT * FROM arriving

-- append behaviours
SELECT l::INTEGER, r::INTEGER, 'crew_beat', round(bits, 6), n_events::BIGINT, p_value, first_s::BIGINT, last_s::BIGINT, NULL::INTEGER FROM arrived ORDER BY l, r

-- rows
SELECT count(closed_at) FROM accounts

-- make spans
WITH born AS (
    SELECT a.account_no, epoch(c.closed_at)::BIGINT AS end_s,
           coalesce(epoch(c.created_at)::BIGINT,
                    CASE WHEN m.first_s > b.s + 259200 THEN m.first_s END) AS given_birth_s,
           b.s AS begin_s
    FROM (SELECT account_no, min(s) AS first_s, max(s) AS last_s, count(*) AS n FROM moments GROUP BY ALL) m
    JOIN account_numbers a ON a.account_no = m.account_no
    JOIN accounts c ON c.account_id = a.account_id
    CROSS JOIN (SELECT min(s) AS s FROM moments) b
)
SELECT account_no, end_s, given_birth_s,
       CASE WHEN given_birth_s >= begin_s THEN given_birth_s END AS birth_s
FROM born

-- make stays
SELECT h.identifier_no, h.account_no, min(h.first_s) AS first_s, max(h.last_s) AS last_s
FROM window_incidence h JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
WHERE i.degree <= 2048 AND h.first_s IS NOT NULL
GROUP BY h.identifier_no, h.account_no

-- make births
SELECT t.identifier_no, t.account_no, p.birth_s FROM stays t JOIN spans p ON p.account_no = t.account_no JOIN shared_identifiers i ON i.identifier_no = t.identifier_no JOIN kinds k ON k.kind_no = i.kind_no AND k.facet IN ('network', 'payment', 'identity', 'client') WHERE t.first_s - p.birth_s BETWEEN -3600 AND 259200

-- make replaced_births
WITH resources AS (
    SELECT t.identifier_no, max(t.last_s) - min(t.first_s) AS span,
           count(DISTINCT p.end_s) FILTER (WHERE p.end_s - t.last_s <= 2592000) AS n_ended
    FROM stays t JOIN spans p ON p.account_no = t.account_no
    GROUP BY t.identifier_no
    HAVING count(p.end_s) FILTER (WHERE p.end_s - t.last_s <= 2592000) > 0
),
sizes AS (SELECT identifier_no, count(*) AS n FROM births GROUP BY identifier_no)
SELECT row_number() OVER (ORDER BY b.identifier_no, b.birth_s, b.account_no) - 1 AS birth,
       b.identifier_no, b.account_no, b.birth_s, u.span, u.n_ended,
       (i.kind = 'ip_prefix')::INTEGER AS is_wide
FROM births b
JOIN shared_identifiers i ON i.identifier_no = b.identifier_no
JOIN resources u ON u.identifier_no = b.identifier_no
JOIN sizes n ON n.identifier_no = b.identifier_no
            AND n.n * 86400 <= greatest(u.span, 86400) * 4

-- arrow
SELECT t.account_no AS ended, b.account_no AS born, greatest(b.birth_s - p.end_s, 0) AS delay,
       p.end_s, coalesce(c.is_abuse, true)::INTEGER AS is_abuse, b.birth
FROM stays t
JOIN spans p ON p.account_no = t.account_no AND p.end_s - t.last_s <= 2592000
JOIN account_numbers a ON a.account_no = t.account_no
JOIN accounts c ON c.account_id = a.account_id
JOIN replaced_births b ON b.identifier_no = t.identifier_no AND b.account_no <> t.account_no
                      AND b.birth_s BETWEEN p.end_s - 3600 AND p.end_s + 259200
ORDER BY b.birth, t.account_no

-- arrow
SELECT account_no, identifier_no, birth_s, span, n_ended, is_wide FROM replaced_births ORDER BY birth

-- rows
SELECT count(closed_at) FROM accounts

-- arrow
SELECT birth_s FROM spans WHERE birth_s IS NOT NULL

-- make arrived
SELECT * FROM arriving

-- append behaviours
SELECT l::INTEGER, r::INTEGER, 'succession', round(bits, 6), n_events::BIGINT, p_value, first_s::BIGINT, last_s::BIGINT, at_no::INTEGER FROM arrived ORDER BY l, r

-- rows
SELECT count(closed_at) FROM accounts

-- make replaced_places
SELECT * FROM arriving

-- arrow
SELECT t.identifier_no, t.account_no, (c.closed_at IS NOT NULL AND coalesce(c.is_abuse, true))::INTEGER AS is_banned,
       coalesce(epoch(c.closed_at)::BIGINT, 0) AS closed_s
FROM stays t
JOIN replaced_places p ON p.identifier_no = t.identifier_no
JOIN shared_identifiers i ON i.identifier_no = t.identifier_no AND i.kind <> 'ip_prefix'
JOIN kinds k ON k.kind_no = i.kind_no AND k.facet IN ('network', 'client')
JOIN account_numbers a ON a.account_no = t.account_no
JOIN accounts c ON c.account_id = a.account_id
ORDER BY t.identifier_no, t.account_no

-- rows
SELECT count(*) FROM accounts c WHERE (c.closed_at IS NOT NULL AND coalesce(c.is_abuse, true))

-- rows
SELECT count(*) FROM accounts

-- make arrived
SELECT * FROM arriving

-- append behaviours
SELECT l::INTEGER, r::INTEGER, 'replacement', round(bits, 6), n_events::BIGINT, p_value, first_s::BIGINT, last_s::BIGINT, at_no::INTEGER FROM arrived ORDER BY l, r

-- make resource_costs
SELECT identifier_no, degree FROM (
    SELECT i.identifier_no, i.degree,
           sum(i.degree * (i.degree - 1) / 2) OVER (ORDER BY i.degree, i.identifier_no) AS n_pairs
    FROM shared_identifiers i SEMI JOIN stays t ON t.identifier_no = i.identifier_no
    WHERE i.degree <= 128
) WHERE n_pairs <= 1000000

-- make resource_pairs
SELECT x.account_no AS l, y.account_no AS r,
       arg_min(x.identifier_no, c.degree * 4294967296 + x.identifier_no) AS identifier_no
FROM stays x JOIN resource_costs c ON c.identifier_no = x.identifier_no
JOIN stays y ON y.identifier_no = x.identifier_no AND x.account_no < y.account_no
GROUP BY x.account_no, y.account_no

-- arrow
SELECT l, r FROM resource_pairs ORDER BY l, r

-- make arrived
SELECT * FROM arriving

-- append behaviours
SELECT l::INTEGER, r::INTEGER, 'load_balancing', round(bits, 6), n_events::BIGINT, p_value, first_s::BIGINT, last_s::BIGINT, NULL::INTEGER FROM arrived ORDER BY l, r

-- rows
SELECT count(created_at) FROM accounts

-- arrow
WITH days AS (SELECT given_birth_s // 86400 AS day, count(*) AS n FROM spans
              WHERE given_birth_s IS NOT NULL GROUP BY ALL),
weeks AS (SELECT x.day, sum(y.n) AS n FROM days x JOIN days y
          ON y.day BETWEEN x.day - 7 AND x.day + 6 GROUP BY x.day),
born AS (SELECT t.identifier_no, t.account_no, p.given_birth_s AS s FROM stays t
         JOIN spans p ON p.account_no = t.account_no AND p.given_birth_s IS NOT NULL
         SEMI JOIN resource_pairs u ON u.identifier_no = t.identifier_no),
there AS (SELECT x.identifier_no, x.account_no, count(*) AS n FROM born x
          JOIN born y ON y.identifier_no = x.identifier_no AND abs(y.s - x.s) <= 604800
          GROUP BY ALL),
sizes AS (SELECT identifier_no, count(*) AS n FROM born GROUP BY identifier_no)
SELECT u.l, u.r, u.identifier_no, abs(x.s - y.s) AS gap, least(x.s, y.s) AS born, w.n AS n_usual,
       (SELECT sum(n) FROM days) AS n_all, t.n - 1 AS n_there, z.n - 1 AS n_accounts
FROM resource_pairs u
JOIN born x ON x.account_no = u.l AND x.identifier_no = u.identifier_no
JOIN born y ON y.account_no = u.r AND y.identifier_no = u.identifier_no
           AND abs(x.s - y.s) <= 259200
JOIN there t ON t.account_no = u.l AND t.identifier_no = u.identifier_no
JOIN sizes z ON z.identifier_no = u.identifier_no
JOIN weeks w ON w.day = x.s // 86400
ORDER BY u.l, u.r

-- make arrived
SELECT * FROM arriving

-- append behaviours
SELECT l::INTEGER, r::INTEGER, 'signup_burst', round(bits, 6), n_events::BIGINT, p_value, first_s::BIGINT, last_s::BIGINT, at_no::INTEGER FROM arrived ORDER BY l, r

-- rows
DESCRIBE behaviours

-- rows
SELECT l, r, behaviour FROM behaviours GROUP BY l, r, behaviour HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(behaviour IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(bits IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_events IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_value IS NULL OR (p_value >= 0 AND p_value <= 1 AND isfinite(p_value)), false)) FROM behaviours

-- rows
SELECT count(*) FROM behaviours
