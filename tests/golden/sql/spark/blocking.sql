-- make cell_costs
SELECT
  `i`.`kind_no`,
  `c`.`degree`,
  COUNT(*) AS `n_cells`,
  CAST((
    CAST(COUNT(*) * `c`.`degree` * (
      `c`.`degree` - 1
    ) AS DOUBLE) / 2
  ) AS DOUBLE) AS `n_pairs`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
GROUP BY
  `i`.`kind_no`,
  `c`.`degree`

-- make block_limits
WITH `costs` AS (
  SELECT
    `cell_costs`.`kind_no`,
    `cell_costs`.`degree`,
    `cell_costs`.`n_cells`,
    `cell_costs`.`n_pairs`,
    `kinds`.`kind`,
    `kinds`.`facet`,
    `kinds`.`is_declared`,
    `kinds`.`p_exclusive`,
    `kinds`.`most_bits`,
    `kinds`.`degree_exponent`,
    `kinds`.`window_s`,
    SUM(`n_pairs`) OVER (PARTITION BY `cell_costs`.`kind_no` ORDER BY `degree` NULLS LAST) <= GREATEST(
      CASE
        WHEN (
          SELECT
            COUNT(DISTINCT `kind_no`)
          FROM `cell_costs`
        ) = 0
        THEN CAST(20000000 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(20000000 AS DOUBLE) / CAST((
          SELECT
            COUNT(DISTINCT `kind_no`)
          FROM `cell_costs`
        ) AS DOUBLE)
      END,
      2 * SUM(`n_cells` * `degree`) OVER (PARTITION BY `cell_costs`.`kind_no`)
    )
    AND `degree` <= 128
    AND `p_exclusive` >= (
      `degree` - 1
    ) * CAST(0.005 AS DOUBLE) AS `is_within`
  FROM `cell_costs`
  JOIN `kinds`
    ON `kinds`.`kind_no` = `cell_costs`.`kind_no`
)
SELECT
  `kind_no`,
  COALESCE(MAX(`degree`) FILTER(WHERE
    `is_within`), 1) AS `cap`,
  GREATEST(2048, COALESCE(MAX(`degree`) FILTER(WHERE
    `is_within`), 1)) AS `most_scored`,
  CAST(COALESCE(SUM(`n_cells`) FILTER(WHERE
    NOT `is_within`), 0) AS BIGINT) AS `n_blocks_capped`,
  CAST(RINT(COALESCE(SUM(`n_pairs`) FILTER(WHERE
    NOT `is_within`), 0)) AS BIGINT) AS `n_pairs_capped`
FROM `costs`
GROUP BY
  `kind_no`

-- rows
SELECT
  COALESCE(MIN(`first_s`), 0),
  COALESCE(MAX(`last_s`) - MIN(`first_s`), 0)
FROM `window_incidence`

-- make copresence
WITH `looked_at` AS (
  SELECT
    `c`.`identifier_no`,
    `c`.`window_no`,
    CAST(`c`.`degree` AS INT) AS `degree`,
    `c`.`degree` > `p`.`cap` AS `is_common`
  FROM `blocks` AS `c`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `c`.`identifier_no`
  JOIN `block_limits` AS `p`
    ON `p`.`kind_no` = `i`.`kind_no`
  WHERE
    `c`.`degree` <= `p`.`most_scored`
)
SELECT
  `h`.`identifier_no`,
  `h`.`window_no`,
  `h`.`account_no`,
  `c`.`degree`,
  `c`.`is_common`,
  CAST((
    `h`.`first_s` - 1772410102
  ) AS INT) AS `first_s`,
  CAST((
    `h`.`last_s` - 1772410102
  ) AS INT) AS `last_s`
FROM `window_incidence` AS `h`
JOIN `looked_at` AS `c`
  ON `c`.`identifier_no` = `h`.`identifier_no` AND `c`.`window_no` = `h`.`window_no`

-- make account_draws
SELECT
  `account_no`,
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
FROM `account_numbers`

-- make capped_blocks
SELECT
  `c`.`identifier_no`,
  MAX_BY(
    `c`.`window_no`,
    `c`.`degree` * CAST(100000.0 AS DOUBLE) + `c`.`window_no` % 100000
  ) AS `window_no`,
  ANY_VALUE(
    CAST((
      1 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 1, 1), '0123456789abcdef') - 1
      ) + 16 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 2, 1), '0123456789abcdef') - 1
      ) + 256 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 3, 1), '0123456789abcdef') - 1
      ) + 4096 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 4, 1), '0123456789abcdef') - 1
      ) + 65536 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 5, 1), '0123456789abcdef') - 1
      ) + 1048576 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 6, 1), '0123456789abcdef') - 1
      ) + 16777216 * (
        LOCATE(SUBSTRING(MD5(`i`.`value`), 7, 1), '0123456789abcdef') - 1
      )
    ) AS BIGINT)
  ) IGNORE NULLS AS `draw`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
