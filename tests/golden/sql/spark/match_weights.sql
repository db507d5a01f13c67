-- rows
SELECT
  `k`.`kind`,
  `k`.`p_exclusive`,
  COALESCE(`s`.`n_accounts`, 0),
  COALESCE(`s`.`n_single`, 0),
  MIN(`k`.`kind_no`) OVER (PARTITION BY `k`.`facet`),
  `k`.`degree_exponent`,
  `k`.`is_declared`,
  `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity')
FROM `kinds` AS `k`
LEFT JOIN `kind_sizes` AS `s`
  ON `s`.`kind_no` = `k`.`kind_no`
ORDER BY
  `k`.`kind_no` NULLS LAST

-- rows
SELECT
  `i`.`kind_no`,
  LEAST(
    CAST(1.0 AS DOUBLE),
    CASE
      WHEN MAX(`s`.`n_accounts` * (
        `s`.`n_accounts` - CAST(1.0 AS DOUBLE)
      )) = 0
      THEN CAST(SUM(`i`.`degree` * (
        `i`.`degree` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(SUM(`i`.`degree` * (
        `i`.`degree` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE) / CAST(MAX(`s`.`n_accounts` * (
        `s`.`n_accounts` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE)
    END
  )
FROM `shared_identifiers` AS `i`
JOIN `kind_sizes` AS `s`
  ON `s`.`kind_no` = `i`.`kind_no`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no`
WHERE
  `k`.`window_s` IS NULL
GROUP BY
  `i`.`kind_no`

