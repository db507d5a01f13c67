-- make scored_pairs
SELECT
  `l`,
  `r`,
  `bits`
FROM `pair_scores`
WHERE
  `bits` >= -CAST(0.# AS DOUBLE)

-- make pair_evidence
WITH `ranked` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`kind_no`,
    `s`.`identifier_no`,
    `s`.`bits`,
    `w`.`contribution_bits`,
    CAST(ROW_NUMBER() OVER (
      PARTITION BY `s`.`l`, `s`.`r`, `s`.`kind_no`
      ORDER BY `s`.`bits` DESC, `s`.`identifier_no` NULLS LAST
    ) AS BIGINT) AS `place`,
    COUNT(*) OVER (PARTITION BY `s`.`l`, `s`.`r`, `s`.`kind_no`) AS `n`
  FROM `scored_pairs` AS `p`
  JOIN `exclusivity_bits` AS `s`
    ON `s`.`l` = `p`.`l` AND `s`.`r` = `p`.`r`
  JOIN `kind_bits` AS `w`
    ON `w`.`l` = `s`.`l` AND `w`.`r` = `s`.`r` AND `w`.`kind_no` = `s`.`kind_no`
), `divided` AS (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `identifier_no`,
    `bits`,
    `contribution_bits` * POWER(CAST(0.5 AS DOUBLE), LEAST(`place`, `n` - 1)) AS `contribution_bits`
  FROM `ranked`
  WHERE
    `place` <= 40
)
SELECT
  `p`.`l`,
  `p`.`r`,
  `p`.`kind_no`,
  `p`.`identifier_no`,
  `k`.`facet`,
  `p`.`bits`,
  `p`.`contribution_bits`
FROM `divided` AS `p`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `p`.`kind_no`
UNION ALL
SELECT
  `w`.`l`,
  `w`.`r`,
  `w`.`kind_no`,
  NULL,
  `k`.`facet`,
  `w`.`bits`,
  `w`.`contribution_bits`
FROM `scored_pairs` AS `p`
JOIN `kind_bits` AS `w`
  ON `w`.`l` = `p`.`l` AND `w`.`r` = `p`.`r`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `w`.`kind_no`
WHERE
  `w`.`bits` < 0 OR `k`.`facet` = 'behaviour'

-- make evidence
SELECT
  `x`.`account_id` AS `account_id_l`,
  `y`.`account_id` AS `account_id_r`,
  `k`.`kind`,
  COALESCE(`i`.`value`, '') AS `value`,
  `e`.`facet`,
  `e`.`bits`,
  `e`.`contribution_bits`,
  CAST(COALESCE(`s`.`n_windows`, `b`.`n_events`, 1) AS BIGINT) AS `n_windows`,
  CAST(`s`.`degree` AS BIGINT) AS `window_degree`,
  CAST(`s`.`lag_s` AS BIGINT) AS `lag_seconds`,
  TIMESTAMP_MICROS(COALESCE(LEAST(`s`.`first_s`, `s`.`last_s`), `b`.`first_s`) * 1000000) AS `first_joint`,
  TIMESTAMP_MICROS(COALESCE(GREATEST(`s`.`first_s`, `s`.`last_s`), `b`.`last_s`) * 1000000) AS `last_joint`,
  `a`.`kind` AS `at_kind`,
  `a`.`value` AS `at_value`
FROM `pair_evidence` AS `e`
JOIN `account_numbers` AS `x`
  ON `x`.`account_no` = `e`.`l`
JOIN `account_numbers` AS `y`
  ON `y`.`account_no` = `e`.`r`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `e`.`kind_no`
LEFT JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `e`.`identifier_no`
LEFT JOIN `copresence_pairs` AS `s`
  ON `s`.`l` = `e`.`l`
  AND `s`.`r` = `e`.`r`
  AND `s`.`identifier_no` = `e`.`identifier_no`
LEFT JOIN `numbered_behaviours` AS `b`
  ON `b`.`l` = `e`.`l` AND `b`.`r` = `e`.`r` AND `b`.`kind_no` = `e`.`kind_no`
LEFT JOIN `shared_identifiers` AS `a`
  ON `a`.`identifier_no` = `b`.`at_no`

