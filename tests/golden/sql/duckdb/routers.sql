-- rows
SELECT DISTINCT label FROM identifier_labels WHERE label_type = 'router' ORDER BY 1

-- make derived_names
SELECT * FROM arriving

-- make new_values
SELECT DISTINCT d.kind, d.value FROM added_values o JOIN identifier_labels l ON l.kind = o.kind AND l.value = o.value JOIN derived_names d ON d.raw = l.label WHERE o.kind = 'ip' AND l.label_type = 'router' AND NOT EXISTS (SELECT 1 FROM added_values k WHERE k.kind = d.kind AND k.value = d.value)

-- append added_values
SELECT 0, (x.last_no + row_number() OVER (ORDER BY n.kind, n.value))::INTEGER, n.kind, n.value FROM new_values n CROSS JOIN (SELECT max(value_no) AS last_no FROM added_values) x

-- make derived_numbers
SELECT r.value_no, v.value_no AS derived_no FROM (SELECT o.value_no, d.kind, d.value FROM added_values o JOIN identifier_labels l ON l.kind = o.kind AND l.value = o.value JOIN derived_names d ON d.raw = l.label WHERE o.kind = 'ip' AND l.label_type = 'router') r JOIN added_values v ON v.kind = r.kind AND v.value = r.value

-- rows
SELECT count(*) FROM (SELECT * FROM sightings WHERE value_no IN (SELECT value_no FROM added_values WHERE kind = 'router'))

-- make derived
SELECT account_no, value_no, seen_at, sum(n)::BIGINT AS n
FROM (
    SELECT s.account_no, d.derived_no AS value_no, s.seen_at, s.n
    FROM sightings s JOIN derived_numbers d ON d.value_no = s.value_no

)
GROUP BY ALL

-- append sightings
SELECT * FROM derived

-- append incidence
SELECT account_no, value_no, min(seen_at) AS first_seen, max(seen_at) AS last_seen, sum(n)::BIGINT AS n, count(*) AS n_rows, count(seen_at) AS n_timed FROM derived GROUP BY account_no, value_no

-- rows
SELECT count(*), count(DISTINCT account_no), count(DISTINCT value_no) FROM derived

-- make observed_values
SELECT (row_number() OVER (ORDER BY kind, value))::INTEGER AS place, * FROM (SELECT value_no, kind, value FROM added_values)

-- rows
DESCRIBE input_accounts

-- make accounts
SELECT a."account_id", a."created_at", a."closed_at", a."status", a."is_abuse", coalesce(h.first_seen, a.first_seen) AS first_seen, coalesce(h.last_seen, a.last_seen) AS last_seen, coalesce(h.n, a.n) AS n, coalesce(h.n_identifiers, a.n_identifiers) AS n_identifiers, a."country", a."plan" FROM input_accounts a LEFT JOIN (
    SELECT a.account_id, h.first_seen, h.last_seen, h.n, h.n_identifiers
    FROM (
        SELECT account_no, min(first_seen) AS first_seen, max(last_seen) AS last_seen,
               sum(n)::BIGINT AS n, count(*) AS n_identifiers
        FROM incidence GROUP BY account_no
    ) h JOIN account_numbers a ON a.account_no = h.account_no
) h USING (account_id)

-- define observations
SELECT a.account_id, v.kind, v.value, s.seen_at, s.n FROM sightings s JOIN account_numbers a ON a.account_no = s.account_no JOIN observed_values v ON v.value_no = s.value_no

-- rows
DESCRIBE observations

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n IS NULL OR (n >= 1), false)) FROM observations

-- rows
DESCRIBE accounts

-- rows
SELECT account_id FROM accounts GROUP BY account_id HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_id IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n IS NULL OR (n >= 0), false)), count(*) FILTER (WHERE NOT coalesce(n_identifiers IS NULL OR (n_identifiers >= 0), false)) FROM accounts

-- rows
DESCRIBE sightings

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n IS NOT NULL, false)) FROM sightings

-- rows
DESCRIBE incidence

-- rows
SELECT account_no, value_no FROM incidence GROUP BY account_no, value_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_rows IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_timed IS NOT NULL, false)) FROM incidence

-- rows
DESCRIBE observed_values

-- rows
SELECT value_no FROM observed_values GROUP BY value_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(value_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(place IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)) FROM observed_values

-- rows
DESCRIBE identifier_labels

-- rows
SELECT value FROM identifier_labels GROUP BY value HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)) FROM identifier_labels

-- rows
SELECT count(*) FROM sightings