-- rows
WITH `weak_kinds` AS (
  SELECT
    `kind_no`
  FROM `kinds`
  WHERE
    NOT `window_s` IS NULL
    AND (
      `most_bits` < CAST(12.0 AS DOUBLE) OR NOT `is_declared`
    )
), `present` AS (
  SELECT
    `kind_no`,
    SUM(`n` * (
      `n` - CAST(1.0 AS DOUBLE)
    )) AS `n_pairs`
  FROM (
    SELECT
      `i`.`kind_no`,
      `h`.`window_no`,
      COUNT(DISTINCT `h`.`account_no`) AS `n`
    FROM `window_incidence` AS `h`
    JOIN `shared_identifiers` AS `i`
      ON `i`.`identifier_no` = `h`.`identifier_no`
    WHERE
      `i`.`kind_no` IN (
        SELECT
          `kind_no`
        FROM `weak_kinds`
      )
    GROUP BY
      `i`.`kind_no`,
      `h`.`window_no`
  )
  GROUP BY
    `kind_no`
), `agreeing` AS (
  SELECT
    `i`.`kind_no`,
    SUM(`c`.`degree` * (
      `c`.`degree` - CAST(1.0 AS DOUBLE)
    )) AS `n_pairs`
  FROM `blocks` AS `c`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `c`.`identifier_no`
  GROUP BY
    `i`.`kind_no`
)
SELECT
  `p`.`kind_no`,
  LEAST(
    CAST(1.0 AS DOUBLE),
    CASE
      WHEN `p`.`n_pairs` = 0
      THEN CAST(`a`.`n_pairs` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(`a`.`n_pairs` AS DOUBLE) / CAST(`p`.`n_pairs` AS DOUBLE)
    END
  )
FROM `present` AS `p`
JOIN `agreeing` AS `a`
  ON `a`.`kind_no` = `p`.`kind_no`
WHERE
  `p`.`n_pairs` > 0

-- make pair_kinds
WITH `per_kind` AS (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    MIN(`degree`) AS `degree`,
    CAST(SUM(`n_windows`) AS BIGINT) AS `n_meetings`,
    BOOL_OR(`is_blocking_value`) AS `is_blocking_value`,
    CASE WHEN COUNT(*) = 1 THEN MIN(`identifier_no`) END AS `only_no`
  FROM `copresence_pairs` AS `s`
  WHERE
    NOT EXISTS(
      SELECT
        1
      FROM `generalizations` AS `w`
      JOIN `copresence_pairs` AS `n`
        ON `n`.`kind_no` = `w`.`kind_no`
      WHERE
        `w`.`wider_no` = `s`.`kind_no` AND `n`.`l` = `s`.`l` AND `n`.`r` = `s`.`r`
    )
  GROUP BY
    `l`,
    `r`,
    `kind_no`
)
SELECT
  `l`,
  `r`,
  `kind_no`,
  `degree`,
  `is_blocking_value`,
  `only_no`,
  CAST(RINT(
    LEAST(
      CAST(FLOOR(
        COALESCE(
          LOG(2, `degree` - 1),
          CASE
            WHEN (
              `degree` - 1
            ) = 0
            THEN CAST('-Infinity' AS DOUBLE)
            WHEN (
              `degree` - 1
            ) < 0
            THEN CAST('NaN' AS DOUBLE)
          END
        )
      ) AS DOUBLE),
      10
    )
  ) AS TINYINT) AS `degree_bin`,
  CAST((
    CASE WHEN `n_meetings` >= 4 THEN 2 WHEN `n_meetings` >= 2 THEN 1 ELSE 0 END
  ) AS TINYINT) AS `repeat_bin`
FROM `per_kind`

-- make many_kinds
SELECT
  `l`,
  `r`
FROM `pair_kinds`
GROUP BY
  `l`,
  `r`
HAVING
  COUNT(*) > 1

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

-- make views
WITH `slices` AS (
  SELECT
    `kind_no`,
    `degree_bin`,
    `repeat_bin`,
    `slice`,
    COUNT(*) AS `n`
  FROM (
    SELECT
      `p`.`l`,
      `p`.`r`,
      `p`.`kind_no`,
      `p`.`degree_bin`,
      `p`.`repeat_bin`,
      `j`.`is_same`,
      (
        (
          (
            CAST(`x`.`draw` AS BIGINT)
          ) * 2654435761 + CAST(`y`.`draw` AS BIGINT) * 40503
        ) % 4294967291
      ) AS `shuffle`,
      CASE
        WHEN `j`.`l` IS NULL
        THEN (
          (
            (
              CAST(`x`.`draw` AS BIGINT)
            ) * 2654435761 + CAST(`y`.`draw` AS BIGINT) * 40503
          ) % 4294967291
        ) DIV 4194304
        ELSE -1
      END AS `slice`
    FROM `pair_kinds` AS `p`
    JOIN `account_draws` AS `x`
      ON `x`.`account_no` = `p`.`l`
    JOIN `account_draws` AS `y`
      ON `y`.`account_no` = `p`.`r`
    LEFT JOIN `pair_labels` AS `j`
      ON `j`.`l` = `p`.`l` AND `j`.`r` = `p`.`r` AND FALSE
    WHERE
      `p`.`is_blocking_value` OR NOT `j`.`l` IS NULL
  )
  GROUP BY
    `kind_no`,
    `degree_bin`,
    `repeat_bin`,
    `slice`
), `before` AS (
  SELECT
    `kind_no`,
    `degree_bin`,
    `repeat_bin`,
    `slice`,
    SUM(`n`) OVER (PARTITION BY `kind_no`, `degree_bin`, `repeat_bin` ORDER BY `slice` NULLS LAST) - `n` AS `n_before`
  FROM `slices`
), `lasts` AS (
  SELECT
    `kind_no`,
    `degree_bin`,
    `repeat_bin`,
    MAX(`slice`) AS `slice`
  FROM `before`
  WHERE
    `n_before` < 4000
  GROUP BY
    `kind_no`,
    `degree_bin`,
    `repeat_bin`
)
SELECT
  `l`,
  `r`,
  `kind_no`,
  `degree_bin`,
  `repeat_bin`,
  `verdict`
FROM (
  SELECT
    `p`.`l`,
    `p`.`r`,
    `p`.`kind_no`,
    `p`.`degree_bin`,
    `p`.`repeat_bin`,
    COALESCE(CAST(`p`.`is_same` AS TINYINT), -1) AS `verdict`,
    ROW_NUMBER() OVER (
      PARTITION BY `p`.`kind_no`, `p`.`degree_bin`, `p`.`repeat_bin`
      ORDER BY `p`.`is_same` IS NULL NULLS LAST, `p`.`shuffle` NULLS LAST, `p`.`l` NULLS LAST, `p`.`r` NULLS LAST
    ) AS `_w`
  FROM (
    SELECT
      `p`.`l`,
      `p`.`r`,
      `p`.`kind_no`,
      `p`.`degree_bin`,
      `p`.`repeat_bin`,
      `j`.`is_same`,
      (
        (
          (
            CAST(`x`.`draw` AS BIGINT)
          ) * 2654435761 + CAST(`y`.`draw` AS BIGINT) * 40503
        ) % 4294967291
      ) AS `shuffle`,
      CASE
        WHEN `j`.`l` IS NULL
        THEN (
          (
            (
              CAST(`x`.`draw` AS BIGINT)
            ) * 2654435761 + CAST(`y`.`draw` AS BIGINT) * 40503
          ) % 4294967291
        ) DIV 4194304
        ELSE -1
      END AS `slice`
    FROM `pair_kinds` AS `p`
    JOIN `account_draws` AS `x`
      ON `x`.`account_no` = `p`.`l`
    JOIN `account_draws` AS `y`
      ON `y`.`account_no` = `p`.`r`
    LEFT JOIN `pair_labels` AS `j`
      ON `j`.`l` = `p`.`l` AND `j`.`r` = `p`.`r` AND FALSE
    WHERE
      `p`.`is_blocking_value` OR NOT `j`.`l` IS NULL
  ) AS `p`
  JOIN `lasts` AS `t`
    ON `t`.`kind_no` = `p`.`kind_no`
    AND `t`.`degree_bin` = `p`.`degree_bin`
    AND `t`.`repeat_bin` = `p`.`repeat_bin`
    AND `p`.`slice` <= `t`.`slice`
) AS `_t`
WHERE
  CAST(`_w` AS BIGINT) <= 4000

-- make viewed
SELECT DISTINCT
  `l`,
  `r`
FROM `views`

-- rows
SELECT DISTINCT
  `kind_no`
FROM `account_kinds`

-- make patterns
WITH `in_hubs` AS (
  SELECT
    `h`.`identifier_no`,
    `h`.`window_no`,
    `h`.`account_no`,
    `i`.`kind_no`
  FROM `window_incidence` AS `h`
  JOIN `blocks` AS `c`
    ON `c`.`identifier_no` = `h`.`identifier_no` AND `c`.`window_no` = `h`.`window_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `block_limits` AS `p`
    ON `p`.`kind_no` = `i`.`kind_no`
  WHERE
    `c`.`degree` > `p`.`most_scored`
), `agreements` AS (
  SELECT
    `v`.`l`,
    `v`.`r`,
    `s`.`kind_no`
  FROM `viewed` AS `v`
  JOIN `copresence_pairs` AS `s`
    ON `s`.`l` = `v`.`l` AND `s`.`r` = `v`.`r`
  UNION ALL
  SELECT
    `v`.`l`,
    `v`.`r`,
    `x`.`kind_no`
  FROM `viewed` AS `v`
  JOIN `in_hubs` AS `x`
    ON `x`.`account_no` = `v`.`l`
  JOIN `in_hubs` AS `y`
    ON `y`.`account_no` = `v`.`r`
    AND `y`.`identifier_no` = `x`.`identifier_no`
    AND `y`.`window_no` = `x`.`window_no`
), `agreed` AS (
  SELECT
    `l`,
    `r`,
    BOOL_OR(`kind_no` = 0) AS `agrees0`,
    BOOL_OR(`kind_no` = 1) AS `agrees1`,
    BOOL_OR(`kind_no` = 2) AS `agrees2`,
    BOOL_OR(`kind_no` = 3) AS `agrees3`,
    BOOL_OR(`kind_no` = 4) AS `agrees4`,
    BOOL_OR(`kind_no` = 5) AS `agrees5`,
    BOOL_OR(`kind_no` = 6) AS `agrees6`,
    BOOL_OR(`kind_no` = 7) AS `agrees7`,
    BOOL_OR(`kind_no` = 8) AS `agrees8`
  FROM `agreements`
  GROUP BY
    `l`,
    `r`
), `seen` AS (
  SELECT
    `account_no`,
    BOOL_OR(`kind_no` = 0) AS `has0`,
    BOOL_OR(`kind_no` = 1) AS `has1`,
    BOOL_OR(`kind_no` = 2) AS `has2`,
    BOOL_OR(`kind_no` = 3) AS `has3`,
    BOOL_OR(`kind_no` = 4) AS `has4`,
    BOOL_OR(`kind_no` = 5) AS `has5`,
    BOOL_OR(`kind_no` = 6) AS `has6`,
    BOOL_OR(`kind_no` = 7) AS `has7`,
    BOOL_OR(`kind_no` = 8) AS `has8`
  FROM `account_kinds`
  GROUP BY
    `account_no`
)
SELECT
  `a`.`l`,
  `a`.`r`,
  CAST(CASE WHEN `x`.`has0` AND `y`.`has0` THEN CAST(`a`.`agrees0` AS TINYINT) ELSE -1 END AS TINYINT) AS `s0`,
  CAST(CASE WHEN `x`.`has1` AND `y`.`has1` THEN CAST(`a`.`agrees1` AS TINYINT) ELSE -1 END AS TINYINT) AS `s1`,
  CAST(CASE WHEN `x`.`has2` AND `y`.`has2` THEN CAST(`a`.`agrees2` AS TINYINT) ELSE -1 END AS TINYINT) AS `s2`,
  CAST(CASE WHEN `a`.`agrees3` THEN 1 ELSE -1 END AS TINYINT) AS `s3`,
  CAST(CASE WHEN `x`.`has4` AND `y`.`has4` THEN CAST(`a`.`agrees4` AS TINYINT) ELSE -1 END AS TINYINT) AS `s4`,
  CAST(CASE WHEN `a`.`agrees5` THEN 1 ELSE -1 END AS TINYINT) AS `s5`,
  CAST(CASE WHEN `a`.`agrees6` THEN 1 ELSE -1 END AS TINYINT) AS `s6`,
  CAST(CASE WHEN `x`.`has7` AND `y`.`has7` THEN CAST(`a`.`agrees7` AS TINYINT) ELSE -1 END AS TINYINT) AS `s7`,
  CAST(CASE WHEN `x`.`has8` AND `y`.`has8` THEN CAST(`a`.`agrees8` AS TINYINT) ELSE -1 END AS TINYINT) AS `s8`
FROM `agreed` AS `a`
JOIN `seen` AS `x`
  ON `x`.`account_no` = `a`.`l`
JOIN `seen` AS `y`
  ON `y`.`account_no` = `a`.`r`

-- arrow
SELECT
  `v`.`kind_no`,
  `v`.`degree_bin` * 3 + `v`.`repeat_bin` AS `bucket`,
  `v`.`verdict`,
  `s0`,
  `s1`,
  `s2`,
  `s3`,
  `s4`,
  `s5`,
  `s6`,
  `s7`,
  `s8`,
  COUNT(*) AS `n`
FROM `views` AS `v`
JOIN `patterns` AS `p`
  ON `p`.`l` = `v`.`l` AND `p`.`r` = `v`.`r`
GROUP BY
  `v`.`kind_no`,
  `v`.`degree_bin` * 3 + `v`.`repeat_bin`,
  `v`.`verdict`,
  `s0`,
  `s1`,
  `s2`,
  `s3`,
  `s4`,
  `s5`,
  `s6`,
  `s7`,
  `s8`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST,
  4 NULLS LAST,
  5 NULLS LAST,
  6 NULLS LAST,
  7 NULLS LAST,
  8 NULLS LAST,
  9 NULLS LAST,
  10 NULLS LAST,
  11 NULLS LAST,
  12 NULLS LAST,
  13 NULLS LAST

-- make match_weights
SELECT
  *
FROM `arriving`

-- make dependence_caps
SELECT
  *
FROM `arriving`

-- make disagreement_weights
SELECT
  *
FROM `arriving`

-- make conditional_disagreement
SELECT
  *
FROM `arriving`

-- rows
DESCRIBE `pair_kinds`

-- rows
SELECT
  `l`,
  `r`,
  `kind_no`
FROM `pair_kinds`
GROUP BY
  `l`,
  `r`,
  `kind_no`
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
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `repeat_bin` IS NULL, FALSE))
FROM `pair_kinds`

-- rows
DESCRIBE `many_kinds`

-- rows
SELECT
  `l`,
  `r`
FROM `many_kinds`
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
    NOT COALESCE(NOT `r` IS NULL, FALSE))
FROM `many_kinds`

-- rows
DESCRIBE `match_weights`

-- rows
SELECT
  `kind_no`,
  `degree_bin`,
  `repeat_bin`
FROM `match_weights`
GROUP BY
  `kind_no`,
  `degree_bin`,
  `repeat_bin`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `degree_bin` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `repeat_bin` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `log_odds` IS NULL, FALSE))
FROM `match_weights`

-- rows
DESCRIBE `dependence_caps`

-- rows
SELECT
  `given_no`,
  `kind_no`
FROM `dependence_caps`
GROUP BY
  `given_no`,
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `given_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `share` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `share` IS NULL
      OR (
        `share` >= 0 AND `share` <= 1 AND ABS(`share`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `rarity` IS NULL, FALSE))
FROM `dependence_caps`

-- rows
DESCRIBE `disagreement_weights`

-- rows
SELECT
  `kind_no`
FROM `disagreement_weights`
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
    NOT COALESCE(NOT `group_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE))
FROM `disagreement_weights`

-- rows
DESCRIBE `conditional_disagreement`

-- rows
SELECT
  `given_no`,
  `kind_no`
FROM `conditional_disagreement`
GROUP BY
  `given_no`,
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `given_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE))
FROM `conditional_disagreement`

-- rows
SELECT
  `kind`
FROM `kinds`
ORDER BY
  `kind_no` NULLS LAST

-- arrow
SELECT
  `kind_no`,
  `degree_bin`,
  `repeat_bin`,
  `log_odds`
FROM `match_weights`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST,
  4 NULLS LAST

-- arrow
SELECT
  `given_no`,
  `kind_no`,
  `bits`,
  `share`,
  `rarity`
FROM `dependence_caps`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST,
  4 NULLS LAST,
  5 NULLS LAST

-- arrow
SELECT
  `kind_no`,
  `group_no`,
  `bits`
FROM `disagreement_weights`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST

-- arrow
SELECT
  `given_no`,
  `kind_no`,
  `bits`
FROM `conditional_disagreement`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST

-- rows
SELECT
  COUNT(*)
FROM `pair_kinds`