-- make identifiers
WITH `joint` AS (
  SELECT
    `identifier_no`,
    COUNT(*) AS `n`
  FROM `copresence_pairs`
  GROUP BY
    `identifier_no`
), `capped` AS (
  SELECT
    `c`.`identifier_no`,
    MAX(`c`.`degree`) > ANY_VALUE(`p`.`cap`) IGNORE NULLS AS `is_capped`,
    MIN(`c`.`degree`) > ANY_VALUE(`p`.`cap`) IGNORE NULLS AS `is_hub`
  FROM `blocks` AS `c`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `c`.`identifier_no`
  JOIN `block_limits` AS `p`
    ON `p`.`kind_no` = `i`.`kind_no`
  GROUP BY
    `c`.`identifier_no`
)
SELECT
  `i`.`kind`,
  `i`.`value`,
  `k`.`facet`,
  `i`.`degree`,
  CAST(RINT((
    CAST(`i`.`degree` * (
      `i`.`degree` - 1
    ) AS DOUBLE) / 2
  )) AS BIGINT) AS `n_pairs`,
  COALESCE(`j`.`n`, 0) AS `n_joint_pairs`,
  COALESCE(`c`.`is_hub`, FALSE) AS `is_hub`,
  COALESCE(`c`.`is_capped`, FALSE) AS `is_capped`,
  COALESCE(`o`.`p_exclusive`, `p`.`p_exclusive`) AS `p_exclusive`,
  NOT `o`.`identifier_no` IS NULL AS `is_overridden`,
  COALESCE(`o`.`label`, `i`.`label`) AS `label`,
  `i`.`label_type`,
  TIMESTAMP_MICROS(`i`.`first_s` * 1000000) AS `first_seen`,
  TIMESTAMP_MICROS(`i`.`last_s` * 1000000) AS `last_seen`
FROM `shared_identifiers` AS `i`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no`
LEFT JOIN `joint` AS `j`
  ON `j`.`identifier_no` = `i`.`identifier_no`
LEFT JOIN `capped` AS `c`
  ON `c`.`identifier_no` = `i`.`identifier_no`
LEFT JOIN `exclusivity` AS `p`
  ON `p`.`identifier_no` = `i`.`identifier_no`
LEFT JOIN `overridden` AS `o`
  ON `o`.`identifier_no` = `i`.`identifier_no`

-- rows
SELECT
  COUNT(*)
FROM `scored_pairs`

-- rows
SELECT
  COUNT(*)
FROM `scored_pairs`
WHERE
  `bits` >= 0

-- rows
DESCRIBE `evidence`

-- rows
SELECT
  `account_id_l`,
  `account_id_r`,
  `kind`,
  `value`
FROM `evidence`
GROUP BY
  `account_id_l`,
  `account_id_r`,
  `kind`,
  `value`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_id_l` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_id_r` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`bits` IS NULL OR (
      ABS(`bits`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `contribution_bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `contribution_bits` IS NULL
      OR (
        ABS(`contribution_bits`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_windows` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_windows` IS NULL OR (
      `n_windows` >= 1
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`window_degree` IS NULL OR (
      `window_degree` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`account_id_l` < `account_id_r`, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`first_joint` IS NULL OR `first_joint` <= `last_joint`, FALSE))
FROM `evidence`

-- rows
DESCRIBE `identifiers`

-- rows
SELECT
  `kind`,
  `value`
FROM `identifiers`
GROUP BY
  `kind`,
  `value`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `degree` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`degree` IS NULL OR (
      `degree` >= 1
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_pairs` IS NULL OR (
      `n_pairs` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_joint_pairs` IS NULL OR (
      `n_joint_pairs` >= 0
    ), FALSE)),
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
FROM `identifiers`

-- rows
DESCRIBE `scored_pairs`

-- rows
SELECT
  `l`,
  `r`
FROM `scored_pairs`
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
    NOT COALESCE(NOT `bits` IS NULL, FALSE))
FROM `scored_pairs`

-- rows
DESCRIBE `pair_evidence`

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `l` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `r` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `facet` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `contribution_bits` IS NULL, FALSE))
FROM `pair_evidence`

-- rows
SELECT
  COUNT(*)
FROM `evidence`

-- rows
SELECT
  COUNT(*)
FROM `identifiers`