JOIN `block_limits` AS `p`
  ON `p`.`kind_no` = `i`.`kind_no`
WHERE
  `c`.`degree` > `p`.`cap` AND `c`.`degree` <= `p`.`most_scored`
GROUP BY
  `c`.`identifier_no`

-- make shuffled
SELECT
  `c`.`identifier_no`,
  `c`.`account_no`,
  LEAD(`c`.`account_no`, 1) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_1`,
  LEAD(`c`.`account_no`, 2) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_2`,
  LEAD(`c`.`account_no`, 3) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_3`,
  LEAD(`c`.`account_no`, 4) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_4`,
  LEAD(`c`.`account_no`, 5) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_5`,
  LEAD(`c`.`account_no`, 6) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_6`,
  LEAD(`c`.`account_no`, 7) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_7`,
  LEAD(`c`.`account_no`, 8) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_8`,
  LEAD(`c`.`account_no`, 9) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_9`,
  LEAD(`c`.`account_no`, 10) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_10`,
  LEAD(`c`.`account_no`, 11) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_11`,
  LEAD(`c`.`account_no`, 12) OVER (
    PARTITION BY `c`.`identifier_no`
    ORDER BY (
      (
        CAST(`d`.`draw` AS BIGINT)
      ) * 2654435761 + CAST(`b`.`draw` AS BIGINT) * 40503
    ) % 4294967291 NULLS LAST, `c`.`account_no` NULLS LAST
  ) AS `near_12`
FROM `copresence` AS `c`
JOIN `capped_blocks` AS `b`
  ON `b`.`identifier_no` = `c`.`identifier_no` AND `b`.`window_no` = `c`.`window_no`
JOIN `account_draws` AS `d`
  ON `d`.`account_no` = `c`.`account_no`

-- make shared_sampled
SELECT DISTINCT
  LEAST(`x`, `y`) AS `l`,
  GREATEST(`x`, `y`) AS `r`,
  `identifier_no`
FROM (
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_1` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_2` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_3` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_4` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_5` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_6` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_7` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_8` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_9` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_10` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_11` AS `y`
  FROM `shuffled`
  UNION ALL
  SELECT
    `identifier_no`,
    `account_no` AS `x`,
    `near_12` AS `y`
  FROM `shuffled`
)
WHERE
  NOT `y` IS NULL

-- make candidates
SELECT DISTINCT
  `l`,
  `r`
FROM (
  SELECT
    `x`.`account_no` AS `l`,
    `y`.`account_no` AS `r`
  FROM `copresence` AS `x`
  JOIN `copresence` AS `y`
    ON `y`.`identifier_no` = `x`.`identifier_no`
    AND `y`.`window_no` = `x`.`window_no`
    AND `y`.`account_no` > `x`.`account_no`
  WHERE
    NOT `x`.`is_common` AND NOT `y`.`is_common`
  UNION ALL
  SELECT
    `l`,
    `r`
  FROM `shared_sampled`
)

-- make copresence_pairs
WITH `n_common` AS (
  SELECT
    `account_no`,
    COUNT(*) AS `n`
  FROM `copresence`
  WHERE
    `is_common`
  GROUP BY
    `account_no`
), `turned` AS (
  SELECT
    CASE WHEN `x`.`n` <= `y`.`n` THEN `c`.`l` ELSE `c`.`r` END AS `few`,
    CASE WHEN `x`.`n` <= `y`.`n` THEN `c`.`r` ELSE `c`.`l` END AS `many`
  FROM `candidates` AS `c`
  JOIN `n_common` AS `x`
    ON `x`.`account_no` = `c`.`l`
  JOIN `n_common` AS `y`
    ON `y`.`account_no` = `c`.`r`
), `met` AS (
  SELECT
    `x`.`account_no` AS `l`,
    `y`.`account_no` AS `r`,
    `x`.`identifier_no`,
    `x`.`degree`,
    GREATEST(0, `x`.`first_s` - `y`.`last_s`, `y`.`first_s` - `x`.`last_s`) AS `lag_s`,
    GREATEST(`x`.`first_s`, `y`.`first_s`) AS `first_s`,
    LEAST(`x`.`last_s`, `y`.`last_s`) AS `last_s`
  FROM `copresence` AS `x`
  JOIN `copresence` AS `y`
    ON `y`.`identifier_no` = `x`.`identifier_no`
    AND `y`.`window_no` = `x`.`window_no`
    AND `y`.`account_no` > `x`.`account_no`
  WHERE
    NOT `x`.`is_common` AND NOT `y`.`is_common`
  UNION ALL
  SELECT
    LEAST(`c`.`few`, `c`.`many`),
    GREATEST(`c`.`few`, `c`.`many`),
    `x`.`identifier_no`,
    `x`.`degree`,
    GREATEST(0, `x`.`first_s` - `y`.`last_s`, `y`.`first_s` - `x`.`last_s`),
    GREATEST(`x`.`first_s`, `y`.`first_s`),
    LEAST(`x`.`last_s`, `y`.`last_s`)
  FROM `turned` AS `c`
  JOIN `copresence` AS `x`
    ON `x`.`account_no` = `c`.`few`
  JOIN `copresence` AS `y`
    ON CAST(`y`.`account_no` AS BIGINT) * 2147483648 + `y`.`identifier_no` = CAST(`c`.`many` AS BIGINT) * 2147483648 + `x`.`identifier_no`
    AND `y`.`window_no` = `x`.`window_no`
  WHERE
    `x`.`is_common` AND `y`.`is_common`
  UNION ALL
  SELECT
    `l`,
    `r`,
    `identifier_no`,
    NULL,
    NULL,
    NULL,
    NULL
  FROM `shared_sampled`
), `copresence` AS (
  SELECT
    `l`,
    `r`,
    `identifier_no`,
    COUNT(*) AS `n`,
    COUNT(`degree`) AS `n_windows`,
    MIN(`degree`) AS `degree`,
    MIN(`lag_s`) AS `lag_s`,
    MIN(`first_s`) AS `first_s`,
    MAX(`last_s`) AS `last_s`
  FROM `met`
  GROUP BY
    `l`,
    `r`,
    `identifier_no`
)
SELECT
  `t`.`l`,
  `t`.`r`,
  `t`.`identifier_no`,
  `i`.`kind_no`,
  CAST(`t`.`n_windows` AS INT) AS `n_windows`,
  `t`.`degree`,
  `t`.`lag_s`,
  `t`.`first_s` + CAST(1772410102 AS BIGINT) AS `first_s`,
  `t`.`last_s` + CAST(1772410102 AS BIGINT) AS `last_s`,
  `t`.`degree` <= `p`.`cap` OR `t`.`n` > `t`.`n_windows` AS `is_blocking_value`
