-- make compared
WITH `members` AS (
  SELECT
    `a`.`account_no`,
    `a`.`account_id`,
    `m`.`cluster_id`
  FROM `account_numbers` AS `a`
  LEFT JOIN `membership` AS `m`
    ON `m`.`account_id` = `a`.`account_id`
)
SELECT
  `account_no`,
  `cluster_id`,
  CAST(0 AS BIGINT) AS `draw`
FROM `members`
WHERE
  NOT `cluster_id` IS NULL
UNION ALL
SELECT
  `account_no`,
  `cluster_id`,
  `draw`
FROM (
  SELECT
    `account_no`,
    `cluster_id`,
    CAST((
      1 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 1, 1), '0123456789abcdef') - 1
      ) + 16 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 2, 1), '0123456789abcdef') - 1
      ) + 256 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 3, 1), '0123456789abcdef') - 1
      ) + 4096 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 4, 1), '0123456789abcdef') - 1
      ) + 65536 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 5, 1), '0123456789abcdef') - 1
      ) + 1048576 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 6, 1), '0123456789abcdef') - 1
      ) + 16777216 * (
        LOCATE(SUBSTRING(MD5(`account_id`), 7, 1), '0123456789abcdef') - 1
      )
    ) AS BIGINT) AS `draw`
  FROM `members`
  WHERE
    `cluster_id` IS NULL
  ORDER BY
    `draw` NULLS LAST,
    `account_no` NULLS LAST
  LIMIT 10000
)

-- make lead_values
WITH `lead` AS (
  SELECT
    `kind`
  FROM (
    SELECT
      `v`.`kind`,
      SUM(`h`.`n_timed`) AS `n_timed`
    FROM `incidence` AS `h`
    JOIN `observed_values` AS `v`
      ON `v`.`value_no` = `h`.`value_no`
    GROUP BY
      `v`.`kind`
  )
  WHERE
    `n_timed` > 0
  ORDER BY
    `n_timed` DESC,
    `kind` NULLS LAST
  LIMIT 1
)
SELECT
  `v`.`value_no`
FROM `observed_values` AS `v`
JOIN `lead` AS `l`
  ON `l`.`kind` = `v`.`kind`

