-- make cell_costs
SELECT i.kind_no, c.degree, count(*) AS n_cells, (count(*) * c.degree * (c.degree - 1) / 2)::DOUBLE AS n_pairs FROM blocks c JOIN shared_identifiers i USING (identifier_no) GROUP BY i.kind_no, c.degree

-- make block_limits
WITH costs AS (
    SELECT *, sum(n_pairs) OVER (PARTITION BY kind_no ORDER BY degree) <= greatest(
                  20000000 / (SELECT count(DISTINCT kind_no) FROM cell_costs),
                  2 * sum(n_cells * degree) OVER (PARTITION BY kind_no))
              AND degree <= 128
              AND p_exclusive >= (degree - 1) * 0.005 AS is_within
    FROM cell_costs JOIN kinds USING (kind_no)
)
SELECT kind_no, coalesce(max(degree) FILTER (is_within), 1) AS cap,
       greatest(2048, coalesce(max(degree) FILTER (is_within), 1)) AS most_scored,
       coalesce(sum(n_cells) FILTER (NOT is_within), 0)::BIGINT AS n_blocks_capped,
       coalesce(sum(n_pairs) FILTER (NOT is_within), 0)::BIGINT AS n_pairs_capped
FROM costs GROUP BY kind_no

-- rows
SELECT coalesce(min(first_s), 0), coalesce(max(last_s) - min(first_s), 0) FROM window_incidence

-- make copresence
WITH looked_at AS (
    SELECT c.identifier_no, c.window_no, c.degree::INTEGER AS degree, c.degree > p.cap AS is_common
    FROM blocks c
    JOIN shared_identifiers i ON i.identifier_no = c.identifier_no
    JOIN block_limits p ON p.kind_no = i.kind_no
    WHERE c.degree <= p.most_scored
)
SELECT h.identifier_no, h.window_no, h.account_no, c.degree, c.is_common,
       (h.first_s - 1772410102)::INTEGER AS first_s, (h.last_s - 1772410102)::INTEGER AS last_s
FROM window_incidence h
JOIN looked_at c ON c.identifier_no = h.identifier_no AND c.window_no = h.window_no

-- make account_draws
SELECT account_no, (1 * (strpos('0123456789abcdef', substr(md5(account_id), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(account_id), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(account_id), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(account_id), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(account_id), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(account_id), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(account_id), 7, 1)) - 1))::BIGINT AS draw FROM account_numbers

-- make capped_blocks
SELECT c.identifier_no, arg_max(c.window_no, c.degree * 100000.0 + c.window_no % 100000) AS window_no,
       any_value((1 * (strpos('0123456789abcdef', substr(md5(i.value), 1, 1)) - 1) + 16 * (strpos('0123456789abcdef', substr(md5(i.value), 2, 1)) - 1) + 256 * (strpos('0123456789abcdef', substr(md5(i.value), 3, 1)) - 1) + 4096 * (strpos('0123456789abcdef', substr(md5(i.value), 4, 1)) - 1) + 65536 * (strpos('0123456789abcdef', substr(md5(i.value), 5, 1)) - 1) + 1048576 * (strpos('0123456789abcdef', substr(md5(i.value), 6, 1)) - 1) + 16777216 * (strpos('0123456789abcdef', substr(md5(i.value), 7, 1)) - 1))::BIGINT) AS draw
FROM blocks c JOIN shared_identifiers i USING (identifier_no)
JOIN block_limits p ON p.kind_no = i.kind_no
WHERE c.degree > p.cap AND c.degree <= p.most_scored
GROUP BY c.identifier_no

-- make shuffled
SELECT c.identifier_no, c.account_no, lead(c.account_no, 1) OVER shuffle AS near_1, lead(c.account_no, 2) OVER shuffle AS near_2, lead(c.account_no, 3) OVER shuffle AS near_3, lead(c.account_no, 4) OVER shuffle AS near_4, lead(c.account_no, 5) OVER shuffle AS near_5, lead(c.account_no, 6) OVER shuffle AS near_6, lead(c.account_no, 7) OVER shuffle AS near_7, lead(c.account_no, 8) OVER shuffle AS near_8, lead(c.account_no, 9) OVER shuffle AS near_9, lead(c.account_no, 10) OVER shuffle AS near_10, lead(c.account_no, 11) OVER shuffle AS near_11, lead(c.account_no, 12) OVER shuffle AS near_12
FROM copresence c
JOIN capped_blocks b ON b.identifier_no = c.identifier_no AND b.window_no = c.window_no
JOIN account_draws d ON d.account_no = c.account_no
WINDOW shuffle AS (PARTITION BY c.identifier_no ORDER BY ((d.draw::BIGINT) * 2654435761 + b.draw::BIGINT * 40503) % 4294967291,
                   c.account_no)

-- make shared_sampled
SELECT DISTINCT least(x, y) AS l, greatest(x, y) AS r, identifier_no FROM (SELECT identifier_no, account_no AS x, near_1 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_2 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_3 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_4 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_5 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_6 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_7 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_8 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_9 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_10 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_11 AS y FROM shuffled UNION ALL SELECT identifier_no, account_no AS x, near_12 AS y FROM shuffled) WHERE y IS NOT NULL