FROM `copresence` AS `t`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `t`.`identifier_no`
JOIN `block_limits` AS `p`
  ON `p`.`kind_no` = `i`.`kind_no`

-- rows
SELECT
  COUNT(*)
FROM `candidates`

-- rows
SELECT
  COUNT(*)
FROM `copresence_pairs`

-- rows
SELECT
  CAST(SUM(`n_blocks_capped`) AS BIGINT)
FROM `block_limits`

-- rows
SELECT
  CAST(SUM(`n_pairs_capped`) AS BIGINT)
FROM `block_limits`

-- rows
SELECT
  `k`.`kind`,
  `c`.`kind_no`,
  `c`.`cap`,
  `c`.`n_blocks_capped`,
  `c`.`n_pairs_capped`
FROM `block_limits` AS `c`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `c`.`kind_no`
WHERE
  `c`.`n_blocks_capped` > 0
ORDER BY
  `k`.`kind` NULLS LAST

-- rows
SELECT
  `i`.`value`,
  MAX(`c`.`degree`) AS `degree`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
WHERE
  `i`.`kind_no` = 1 AND `c`.`degree` > 52
GROUP BY
  `i`.`value`
ORDER BY
  `degree` DESC,
  `i`.`value` NULLS LAST
LIMIT 10

-- rows
SELECT
  `i`.`value`,
  MAX(`c`.`degree`) AS `degree`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
WHERE
  `i`.`kind_no` = 3 AND `c`.`degree` > 40
GROUP BY
  `i`.`value`
ORDER BY
  `degree` DESC,
  `i`.`value` NULLS LAST
LIMIT 10

-- rows
SELECT
  `i`.`value`,
  MAX(`c`.`degree`) AS `degree`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
WHERE
  `i`.`kind_no` = 6 AND `c`.`degree` > 5
GROUP BY
  `i`.`value`
ORDER BY
  `degree` DESC,
  `i`.`value` NULLS LAST
LIMIT 10

-- rows
SELECT
  `i`.`value`,
  MAX(`c`.`degree`) AS `degree`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
WHERE
  `i`.`kind_no` = 8 AND `c`.`degree` > 11
GROUP BY
  `i`.`value`
ORDER BY
  `degree` DESC,
  `i`.`value` NULLS LAST
LIMIT 10

-- rows
DESCRIBE `copresence_pairs`

-- rows
SELECT
  `l`,
  `r`,
  `identifier_no`
FROM `copresence_pairs`
GROUP BY
  `l`,
  `r`,
  `identifier_no`
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
    NOT COALESCE(NOT `identifier_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_windows` IS NULL, FALSE))
FROM `copresence_pairs`

-- rows
DESCRIBE `block_limits`

-- rows
SELECT
  `kind_no`
FROM `block_limits`
GROUP BY
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cap` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `most_scored` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_blocks_capped` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_pairs_capped` IS NULL, FALSE))
FROM `block_limits`

-- rows
SELECT
  COUNT(*)
FROM `copresence_pairs`
