-- make given_labels
SELECT * FROM arriving

-- make numbered_labels
SELECT least(x.account_no, y.account_no) AS l, greatest(x.account_no, y.account_no) AS r,
       CASE j.verdict WHEN 'yes' THEN true WHEN 'no' THEN false END AS is_same
FROM given_labels j
JOIN account_numbers x ON x.account_id = j.account_id_l
JOIN account_numbers y ON y.account_id = j.account_id_r
WHERE x.account_no <> y.account_no

-- make pair_labels
SELECT l, r, bool_and(n.is_same) AS is_same FROM numbered_labels n WHERE n.is_same IS NOT NULL GROUP BY l, r HAVING bool_and(n.is_same) = bool_or(n.is_same)

-- rows
SELECT count(*) FROM pair_labels

-- rows
SELECT count(*) FROM given_labels WHERE verdict = 'unsure'

-- rows
SELECT count(*) FROM numbered_labels

-- rows
SELECT count(*) FROM (SELECT l, r FROM numbered_labels GROUP BY l, r HAVING bool_and(is_same) <> bool_or(is_same))

-- rows
SELECT count(DISTINCT u.row_no), count(DISTINCT u.account_id), min(u.row_no)
FROM (SELECT row_no, account_id_l AS account_id FROM given_labels
      UNION ALL SELECT row_no, account_id_r FROM given_labels) u
LEFT JOIN account_numbers a ON a.account_id = u.account_id
WHERE a.account_id IS NULL

-- rows
DESCRIBE pair_labels

-- rows
SELECT l, r FROM pair_labels GROUP BY l, r HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(l IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(r IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(is_same IS NOT NULL, false)) FROM pair_labels

-- rows
SELECT count(*) FROM pair_labels