-- make lead_span
SELECT
  MIN(
    CAST(FLOOR(CAST(UNIX_MICROS(`h`.`first_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS DOUBLE)
  ) AS `begin_s`,
  MAX(
    CAST(FLOOR(CAST(UNIX_MICROS(`h`.`last_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS DOUBLE)
  ) AS `end_s`,
  CAST(SUM(`h`.`n`) AS BIGINT) AS `n`
FROM `incidence` AS `h`
JOIN `lead_values` AS `v`
  ON `v`.`value_no` = `h`.`value_no`
WHERE
  `h`.`n_timed` > 0

-- make timed_calls
SELECT
  `s`.`account_no`,
  CAST(RINT(
    CAST(FLOOR(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS DOUBLE)
  ) AS BIGINT) AS `at_s`,
  CAST(SUM(`s`.`n`) AS BIGINT) AS `n`
FROM `sightings` AS `s`
JOIN `compared` AS `c`
  ON `c`.`account_no` = `s`.`account_no`
JOIN `lead_values` AS `v`
  ON `v`.`value_no` = `s`.`value_no`
WHERE
  NOT `s`.`seen_at` IS NULL
GROUP BY
  `s`.`account_no`,
  CAST(FLOOR(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS DOUBLE)

-- rows
SELECT
  `begin_s`,
  `end_s`,
  `n`
FROM `lead_span`

-- arrow
SELECT
  `c`.`account_no`,
  COALESCE(`c`.`cluster_id`, '') AS `cluster_id`,
  `c`.`draw`,
  COALESCE(`t`.`n`, 0) AS `n`
FROM `compared` AS `c`
LEFT JOIN (
  SELECT
    `account_no`,
    CAST(SUM(`n`) AS BIGINT) AS `n`
  FROM `timed_calls`
  GROUP BY
    `account_no`
) AS `t`
  ON `t`.`account_no` = `c`.`account_no`

-- arrow
WITH `days` AS (
  SELECT
    `account_no`,
    `day_no`,
    CAST(RINT(SUM(`n`)) AS BIGINT) AS `n`
  FROM (
    SELECT
      `account_no`,
      CAST(FLOOR(
        CASE
          WHEN CAST(86400.0 AS DOUBLE) = 0
          THEN CAST((
            `at_s` - 1773704503
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `at_s` - 1773704503
          ) AS DOUBLE) / CAST(86400.0 AS DOUBLE)
        END
      ) AS DOUBLE) AS `day_no`,
      `n`
    FROM `timed_calls`
  )
  GROUP BY
    `account_no`,
    `day_no`
), `usual` AS (
  SELECT
    `account_no`,
    MEDIAN(`n`) AS `n`
  FROM `days`
  GROUP BY
    `account_no`
)
SELECT
  `d`.`account_no`,
  SUM(
    CASE
      WHEN `d`.`day_no` < 0
      THEN LEAST(`d`.`n`, CAST(4.0 AS DOUBLE) * `u`.`n`)
      ELSE CAST(0.0 AS DOUBLE)
    END
  ) AS `first_half`,
  SUM(
    CASE
      WHEN `d`.`day_no` < 0
      THEN CAST(0.0 AS DOUBLE)
      ELSE LEAST(`d`.`n`, CAST(4.0 AS DOUBLE) * `u`.`n`)
    END
  ) AS `last_half`
FROM `days` AS `d`
JOIN `usual` AS `u`
  ON `u`.`account_no` = `d`.`account_no`
GROUP BY
  `d`.`account_no`

-- arrow
SELECT
  `account_no`,
  COUNT(`gap`) AS `n_gaps`,
  CAST(SUM(`gap`) AS DOUBLE) AS `total`,
  CAST(SUM(`gap` * `gap`) AS DOUBLE) AS `squares`
FROM (
  SELECT
    `account_no`,
    `at_s` - LAG(`at_s`) OVER (PARTITION BY `account_no` ORDER BY `at_s` NULLS LAST) AS `gap`
  FROM `timed_calls`
)
GROUP BY
  `account_no`

-- arrow
SELECT
  `account_no`,
  `hour`,
  CAST(SUM(`n`) AS BIGINT) AS `n`
FROM (
  SELECT
    `account_no`,
    CAST((
      CAST(RINT(
        CAST(FLOOR(
          CASE
            WHEN CAST(3600.0 AS DOUBLE) = 0
            THEN CAST(`at_s` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(`at_s` AS DOUBLE) / CAST(3600.0 AS DOUBLE)
          END
        ) AS DOUBLE)
      ) AS BIGINT) % 168
    ) AS INT) AS `hour`,
    `n`
  FROM `timed_calls`
)
GROUP BY
  `account_no`,
  `hour`

-- rows
SELECT
  `fact`,
  CAST(SUM(`total`) AS DOUBLE)
FROM `fact_days`
GROUP BY
  `fact`
ORDER BY
  `fact` NULLS LAST

-- rows
SELECT
  `k`.`fact`,
  `k`.`category`,
  `k`.`category_no`,
  MIN(`h`.`first_s`),
  COUNT(DISTINCT `h`.`account_no`) AS `n_accounts`
FROM `fact_hours` AS `h`
JOIN `fact_categories` AS `k`
  ON `k`.`category_no` = `h`.`category_no`
WHERE
  NOT `h`.`first_s` IS NULL
GROUP BY
  `k`.`fact`,
  `k`.`category`,
  `k`.`category_no`
ORDER BY
  `n_accounts` DESC,
  `k`.`fact` NULLS LAST,
  `k`.`category` NULLS LAST

-- rows
SELECT
  `category_no`,
  `fact`,
  `category`
FROM `fact_categories`

-- rows
DESCRIBE `accounts`

-- rows
SELECT
  COUNT(DISTINCT `value`)
FROM (
  SELECT
    `account_id`,
    TRIM(CAST(`country` AS STRING)) AS `value`
  FROM `accounts`
  WHERE
    CAST(LENGTH(TRIM(CAST(`country` AS STRING))) AS BIGINT) BETWEEN 1 AND 128
)

-- arrow
SELECT
  `c`.`account_no`,
  `s`.`value`
FROM (
  SELECT
    `account_id`,
    TRIM(CAST(`country` AS STRING)) AS `value`
  FROM `accounts`
  WHERE
    CAST(LENGTH(TRIM(CAST(`country` AS STRING))) AS BIGINT) BETWEEN 1 AND 128
) AS `s`
JOIN `account_numbers` AS `a`
  ON `a`.`account_id` = `s`.`account_id`
JOIN `compared` AS `c`
  ON `c`.`account_no` = `a`.`account_no`

-- rows
SELECT
  COUNT(DISTINCT `value`)
FROM (
  SELECT
    `account_id`,
    TRIM(CAST(`plan` AS STRING)) AS `value`
  FROM `accounts`
  WHERE
    CAST(LENGTH(TRIM(CAST(`plan` AS STRING))) AS BIGINT) BETWEEN 1 AND 128
)

-- arrow
SELECT
  `c`.`account_no`,
  `s`.`value`
FROM (
  SELECT
    `account_id`,
    TRIM(CAST(`plan` AS STRING)) AS `value`
  FROM `accounts`
  WHERE
    CAST(LENGTH(TRIM(CAST(`plan` AS STRING))) AS BIGINT) BETWEEN 1 AND 128
) AS `s`
JOIN `account_numbers` AS `a`
  ON `a`.`account_id` = `s`.`account_id`
JOIN `compared` AS `c`
  ON `c`.`account_no` = `a`.`account_no`

-- make facts
SELECT
  *
FROM `arriving`

-- rows
DESCRIBE `facts`

-- rows
SELECT
  `cluster_id`,
  `measure`,
  `fact`,
  `category`
FROM `facts`
GROUP BY
  `cluster_id`,
  `measure`,
  `fact`,
  `category`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `measure` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `fact` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `category` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `measure` IS NULL
      OR `measure` IN (
        'calls_per_day',
        'share_of_calls',
        'growth',
        'hours_covered',
        'night_share',
        'gap_variation',
        'moved_share',
        'moved_accounts',
        'move_spread',
        'score_share',
        'category_share',
        'attribute_share',
        'amount_per_day',
        'share_of_amount'
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`value` IS NULL OR (
      ABS(`value`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`low` IS NULL OR (
      ABS(`low`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`high` IS NULL OR (
      ABS(`high`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`usual` IS NULL OR (
      ABS(`usual`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`usual_low` IS NULL OR (
      ABS(`usual_low`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `usual_high` IS NULL OR (
        ABS(`usual_high`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `ratio` IS NULL
      OR (
        `ratio` >= 0 AND ABS(`ratio`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `ratio_low` IS NULL
      OR (
        `ratio_low` >= 0 AND ABS(`ratio_low`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `ratio_high` IS NULL
      OR (
        `ratio_high` >= 0 AND ABS(`ratio_high`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_accounts` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_accounts` IS NULL OR (
      `n_accounts` >= 1
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_usual` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_usual` IS NULL OR (
      `n_usual` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `detail` IS NULL, FALSE))
FROM `facts`

-- rows
SELECT
  COUNT(*)
FROM `facts`
