-- make behaviour_kinds
SELECT
  (
    SELECT
      COUNT(*)
    FROM `kinds`
  ) + CAST(ROW_NUMBER() OVER (ORDER BY `behaviour` NULLS LAST) AS BIGINT) - 1 AS `kind_no`,
  `behaviour`
FROM (
  SELECT DISTINCT
    `behaviour`
  FROM `behaviours`
)

-- make evidence_kinds
SELECT
  *
FROM `kinds`
UNION ALL
SELECT
  CAST(`kind_no` AS INT),
  `behaviour`,
  'behaviour',
  TRUE,
  NULL,
  NULL,
  NULL,
  NULL
FROM `behaviour_kinds`

-- make numbered_behaviours
SELECT
  `b`.`l`,
  `b`.`r`,
  CAST(`k`.`kind_no` AS INT) AS `kind_no`,
  `b`.`bits`,
  `b`.`n_events`,
  `b`.`first_s`,
  `b`.`last_s`,
  `b`.`at_no`
FROM `behaviours` AS `b`
JOIN `behaviour_kinds` AS `k`
  ON `k`.`behaviour` = `b`.`behaviour`

-- make evidence_dependence_caps
SELECT
  *
FROM `dependence_caps`
UNION ALL
SELECT
  CAST(`x`.`kind_no` AS INT),
  CAST(`y`.`kind_no` AS INT),
  CAST(0.# AS DOUBLE),
  CAST(0.25 AS DOUBLE),
  CAST(0.0 AS DOUBLE)
FROM `behaviour_kinds` AS `x`
CROSS JOIN `behaviour_kinds` AS `y`
WHERE
  `x`.`kind_no` <> `y`.`kind_no`
UNION ALL
SELECT
  `k`.`kind_no`,
  CAST(`x`.`kind_no` AS INT),
  CAST(0.# AS DOUBLE),
  CAST(0.25 AS DOUBLE),
  CAST(0.0 AS DOUBLE)
FROM `behaviour_kinds` AS `x`
CROSS JOIN `kinds` AS `k`
WHERE
  `x`.`behaviour` IN ('signup_burst', 'replacement') AND `k`.`facet` = 'network'
UNION ALL
SELECT
  CAST(`x`.`kind_no` AS INT),
  `k`.`kind_no`,
  CAST(0.# AS DOUBLE),
  CAST(0.25 AS DOUBLE),
  CAST(0.0 AS DOUBLE)
FROM `behaviour_kinds` AS `x`
CROSS JOIN `kinds` AS `k`
WHERE
  `x`.`behaviour` = 'replacement' AND `k`.`facet` = 'network'

-- make alone
WITH `multi_kind_pairs` AS (
  SELECT
    `l`,
    `r`
  FROM `many_kinds`
  UNION
  SELECT
    `l`,
    `r`
  FROM `numbered_behaviours`
), `kept_pairs` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`kind_no`,
    `s`.`bits`,
    NOT `m`.`l` IS NULL AS `has_more`
  FROM `exclusivity_bits` AS `s`
  LEFT JOIN `multi_kind_pairs` AS `m`
    ON `m`.`l` = `s`.`l` AND `m`.`r` = `s`.`r`
  WHERE
    `s`.`bits` >= CAST(0.# AS DOUBLE) OR NOT `m`.`l` IS NULL
), `per_kind` AS (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    MAX(`bits`) AS `bits`,
    BOOL_OR(`has_more`) AS `has_more`
  FROM `kept_pairs`
  GROUP BY
    `l`,
    `r`,
    `kind_no`
), `chosen` AS (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `bits`,
    CAST(1 AS BIGINT) AS `n`
  FROM `per_kind`
  WHERE
    NOT `has_more`
  UNION ALL
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `bits`,
    `n`
  FROM (
    SELECT
      `l`,
      `r`,
      `kind_no`,
      `bits`,
      CAST((
        COUNT(*) OVER (PARTITION BY `l`, `r`)
      ) AS BIGINT) AS `n`,
      SUM(`bits`) OVER (PARTITION BY `l`, `r`) AS `_w`
    FROM (
      SELECT
        `l`,
        `r`,
        `kind_no`,
        `bits`
      FROM `per_kind`
      WHERE
        `has_more`
      UNION ALL
      SELECT
        `l`,
        `r`,
        `kind_no`,
        `bits`
      FROM `numbered_behaviours`
    )
  ) AS `_t`
  WHERE
    `_w` >= CAST(0.# AS DOUBLE)
)
SELECT
  `c`.`l`,
  `c`.`r`,
  `c`.`kind_no`,
  COALESCE(`p`.`degree`, 2) AS `degree`,
  `c`.`bits`,
  `c`.`n`
FROM `chosen` AS `c`
LEFT JOIN `pair_kinds` AS `p`
  ON `p`.`l` = `c`.`l` AND `p`.`r` = `c`.`r` AND `p`.`kind_no` = `c`.`kind_no`

-- rows
SELECT
  COUNT(*)
FROM `evidence_kinds`

-- arrow
SELECT
  `given_no`,
  `kind_no`,
  `bits`,
  `share`,
  `rarity`
FROM `evidence_dependence_caps`

-- arrow
SELECT
  `kind_no`,
  AVG(
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
  ) AS `log_degree`
FROM `pair_kinds`
GROUP BY
  `kind_no`

-- make_by counted_kinds
SELECT
  `l`,
  `r`,
  `kind_no`,
  `bits`,
  CAST(`degree` AS DOUBLE) AS `degree`
FROM `alone`
WHERE
  `n` > 1

-- make agreeing
SELECT
  `l`,
  `r`,
  `kind_no`,
  `bits`,
  `bits` AS `contribution_bits`
FROM `alone`
WHERE
  `n` = 1
UNION ALL
SELECT
  `l`,
  `r`,
  `kind_no`,
  `bits`,
  `contribution_bits`
FROM `counted_kinds`

-- make kept_pairs
SELECT
  `l`,
  `r`
FROM `agreeing`
GROUP BY
  `l`,
  `r`
HAVING
  SUM(`agreeing`.`contribution_bits`) >= CAST(0.# AS DOUBLE)

-- make single_values
SELECT
  `a`.`account_no`,
  `a`.`kind_no`,
  MAX(`h`.`identifier_no`) AS `identifier_no`
FROM `account_kinds` AS `a`
JOIN `disagreement_weights` AS `c`
  ON `c`.`kind_no` = `a`.`kind_no`
LEFT JOIN (
  SELECT
    `h`.`account_no`,
    `h`.`identifier_no`,
    `i`.`kind_no`
  FROM `window_incidence` AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
) AS `h`
  ON `h`.`account_no` = `a`.`account_no` AND `h`.`kind_no` = `a`.`kind_no`
WHERE
  `a`.`is_single`
GROUP BY
  `a`.`account_no`,
  `a`.`kind_no`

-- make differing
WITH `differing` AS (
  SELECT
    `p`.`l`,
    `p`.`r`,
    `c`.`kind_no`,
    `c`.`group_no`,
    `c`.`bits`
  FROM `kept_pairs` AS `p`
  JOIN `single_values` AS `x`
    ON `x`.`account_no` = `p`.`l`
  JOIN `single_values` AS `y`
    ON `y`.`account_no` = `p`.`r` AND `y`.`kind_no` = `x`.`kind_no`
  JOIN `disagreement_weights` AS `c`
    ON `c`.`kind_no` = `x`.`kind_no`
  WHERE
    `x`.`identifier_no` IS DISTINCT FROM `y`.`identifier_no`
    OR `x`.`identifier_no` IS NULL
), `given` AS (
  SELECT
    `d`.`l`,
    `d`.`r`,
    `d`.`kind_no`,
    MIN(`c`.`bits`) AS `bits`
  FROM `differing` AS `d`
  JOIN `agreeing` AS `a`
    ON `a`.`l` = `d`.`l` AND `a`.`r` = `d`.`r`
  JOIN `conditional_disagreement` AS `c`
    ON `c`.`given_no` = `a`.`kind_no` AND `c`.`kind_no` = `d`.`kind_no`
  GROUP BY
    `d`.`l`,
    `d`.`r`,
    `d`.`kind_no`
)
SELECT
  `l`,
  `r`,
  `kind_no`,
  `bits`,
  `contribution_bits`
FROM (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `bits`,
    `bits` AS `contribution_bits`,
    ROW_NUMBER() OVER (
      PARTITION BY `l`, `r`, `group_no`
      ORDER BY `bits` NULLS LAST, `kind_no` NULLS LAST
    ) AS `_w`
  FROM (
    SELECT
      `d`.`l`,
      `d`.`r`,
      `d`.`kind_no`,
      `d`.`group_no`,
      LEAST(`d`.`bits`, COALESCE(`g`.`bits`, CAST(0.0 AS DOUBLE))) AS `bits`
    FROM `differing` AS `d`
    LEFT JOIN `given` AS `g`
      ON `g`.`l` = `d`.`l` AND `g`.`r` = `d`.`r` AND `g`.`kind_no` = `d`.`kind_no`
  )
) AS `_t`
WHERE
  CAST(`_w` AS BIGINT) = 1

-- make kind_bits
SELECT
  `a`.`l`,
  `a`.`r`,
  `a`.`kind_no`,
  `a`.`bits`,
  ROUND(`a`.`contribution_bits`, 6) AS `contribution_bits`
FROM `agreeing` AS `a`
JOIN `kept_pairs` AS `p`
  ON `p`.`l` = `a`.`l` AND `p`.`r` = `a`.`r`
UNION ALL
SELECT
  `l`,
  `r`,
  `kind_no`,
  `bits`,
  `contribution_bits`
FROM `differing`

-- make pair_scores
SELECT
  `l`,
  `r`,
  -CAST(12.0 AS DOUBLE) + SUM(`contribution_bits`) AS `bits`,
  COUNT(*) AS `n_kinds`
FROM `kind_bits`
GROUP BY
  `l`,
  `r`

-- rows
SELECT
  COUNT(*)
FROM `pair_scores`

-- rows
DESCRIBE `kind_bits`

-- rows
SELECT
  `l`,
  `r`,
  `kind_no`
FROM `kind_bits`
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
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `contribution_bits` IS NULL, FALSE))
FROM `kind_bits`

-- rows
DESCRIBE `pair_scores`

-- rows
SELECT
  `l`,
  `r`
FROM `pair_scores`
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
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_kinds` IS NULL, FALSE))
FROM `pair_scores`

-- rows
DESCRIBE `single_values`

-- rows
SELECT
  `account_no`,
  `kind_no`
FROM `single_values`
GROUP BY
  `account_no`,
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE))
FROM `single_values`

-- rows
DESCRIBE `evidence_kinds`

-- rows
SELECT
  `kind_no`
FROM `evidence_kinds`
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
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `facet` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `is_declared` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_exclusive` IS NULL
      OR (
        `p_exclusive` >= 0
        AND `p_exclusive` <= 1
        AND ABS(`p_exclusive`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    ))
FROM `evidence_kinds`

-- rows
DESCRIBE `evidence_dependence_caps`

-- rows
SELECT
  `given_no`,
  `kind_no`
FROM `evidence_dependence_caps`
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
FROM `evidence_dependence_caps`

-- rows
DESCRIBE `numbered_behaviours`

-- rows
SELECT
  `l`,
  `r`,
  `kind_no`
FROM `numbered_behaviours`
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
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_events` IS NULL, FALSE))
FROM `numbered_behaviours`

-- rows
SELECT
  COUNT(*)
FROM `kind_bits`
