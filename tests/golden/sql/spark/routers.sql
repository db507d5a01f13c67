-- rows
SELECT DISTINCT
  `label`
FROM `identifier_labels`
WHERE
  `label_type` = 'router'
ORDER BY
  1 NULLS LAST

-- make derived_names
SELECT
  *
FROM `arriving`

-- make new_values
SELECT DISTINCT
  `d`.`kind`,
  `d`.`value`
FROM `added_values` AS `o`
JOIN `identifier_labels` AS `l`
  ON `l`.`kind` = `o`.`kind` AND `l`.`value` = `o`.`value`
JOIN `derived_names` AS `d`
  ON `d`.`raw` = `l`.`label`
WHERE
  `o`.`kind` = 'ip'
  AND `l`.`label_type` = 'router'
  AND NOT EXISTS(
    SELECT
      1
    FROM `added_values` AS `k`
    WHERE
      `k`.`kind` = `d`.`kind` AND `k`.`value` = `d`.`value`
  )

-- append added_values
SELECT
  0,
  CAST((
    `x`.`last_no` + CAST(ROW_NUMBER() OVER (ORDER BY `n`.`kind` NULLS LAST, `n`.`value` NULLS LAST) AS BIGINT)
  ) AS INT),
  `n`.`kind`,
  `n`.`value`
FROM `new_values` AS `n`
CROSS JOIN (
  SELECT
    MAX(`value_no`) AS `last_no`
  FROM `added_values`
) AS `x`

-- make derived_numbers
SELECT
  `r`.`value_no`,
  `v`.`value_no` AS `derived_no`
FROM (
  SELECT
    `o`.`value_no`,
    `d`.`kind`,
    `d`.`value`
  FROM `added_values` AS `o`
  JOIN `identifier_labels` AS `l`
    ON `l`.`kind` = `o`.`kind` AND `l`.`value` = `o`.`value`
  JOIN `derived_names` AS `d`
    ON `d`.`raw` = `l`.`label`
  WHERE
    `o`.`kind` = 'ip' AND `l`.`label_type` = 'router'
) AS `r`
JOIN `added_values` AS `v`
  ON `v`.`kind` = `r`.`kind` AND `v`.`value` = `r`.`value`

-- rows
SELECT
  COUNT(*)
FROM (
  SELECT
    *
  FROM `sightings`
  WHERE
    `value_no` IN (
      SELECT
        `value_no`
      FROM `added_values`
      WHERE
        `kind` = 'router'
    )
)

-- make derived
SELECT
  `account_no`,
  `value_no`,
  `seen_at`,
  CAST(SUM(`n`) AS BIGINT) AS `n`
FROM (
  SELECT
    `s`.`account_no`,
    `d`.`derived_no` AS `value_no`,
    `s`.`seen_at`,
    `s`.`n`
  FROM `sightings` AS `s`
  JOIN `derived_numbers` AS `d`
    ON `d`.`value_no` = `s`.`value_no`
)
GROUP BY
  `account_no`,
  `value_no`,
  `seen_at`

-- append sightings
SELECT
  *
FROM `derived`

-- append incidence
SELECT
  `account_no`,
  `value_no`,
  MIN(`seen_at`) AS `first_seen`,
  MAX(`seen_at`) AS `last_seen`,
  CAST(SUM(`n`) AS BIGINT) AS `n`,
  COUNT(*) AS `n_rows`,
  COUNT(`seen_at`) AS `n_timed`
FROM `derived`
GROUP BY
  `account_no`,
  `value_no`

-- rows
SELECT
  COUNT(*),
  COUNT(DISTINCT `account_no`),
  COUNT(DISTINCT `value_no`)
FROM `derived`

-- make observed_values
SELECT
  CAST((
    CAST(ROW_NUMBER() OVER (ORDER BY `kind` NULLS LAST, `value` NULLS LAST) AS BIGINT)
  ) AS INT) AS `place`,
  *
FROM (
  SELECT
    `value_no`,
    `kind`,
    `value`
  FROM `added_values`
)

-- rows
DESCRIBE `input_accounts`

-- make accounts
SELECT
  `a`.`account_id`,
  `a`.`created_at`,
  `a`.`closed_at`,
  `a`.`status`,
  `a`.`is_abuse`,
  COALESCE(`h`.`first_seen`, `a`.`first_seen`) AS `first_seen`,
  COALESCE(`h`.`last_seen`, `a`.`last_seen`) AS `last_seen`,
  COALESCE(`h`.`n`, `a`.`n`) AS `n`,
  COALESCE(`h`.`n_identifiers`, `a`.`n_identifiers`) AS `n_identifiers`,
  `a`.`country`,
  `a`.`plan`
FROM `input_accounts` AS `a`
LEFT JOIN (
  SELECT
    `a`.`account_id`,
    `h`.`first_seen`,
    `h`.`last_seen`,
    `h`.`n`,
    `h`.`n_identifiers`
  FROM (
    SELECT
      `account_no`,
      MIN(`first_seen`) AS `first_seen`,
      MAX(`last_seen`) AS `last_seen`,
      CAST(SUM(`n`) AS BIGINT) AS `n`,
      COUNT(*) AS `n_identifiers`
    FROM `incidence`
    GROUP BY
      `account_no`
  ) AS `h`
  JOIN `account_numbers` AS `a`
    ON `a`.`account_no` = `h`.`account_no`
) AS `h`
  ON `h`.`account_id` = `a`.`account_id`

-- define observations
SELECT
  `a`.`account_id`,
  `v`.`kind`,
  `v`.`value`,
  `s`.`seen_at`,
  `s`.`n`
FROM `sightings` AS `s`
JOIN `account_numbers` AS `a`
  ON `a`.`account_no` = `s`.`account_no`
JOIN `observed_values` AS `v`
  ON `v`.`value_no` = `s`.`value_no`

-- rows
DESCRIBE `observations`

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n` IS NULL OR (
      `n` >= 1
    ), FALSE))
FROM `observations`

-- rows
DESCRIBE `accounts`

-- rows
SELECT
  `account_id`
FROM `accounts`
GROUP BY
  `account_id`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n` IS NULL OR (
      `n` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_identifiers` IS NULL OR (
      `n_identifiers` >= 0
    ), FALSE))
FROM `accounts`

-- rows
DESCRIBE `sightings`

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n` IS NULL, FALSE))
FROM `sightings`

-- rows
DESCRIBE `incidence`

-- rows
SELECT
  `account_no`,
  `value_no`
FROM `incidence`
GROUP BY
  `account_no`,
  `value_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_rows` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_timed` IS NULL, FALSE))
FROM `incidence`

-- rows
DESCRIBE `observed_values`

-- rows
SELECT
  `value_no`
FROM `observed_values`
GROUP BY
  `value_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `place` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE))
FROM `observed_values`

-- rows
DESCRIBE `identifier_labels`

-- rows
SELECT
  `value`
FROM `identifier_labels`
GROUP BY
  `value`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE))
FROM `identifier_labels`

-- rows
SELECT
  COUNT(*)
FROM `sightings`
