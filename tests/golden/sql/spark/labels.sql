-- make given_labels
SELECT
  *
FROM `arriving`

-- make numbered_labels
SELECT
  LEAST(`x`.`account_no`, `y`.`account_no`) AS `l`,
  GREATEST(`x`.`account_no`, `y`.`account_no`) AS `r`,
  CASE `j`.`verdict` WHEN 'yes' THEN TRUE WHEN 'no' THEN FALSE END AS `is_same`
FROM `given_labels` AS `j`
JOIN `account_numbers` AS `x`
  ON `x`.`account_id` = `j`.`account_id_l`
JOIN `account_numbers` AS `y`
  ON `y`.`account_id` = `j`.`account_id_r`
WHERE
  `x`.`account_no` <> `y`.`account_no`

-- make pair_labels
SELECT
  `l`,
  `r`,
  BOOL_AND(`n`.`is_same`) AS `is_same`
FROM `numbered_labels` AS `n`
WHERE
  NOT `n`.`is_same` IS NULL
GROUP BY
  `l`,
  `r`
HAVING
  BOOL_AND(`n`.`is_same`) = BOOL_OR(`n`.`is_same`)

-- rows
SELECT
  COUNT(*)
FROM `pair_labels`

-- rows
SELECT
  COUNT(*)
FROM `given_labels`
WHERE
  `verdict` = 'unsure'

-- rows
SELECT
  COUNT(*)
FROM `numbered_labels`

-- rows
SELECT
  COUNT(*)
FROM (
  SELECT
    `l`,
    `r`
  FROM `numbered_labels`
  GROUP BY
    `l`,
    `r`
  HAVING
    BOOL_AND(`numbered_labels`.`is_same`) <> BOOL_OR(`numbered_labels`.`is_same`)
)

-- rows
SELECT
  COUNT(DISTINCT `u`.`row_no`),
  COUNT(DISTINCT `u`.`account_id`),
  MIN(`u`.`row_no`)
FROM (
  SELECT
    `row_no`,
    `account_id_l` AS `account_id`
  FROM `given_labels`
  UNION ALL
  SELECT
    `row_no`,
    `account_id_r`
  FROM `given_labels`
) AS `u`
LEFT JOIN `account_numbers` AS `a`
  ON `a`.`account_id` = `u`.`account_id`
WHERE
  `a`.`account_id` IS NULL

-- rows
DESCRIBE `pair_labels`

-- rows
SELECT
  `l`,
  `r`
FROM `pair_labels`
GROUP BY
  `l`,
  `r`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `l` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `r` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `is_same` IS NULL, FALSE))
FROM `pair_labels`

-- rows
SELECT
  COUNT(*)
FROM `pair_labels`