-- make candidates
SELECT DISTINCT l, r FROM (
    SELECT x.account_no AS l, y.account_no AS r
    FROM copresence x
    JOIN copresence y ON y.identifier_no = x.identifier_no AND y.window_no = x.window_no
                   AND y.account_no > x.account_no
    WHERE NOT x.is_common AND NOT y.is_common
    UNION ALL SELECT l, r FROM shared_sampled)

-- make copresence_pairs
WITH n_common AS (
    SELECT account_no, count(*) AS n FROM copresence WHERE is_common GROUP BY account_no
),
turned AS (
    SELECT CASE WHEN x.n <= y.n THEN c.l ELSE c.r END AS few,
           CASE WHEN x.n <= y.n THEN c.r ELSE c.l END AS many
    FROM candidates c
    JOIN n_common x ON x.account_no = c.l
    JOIN n_common y ON y.account_no = c.r
),
met AS (
    SELECT x.account_no AS l, y.account_no AS r, x.identifier_no, x.degree, greatest(0, x.first_s - y.last_s, y.first_s - x.last_s) AS lag_s,
           greatest(x.first_s, y.first_s) AS first_s, least(x.last_s, y.last_s) AS last_s
    FROM copresence x
    JOIN copresence y ON y.identifier_no = x.identifier_no AND y.window_no = x.window_no
                   AND y.account_no > x.account_no
    WHERE NOT x.is_common AND NOT y.is_common
    UNION ALL
    SELECT least(c.few, c.many), greatest(c.few, c.many), x.identifier_no, x.degree, greatest(0, x.first_s - y.last_s, y.first_s - x.last_s),
           greatest(x.first_s, y.first_s), least(x.last_s, y.last_s)
    FROM turned c
    JOIN copresence x ON x.account_no = c.few
    JOIN copresence y
      ON y.account_no::BIGINT * 2147483648 + y.identifier_no = c.many::BIGINT * 2147483648 + x.identifier_no
                   AND y.window_no = x.window_no
    WHERE x.is_common AND y.is_common
    UNION ALL SELECT l, r, identifier_no, NULL, NULL, NULL, NULL FROM shared_sampled
),
copresence AS (
    SELECT l, r, identifier_no, count(*) AS n, count(degree) AS n_windows, min(degree) AS degree,
           min(lag_s) AS lag_s, min(first_s) AS first_s, max(last_s) AS last_s
    FROM met GROUP BY l, r, identifier_no
)
SELECT t.l, t.r, t.identifier_no, i.kind_no, t.n_windows::INTEGER AS n_windows, t.degree, t.lag_s,
       t.first_s + 1772410102::BIGINT AS first_s, t.last_s + 1772410102::BIGINT AS last_s,
       t.degree <= p.cap OR t.n > t.n_windows AS is_blocking_value
FROM copresence t
JOIN shared_identifiers i ON i.identifier_no = t.identifier_no
JOIN block_limits p ON p.kind_no = i.kind_no

-- rows
SELECT count(*) FROM candidates

-- rows
SELECT count(*) FROM copresence_pairs

-- rows
SELECT sum(n_blocks_capped)::BIGINT FROM block_limits

-- rows
SELECT sum(n_pairs_capped)::BIGINT FROM block_limits

-- rows
SELECT k.kind, c.kind_no, c.cap, c.n_blocks_capped, c.n_pairs_capped FROM block_limits c JOIN kinds k USING (kind_no) WHERE c.n_blocks_capped > 0 ORDER BY k.kind

-- rows
SELECT i.value, max(c.degree) AS degree FROM blocks c JOIN shared_identifiers i USING (identifier_no) WHERE i.kind_no = 1 AND c.degree > 52 GROUP BY i.value ORDER BY degree DESC, i.value LIMIT 10

-- rows
SELECT i.value, max(c.degree) AS degree FROM blocks c JOIN shared_identifiers i USING (identifier_no) WHERE i.kind_no = 3 AND c.degree > 40 GROUP BY i.value ORDER BY degree DESC, i.value LIMIT 10

-- rows
SELECT i.value, max(c.degree) AS degree FROM blocks c JOIN shared_identifiers i USING (identifier_no) WHERE i.kind_no = 6 AND c.degree > 5 GROUP BY i.value ORDER BY degree DESC, i.value LIMIT 10

-- rows
SELECT i.value, max(c.degree) AS degree FROM blocks c JOIN shared_identifiers i USING (identifier_no) WHERE i.kind_no = 8 AND c.degree > 11 GROUP BY i.value ORDER BY degree DESC, i.value LIMIT 10

-- rows
DESCRIBE copresence_pairs

-- rows
SELECT l, r, identifier_no FROM copresence_pairs GROUP BY l, r, identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_windows IS NOT NULL, false)) FROM copresence_pairs

-- rows
DESCRIBE block_limits

-- rows
SELECT kind_no FROM block_limits GROUP BY kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(cap IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(most_scored IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_blocks_capped IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_pairs_capped IS NOT NULL, false)) FROM block_limits

-- rows
SELECT count(*) FROM copresence_pairs
