-- make behaviours
SELECT
  CAST(0 AS INT) AS `l`,
  CAST(0 AS INT) AS `r`,
  '' AS `behaviour`,
  CAST(0.0 AS DOUBLE) AS `bits`,
  CAST(0 AS BIGINT) AS `n_events`,
  CAST(0.0 AS DOUBLE) AS `p_value`,
  CAST(0 AS BIGINT) AS `first_s`,
  CAST(0 AS BIGINT) AS `last_s`,
  CAST(0 AS INT) AS `at_no`
WHERE
  FALSE

-- make moments
SELECT
  `s`.`account_no`,
  CAST(RINT(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT) AS `s`,
  BOOL_OR(
    NOT COALESCE(
      `k`.`facet` IN ('payment', 'identity'),
      `v`.`kind` IN ('payment', 'email', 'email_domain', 'phone', 'api_key')
    )
    OR `v`.`kind` = 'api_key'
  ) AS `is_request`
FROM `sightings` AS `s`
JOIN `observed_values` AS `v`
  ON `v`.`value_no` = `s`.`value_no`
LEFT JOIN `kinds` AS `k`
  ON `k`.`kind` = `v`.`kind`
WHERE
  NOT `s`.`seen_at` IS NULL
GROUP BY
  `s`.`account_no`,
  CAST(RINT(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT)

-- rows
SELECT
  COUNT(*),
  CAST(AVG(CAST((
    `s` % 60 = 0
  ) AS INT)) AS DOUBLE),
  CAST(AVG(CAST((
    `s` % 3600 = 0
  ) AS INT)) AS DOUBLE),
  CAST(AVG(CAST((
    `s` % 86400 = 0
  ) AS INT)) AS DOUBLE)
FROM `moments`

-- make starts
SELECT
  `account_no`,
  `s`
FROM (
  SELECT
    `account_no`,
    `s`,
    LAG(`s`) OVER (PARTITION BY `account_no` ORDER BY `s` NULLS LAST) AS `_w`
  FROM `moments`
  WHERE
    `is_request`
) AS `_t`
WHERE
  COALESCE(`s` - `_w` >= 600, TRUE)

-- rows
SELECT
  COUNT(*)
FROM `starts`

-- arrow
SELECT
  `account_no`,
  `s`
FROM `starts`

-- rows
SELECT
  MAX(`account_no`)
FROM `account_numbers`

-- rows
SELECT
  CASE
    WHEN (
      POWER(CAST(SUM(`n`) AS DOUBLE), 2)
    ) = 0
    THEN CAST(SUM(`n` * `n`) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(SUM(`n` * `n`) AS DOUBLE) / CAST(POWER(CAST(SUM(`n`) AS DOUBLE), 2) AS DOUBLE)
  END
FROM (
  SELECT
    COUNT(*) AS `n`
  FROM `starts`
  GROUP BY
    `s` DIV 600
)

-- make sketch_sizes
SELECT
  *
FROM `arriving`

-- make keys
SELECT
  *
FROM `arriving`

-- make key_sizes
SELECT
  `key`,
  COUNT(*) AS `n`
FROM `keys`
GROUP BY
  `key`

-- make key_pairs
WITH `small` AS (
  SELECT
    `k`.`key`,
    `k`.`account_no`
  FROM `keys` AS `k`
  JOIN `key_sizes` AS `n`
    ON `n`.`key` = `k`.`key` AND `n`.`n` <= 24
), `large` AS (
  SELECT
    `k`.`key`,
    `k`.`account_no`
  FROM `keys` AS `k`
  JOIN `key_sizes` AS `n`
    ON `n`.`key` = `k`.`key` AND `n`.`n` > 24
)
SELECT
  `x`.`account_no` AS `l`,
  `y`.`account_no` AS `r`
FROM `small` AS `x`
JOIN `small` AS `y`
  ON `x`.`key` = `y`.`key` AND `x`.`account_no` < `y`.`account_no`
UNION ALL
SELECT
  LEAST(`x`, `y`),
  GREATEST(`x`, `y`)
FROM (
  SELECT
    `key`,
    `account_no` AS `x`,
    LEAD(`account_no`, 1) OVER (
      PARTITION BY `key`
      ORDER BY (
        (
          `account_no`
        ) * 2654435761 + `key` % 4294967291
      ) % 4294967291 NULLS LAST, `account_no` NULLS LAST
    ) AS `y`
  FROM `large`
  UNION ALL
  SELECT
    `key`,
    `account_no` AS `x`,
    LEAD(`account_no`, 2) OVER (
      PARTITION BY `key`
      ORDER BY (
        (
          `account_no`
        ) * 2654435761 + `key` % 4294967291
      ) % 4294967291 NULLS LAST, `account_no` NULLS LAST
    ) AS `y`
  FROM `large`
  UNION ALL
  SELECT
    `key`,
    `account_no` AS `x`,
    LEAD(`account_no`, 3) OVER (
      PARTITION BY `key`
      ORDER BY (
        (
          `account_no`
        ) * 2654435761 + `key` % 4294967291
      ) % 4294967291 NULLS LAST, `account_no` NULLS LAST
    ) AS `y`
  FROM `large`
  UNION ALL
  SELECT
    `key`,
    `account_no` AS `x`,
    LEAD(`account_no`, 4) OVER (
      PARTITION BY `key`
      ORDER BY (
        (
          `account_no`
        ) * 2654435761 + `key` % 4294967291
      ) % 4294967291 NULLS LAST, `account_no` NULLS LAST
    ) AS `y`
  FROM `large`
)
WHERE
  NOT `y` IS NULL

-- make promising_pairs
WITH `shared` AS (
  SELECT
    `l`,
    `r`,
    COUNT(*) AS `n_keys`
  FROM `key_pairs`
  GROUP BY
    `l`,
    `r`
), `counted` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`n_keys`,
    `x`.`n` * `y`.`n` * CAST(0.# AS DOUBLE) AS `mean`,
    CAST(FLOOR(CAST((
      1 + SQRT(1 + 8 * `n_keys`)
    ) AS DOUBLE) / 2) AS DOUBLE) AS `n`
  FROM `shared` AS `s`
  JOIN `sketch_sizes` AS `x`
    ON `x`.`account_no` = `s`.`l`
  JOIN `sketch_sizes` AS `y`
    ON `y`.`account_no` = `s`.`r`
)
SELECT
  `l`,
  `r`,
  `n_keys`
FROM `counted`
WHERE
  `n` >= 3
  AND `n` > `mean`
  AND `n` * COALESCE(
    LN(`mean`),
    CASE
      WHEN `mean` = 0
      THEN CAST('-Infinity' AS DOUBLE)
      WHEN `mean` < 0
      THEN CAST('NaN' AS DOUBLE)
    END
  ) - `mean` - (
    (
      (
        (
          `n` + 1
        ) + CAST(7.0 AS DOUBLE)
      ) - CAST(0.5 AS DOUBLE)
    ) * COALESCE(
      LN((
        (
          `n` + 1
        ) + CAST(7.0 AS DOUBLE)
      )),
      CASE
        WHEN (
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) - (
      (
        `n` + 1
      ) + CAST(7.0 AS DOUBLE)
    ) + CAST(0.# AS DOUBLE) + CASE
      WHEN (
        CAST(12.0 AS DOUBLE) * (
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        )
      ) = 0
      THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(1.0 AS DOUBLE) / CAST((
        CAST(12.0 AS DOUBLE) * (
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        )
      ) AS DOUBLE)
    END - CASE
      WHEN (
        CAST(360.0 AS DOUBLE) * POWER((
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ), 3)
      ) = 0
      THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(1.0 AS DOUBLE) / CAST((
        CAST(360.0 AS DOUBLE) * POWER((
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ), 3)
      ) AS DOUBLE)
    END + CASE
      WHEN (
        CAST(1260.0 AS DOUBLE) * POWER((
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ), 5)
      ) = 0
      THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(1.0 AS DOUBLE) / CAST((
        CAST(1260.0 AS DOUBLE) * POWER((
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ), 5)
      ) AS DOUBLE)
    END - CASE
      WHEN (
        CAST(1680.0 AS DOUBLE) * POWER((
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ), 7)
      ) = 0
      THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(1.0 AS DOUBLE) / CAST((
        CAST(1680.0 AS DOUBLE) * POWER((
          (
            `n` + 1
          ) + CAST(7.0 AS DOUBLE)
        ), 7)
      ) AS DOUBLE)
    END - COALESCE(
      LN(
        (
          (
            `n` + 1
          ) + CAST(0.0 AS DOUBLE)
        ) * (
          (
            `n` + 1
          ) + CAST(1.0 AS DOUBLE)
        ) * (
          (
            `n` + 1
          ) + CAST(2.0 AS DOUBLE)
        ) * (
          (
            `n` + 1
          ) + CAST(3.0 AS DOUBLE)
        ) * (
          (
            `n` + 1
          ) + CAST(4.0 AS DOUBLE)
        ) * (
          (
            `n` + 1
          ) + CAST(5.0 AS DOUBLE)
        ) * (
          (
            `n` + 1
          ) + CAST(6.0 AS DOUBLE)
        )
      ),
      CASE
        WHEN (
          (
            (
              `n` + 1
            ) + CAST(0.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(1.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(2.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(3.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(4.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(5.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(6.0 AS DOUBLE)
          )
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          (
            (
              `n` + 1
            ) + CAST(0.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(1.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(2.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(3.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(4.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(5.0 AS DOUBLE)
          ) * (
            (
              `n` + 1
            ) + CAST(6.0 AS DOUBLE)
          )
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    )
  ) - COALESCE(
    LN(
      1 - CASE
        WHEN (
          `n` + 1
        ) = 0
        THEN CAST(`mean` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`mean` AS DOUBLE) / CAST((
          `n` + 1
        ) AS DOUBLE)
      END
    ),
    CASE
      WHEN (
        1 - CASE
          WHEN (
            `n` + 1
          ) = 0
          THEN CAST(`mean` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(`mean` AS DOUBLE) / CAST((
            `n` + 1
          ) AS DOUBLE)
        END
      ) = 0
      THEN CAST('-Infinity' AS DOUBLE)
      WHEN (
        1 - CASE
          WHEN (
            `n` + 1
          ) = 0
          THEN CAST(`mean` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(`mean` AS DOUBLE) / CAST((
            `n` + 1
          ) AS DOUBLE)
        END
      ) < 0
      THEN CAST('NaN' AS DOUBLE)
    END
  ) < -CAST(0.# AS DOUBLE)

-- rows
SELECT
  COUNT(*)
FROM `promising_pairs`

-- make candidate_pairs
SELECT
  `l`,
  `r`
FROM (
  SELECT
    `l`,
    `r`,
    LEAST(
      CAST(ROW_NUMBER() OVER (PARTITION BY `l` ORDER BY `n_keys` DESC, `r` NULLS LAST) AS BIGINT),
      CAST(ROW_NUMBER() OVER (PARTITION BY `r` ORDER BY `n_keys` DESC, `l` NULLS LAST) AS BIGINT)
    ) AS `place`
  FROM `promising_pairs`
)
ORDER BY
  `place` NULLS LAST,
  `l` NULLS LAST,
  `r` NULLS LAST
LIMIT 500000

-- arrow
SELECT
  `l`,
  `r`
FROM `candidate_pairs`

-- make in_lockstep
SELECT
  *
FROM `arriving`

-- arrow
WITH `totals` AS (
  SELECT
    `h`.`account_no`,
    `i`.`kind_no`,
    SUM(`h`.`n`) AS `n_kind`
  FROM `window_incidence` AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  GROUP BY
    `h`.`account_no`,
    `i`.`kind_no`
), `theirs` AS (
  SELECT
    `h`.`identifier_no`,
    `h`.`account_no`,
    SUM(`h`.`n`) AS `n`
  FROM `window_incidence` AS `h`
  SEMI JOIN `in_lockstep` AS `l`
    ON `l`.`account_no` = `h`.`account_no`
  GROUP BY
    `h`.`identifier_no`,
    `h`.`account_no`
), `wanted` AS (
  SELECT
    `i`.`identifier_no`,
    `i`.`kind_no`,
    `i`.`degree` > 1000 AS `is_large`
  FROM `theirs` AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `totals` AS `t`
    ON `t`.`account_no` = `h`.`account_no` AND `t`.`kind_no` = `i`.`kind_no`
  WHERE
    `h`.`n` >= CAST(0.2 AS DOUBLE) * `t`.`n_kind`
  GROUP BY
    `i`.`identifier_no`,
    `i`.`kind_no`,
    `i`.`degree`
  HAVING
    COUNT(*) >= 3 AND `i`.`degree` <= 100 * COUNT(*)
), `holdings` AS (
  SELECT
    `h`.`identifier_no`,
    `h`.`account_no`,
    `w`.`is_large`
  FROM `window_incidence` AS `h`
  JOIN `wanted` AS `w`
    ON `w`.`identifier_no` = `h`.`identifier_no`
  JOIN `totals` AS `t`
    ON `t`.`account_no` = `h`.`account_no` AND `t`.`kind_no` = `w`.`kind_no`
  GROUP BY
    `h`.`identifier_no`,
    `h`.`account_no`,
    `w`.`is_large`,
    `t`.`n_kind`
  HAVING
    SUM(`h`.`n`) >= CAST(0.2 AS DOUBLE) * `t`.`n_kind`
), `draws` AS (
  SELECT
    `a`.`account_no`,
    CAST((
      1 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 1, 1), '0123456789abcdef') - 1
      ) + 16 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 2, 1), '0123456789abcdef') - 1
      ) + 256 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 3, 1), '0123456789abcdef') - 1
      ) + 4096 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 4, 1), '0123456789abcdef') - 1
      ) + 65536 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 5, 1), '0123456789abcdef') - 1
      ) + 1048576 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 6, 1), '0123456789abcdef') - 1
      ) + 16777216 * (
        LOCATE(SUBSTRING(MD5(`a`.`account_id`), 7, 1), '0123456789abcdef') - 1
      )
    ) AS BIGINT) AS `draw`
  FROM `account_numbers` AS `a`
  SEMI JOIN (
    SELECT
      `account_no`
    FROM `holdings`
    WHERE
      `is_large`
  ) AS `h`
    ON `h`.`account_no` = `a`.`account_no`
)
SELECT
  `h`.`identifier_no`,
  `h`.`account_no`,
  CASE
    WHEN `h`.`is_large`
    THEN CAST(ROW_NUMBER() OVER (
      PARTITION BY `h`.`identifier_no`
      ORDER BY `d`.`draw` NULLS LAST, `h`.`account_no` NULLS LAST
    ) AS BIGINT)
    ELSE 0
  END AS `place`
FROM `holdings` AS `h`
LEFT JOIN `draws` AS `d`
  ON `d`.`account_no` = `h`.`account_no`
ORDER BY
  `h`.`identifier_no` NULLS LAST,
  `h`.`account_no` NULLS LAST

-- make in_lockstep
SELECT
  *
FROM `arriving`

-- arrow
WITH `seen` AS (
  SELECT
    `s`.`account_no`,
    CAST(RINT(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT) AS `s`,
    `s`.`value_no`
  FROM `sightings` AS `s`
  JOIN `observed_values` AS `v`
    ON `v`.`value_no` = `s`.`value_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind` = `v`.`kind` AND `k`.`facet` = 'network'
  WHERE
    NOT `s`.`seen_at` IS NULL
), `kept` AS (
  SELECT
    `e`.`value_no`
  FROM `seen` AS `e`
  SEMI JOIN `in_lockstep` AS `l`
    ON `l`.`account_no` = `e`.`account_no`
  GROUP BY
    `e`.`value_no`
  HAVING
    COUNT(DISTINCT `e`.`account_no`) >= 2
)
SELECT
  `e`.`account_no`,
  `e`.`s`,
  `e`.`place`
FROM (
  SELECT DISTINCT
    `e`.`account_no`,
    `e`.`s`,
    `e`.`value_no`,
    CAST(COALESCE(`k`.`value_no`, -1) AS BIGINT) AS `place`
  FROM `seen` AS `e`
  JOIN `starts` AS `t`
    ON `t`.`account_no` = `e`.`account_no` AND `t`.`s` = `e`.`s`
  LEFT JOIN `kept` AS `k`
    ON `k`.`value_no` = `e`.`value_no`
  LEFT JOIN `in_lockstep` AS `l`
    ON `l`.`account_no` = `e`.`account_no`
  WHERE
    NOT `k`.`value_no` IS NULL OR NOT `l`.`account_no` IS NULL
) AS `e`
ORDER BY
  `e`.`account_no` NULLS LAST,
  `e`.`s` NULLS LAST,
  `place` NULLS LAST

-- make arrived
SELECT
  *
FROM `arriving`

-- append behaviours
SELECT
  CAST(`l` AS INT),
  CAST(`r` AS INT),
  'lockstep',
  ROUND(`bits`, 6),
  CAST(`n_events` AS BIGINT),
  `p_value`,
  CAST(`first_s` AS BIGINT),
  CAST(`last_s` AS BIGINT),
  CAST(NULL AS INT)
FROM `arrived`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- make arrived
SELECT
  *
FROM `arriving`

-- append behaviours
SELECT
  CAST(`l` AS INT),
  CAST(`r` AS INT),
  'crew_beat',
  ROUND(`bits`, 6),
  CAST(`n_events` AS BIGINT),
  `p_value`,
  CAST(`first_s` AS BIGINT),
  CAST(`last_s` AS BIGINT),
  CAST(NULL AS INT)
FROM `arrived`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- rows
SELECT
  COUNT(`closed_at`)
FROM `accounts`

-- make spans
WITH `born` AS (
  SELECT
    `a`.`account_no`,
    CAST(RINT(CAST(UNIX_MICROS(`c`.`closed_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT) AS `end_s`,
    COALESCE(
      CAST(RINT(CAST(UNIX_MICROS(`c`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT),
      CASE WHEN `m`.`first_s` > `b`.`s` + 259200 THEN `m`.`first_s` END
    ) AS `given_birth_s`,
    `b`.`s` AS `begin_s`
  FROM (
    SELECT
      `account_no`,
      MIN(`s`) AS `first_s`,
      MAX(`s`) AS `last_s`,
      COUNT(*) AS `n`
    FROM `moments`
    GROUP BY
      `account_no`
  ) AS `m`
  JOIN `account_numbers` AS `a`
    ON `a`.`account_no` = `m`.`account_no`
  JOIN `accounts` AS `c`
    ON `c`.`account_id` = `a`.`account_id`
  CROSS JOIN (
    SELECT
      MIN(`s`) AS `s`
    FROM `moments`
  ) AS `b`
)
SELECT
  `account_no`,
  `end_s`,
  `given_birth_s`,
  CASE WHEN `given_birth_s` >= `begin_s` THEN `given_birth_s` END AS `birth_s`
FROM `born`

-- make stays
SELECT
  `h`.`identifier_no`,
  `h`.`account_no`,
  MIN(`h`.`first_s`) AS `first_s`,
  MAX(`h`.`last_s`) AS `last_s`
FROM `window_incidence` AS `h`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `h`.`identifier_no`
WHERE
  `i`.`degree` <= 2048 AND NOT `h`.`first_s` IS NULL
GROUP BY
  `h`.`identifier_no`,
  `h`.`account_no`

-- make births
SELECT
  `t`.`identifier_no`,
  `t`.`account_no`,
  `p`.`birth_s`
FROM `stays` AS `t`
JOIN `spans` AS `p`
  ON `p`.`account_no` = `t`.`account_no`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `t`.`identifier_no`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no`
  AND `k`.`facet` IN ('network', 'payment', 'identity', 'client')
WHERE
  `t`.`first_s` - `p`.`birth_s` BETWEEN -3600 AND 259200

-- make replaced_births
WITH `resources` AS (
  SELECT
    `t`.`identifier_no`,
    MAX(`t`.`last_s`) - MIN(`t`.`first_s`) AS `span`,
    COUNT(DISTINCT `p`.`end_s`) FILTER(WHERE
      `p`.`end_s` - `t`.`last_s` <= 2592000) AS `n_ended`
  FROM `stays` AS `t`
  JOIN `spans` AS `p`
    ON `p`.`account_no` = `t`.`account_no`
  GROUP BY
    `t`.`identifier_no`
  HAVING
    COUNT(`p`.`end_s`) FILTER(WHERE
      `p`.`end_s` - `t`.`last_s` <= 2592000) > 0
), `sizes` AS (
  SELECT
    `identifier_no`,
    COUNT(*) AS `n`
  FROM `births`
  GROUP BY
    `identifier_no`
)
SELECT
  CAST(ROW_NUMBER() OVER (
    ORDER BY `b`.`identifier_no` NULLS LAST, `b`.`birth_s` NULLS LAST, `b`.`account_no` NULLS LAST
  ) AS BIGINT) - 1 AS `birth`,
  `b`.`identifier_no`,
  `b`.`account_no`,
  `b`.`birth_s`,
  `u`.`span`,
  `u`.`n_ended`,
  CAST((
    `i`.`kind` = 'ip_prefix'
  ) AS INT) AS `is_wide`
FROM `births` AS `b`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `b`.`identifier_no`
JOIN `resources` AS `u`
  ON `u`.`identifier_no` = `b`.`identifier_no`
JOIN `sizes` AS `n`
  ON `n`.`identifier_no` = `b`.`identifier_no`
  AND `n`.`n` * 86400 <= GREATEST(`u`.`span`, 86400) * 4

-- arrow
SELECT
  `t`.`account_no` AS `ended`,
  `b`.`account_no` AS `born`,
  GREATEST(`b`.`birth_s` - `p`.`end_s`, 0) AS `delay`,
  `p`.`end_s`,
  CAST(COALESCE(`c`.`is_abuse`, TRUE) AS INT) AS `is_abuse`,
  `b`.`birth`
FROM `stays` AS `t`
JOIN `spans` AS `p`
  ON `p`.`account_no` = `t`.`account_no` AND `p`.`end_s` - `t`.`last_s` <= 2592000
JOIN `account_numbers` AS `a`
  ON `a`.`account_no` = `t`.`account_no`
JOIN `accounts` AS `c`
  ON `c`.`account_id` = `a`.`account_id`
JOIN `replaced_births` AS `b`
  ON `b`.`identifier_no` = `t`.`identifier_no`
  AND `b`.`account_no` <> `t`.`account_no`
  AND `b`.`birth_s` BETWEEN `p`.`end_s` - 3600 AND `p`.`end_s` + 259200
ORDER BY
  `b`.`birth` NULLS LAST,
  `t`.`account_no` NULLS LAST

-- arrow
SELECT
  `account_no`,
  `identifier_no`,
  `birth_s`,
  `span`,
  `n_ended`,
  `is_wide`
FROM `replaced_births`
ORDER BY
  `birth` NULLS LAST

-- rows
SELECT
  COUNT(`closed_at`)
FROM `accounts`

-- arrow
SELECT
  `birth_s`
FROM `spans`
WHERE
  NOT `birth_s` IS NULL

-- make arrived
SELECT
  *
FROM `arriving`

-- append behaviours
SELECT
  CAST(`l` AS INT),
  CAST(`r` AS INT),
  'succession',
  ROUND(`bits`, 6),
  CAST(`n_events` AS BIGINT),
  `p_value`,
  CAST(`first_s` AS BIGINT),
  CAST(`last_s` AS BIGINT),
  CAST(`at_no` AS INT)
FROM `arrived`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- rows
SELECT
  COUNT(`closed_at`)
FROM `accounts`

-- make replaced_places
SELECT
  *
FROM `arriving`

-- arrow
SELECT
  `t`.`identifier_no`,
  `t`.`account_no`,
  CAST((
    NOT `c`.`closed_at` IS NULL AND COALESCE(`c`.`is_abuse`, TRUE)
  ) AS INT) AS `is_banned`,
  COALESCE(
    CAST(RINT(CAST(UNIX_MICROS(`c`.`closed_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT),
    0
  ) AS `closed_s`
FROM `stays` AS `t`
JOIN `replaced_places` AS `p`
  ON `p`.`identifier_no` = `t`.`identifier_no`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `t`.`identifier_no` AND `i`.`kind` <> 'ip_prefix'
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no` AND `k`.`facet` IN ('network', 'client')
JOIN `account_numbers` AS `a`
  ON `a`.`account_no` = `t`.`account_no`
JOIN `accounts` AS `c`
  ON `c`.`account_id` = `a`.`account_id`
ORDER BY
  `t`.`identifier_no` NULLS LAST,
  `t`.`account_no` NULLS LAST

-- rows
SELECT
  COUNT(*)
FROM `accounts` AS `c`
WHERE
  (
    NOT `c`.`closed_at` IS NULL AND COALESCE(`c`.`is_abuse`, TRUE)
  )

-- rows
SELECT
  COUNT(*)
FROM `accounts`

-- make arrived
SELECT
  *
FROM `arriving`

-- append behaviours
SELECT
  CAST(`l` AS INT),
  CAST(`r` AS INT),
  'replacement',
  ROUND(`bits`, 6),
  CAST(`n_events` AS BIGINT),
  `p_value`,
  CAST(`first_s` AS BIGINT),
  CAST(`last_s` AS BIGINT),
  CAST(`at_no` AS INT)
FROM `arrived`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- make resource_costs
SELECT
  `identifier_no`,
  `degree`
FROM (
  SELECT
    `i`.`identifier_no`,
    `i`.`degree`,
    SUM(CAST(`i`.`degree` * (
      `i`.`degree` - 1
    ) AS DOUBLE) / 2) OVER (ORDER BY `i`.`degree` NULLS LAST, `i`.`identifier_no` NULLS LAST) AS `n_pairs`
  FROM `shared_identifiers` AS `i`
  SEMI JOIN `stays` AS `t`
    ON `t`.`identifier_no` = `i`.`identifier_no`
  WHERE
    `i`.`degree` <= 128
)
WHERE
  `n_pairs` <= 1000000

-- make resource_pairs
SELECT
  `x`.`account_no` AS `l`,
  `y`.`account_no` AS `r`,
  MIN_BY(`x`.`identifier_no`, `c`.`degree` * 4294967296 + `x`.`identifier_no`) AS `identifier_no`
FROM `stays` AS `x`
JOIN `resource_costs` AS `c`
  ON `c`.`identifier_no` = `x`.`identifier_no`
JOIN `stays` AS `y`
  ON `y`.`identifier_no` = `x`.`identifier_no` AND `x`.`account_no` < `y`.`account_no`
GROUP BY
  `x`.`account_no`,
  `y`.`account_no`

-- arrow
SELECT
  `l`,
  `r`
FROM `resource_pairs`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- make arrived
SELECT
  *
FROM `arriving`

-- append behaviours
SELECT
  CAST(`l` AS INT),
  CAST(`r` AS INT),
  'load_balancing',
  ROUND(`bits`, 6),
  CAST(`n_events` AS BIGINT),
  `p_value`,
  CAST(`first_s` AS BIGINT),
  CAST(`last_s` AS BIGINT),
  CAST(NULL AS INT)
FROM `arrived`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- rows
SELECT
  COUNT(`created_at`)
FROM `accounts`

-- arrow
WITH `days` AS (
  SELECT
    `given_birth_s` DIV 86400 AS `day`,
    COUNT(*) AS `n`
  FROM `spans`
  WHERE
    NOT `given_birth_s` IS NULL
  GROUP BY
    `given_birth_s` DIV 86400
), `weeks` AS (
  SELECT
    `x`.`day`,
    SUM(`y`.`n`) AS `n`
  FROM `days` AS `x`
  JOIN `days` AS `y`
    ON `y`.`day` BETWEEN `x`.`day` - 7 AND `x`.`day` + 6
  GROUP BY
    `x`.`day`
), `born` AS (
  SELECT
    `t`.`identifier_no`,
    `t`.`account_no`,
    `p`.`given_birth_s` AS `s`
  FROM `stays` AS `t`
  JOIN `spans` AS `p`
    ON `p`.`account_no` = `t`.`account_no` AND NOT `p`.`given_birth_s` IS NULL
  SEMI JOIN `resource_pairs` AS `u`
    ON `u`.`identifier_no` = `t`.`identifier_no`
), `there` AS (
  SELECT
    `x`.`identifier_no`,
    `x`.`account_no`,
    COUNT(*) AS `n`
  FROM `born` AS `x`
  JOIN `born` AS `y`
    ON `y`.`identifier_no` = `x`.`identifier_no` AND ABS(`y`.`s` - `x`.`s`) <= 604800
  GROUP BY
    `x`.`identifier_no`,
    `x`.`account_no`
), `sizes` AS (
  SELECT
    `identifier_no`,
    COUNT(*) AS `n`
  FROM `born`
  GROUP BY
    `identifier_no`
)
SELECT
  `u`.`l`,
  `u`.`r`,
  `u`.`identifier_no`,
  ABS(`x`.`s` - `y`.`s`) AS `gap`,
  LEAST(`x`.`s`, `y`.`s`) AS `born`,
  `w`.`n` AS `n_usual`,
  (
    SELECT
      SUM(`n`)
    FROM `days`
  ) AS `n_all`,
  `t`.`n` - 1 AS `n_there`,
  `z`.`n` - 1 AS `n_accounts`
FROM `resource_pairs` AS `u`
JOIN `born` AS `x`
  ON `x`.`account_no` = `u`.`l` AND `x`.`identifier_no` = `u`.`identifier_no`
JOIN `born` AS `y`
  ON `y`.`account_no` = `u`.`r`
  AND `y`.`identifier_no` = `u`.`identifier_no`
  AND ABS(`x`.`s` - `y`.`s`) <= 259200
JOIN `there` AS `t`
  ON `t`.`account_no` = `u`.`l` AND `t`.`identifier_no` = `u`.`identifier_no`
JOIN `sizes` AS `z`
  ON `z`.`identifier_no` = `u`.`identifier_no`
JOIN `weeks` AS `w`
  ON `w`.`day` = `x`.`s` DIV 86400
ORDER BY
  `u`.`l` NULLS LAST,
  `u`.`r` NULLS LAST

-- make arrived
SELECT
  *
FROM `arriving`

-- append behaviours
SELECT
  CAST(`l` AS INT),
  CAST(`r` AS INT),
  'signup_burst',
  ROUND(`bits`, 6),
  CAST(`n_events` AS BIGINT),
  `p_value`,
  CAST(`first_s` AS BIGINT),
  CAST(`last_s` AS BIGINT),
  CAST(`at_no` AS INT)
FROM `arrived`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- rows
DESCRIBE `behaviours`

-- rows
SELECT
  `l`,
  `r`,
  `behaviour`
FROM `behaviours`
GROUP BY
  `l`,
  `r`,
  `behaviour`
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
    NOT COALESCE(NOT `behaviour` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_events` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_value` IS NULL
      OR (
        `p_value` >= 0 AND `p_value` <= 1 AND ABS(`p_value`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    ))
FROM `behaviours`

-- rows
SELECT
  COUNT(*)
FROM `behaviours`
