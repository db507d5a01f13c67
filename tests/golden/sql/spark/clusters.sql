-- arrow
SELECT
  `c`.`community_no`,
  MIN(`a`.`account_id`) AS `least`
FROM `communities` AS `c`
JOIN `account_numbers` AS `a`
  ON `a`.`account_no` = `c`.`account_no`
GROUP BY
  `c`.`community_no`
ORDER BY
  `c`.`community_no` NULLS LAST

-- make cluster_names
SELECT
  *
FROM `arriving`

-- make membership
WITH `placed` AS (
  SELECT
    `c`.`account_no`,
    `p`.`account_id` AS `component_id`,
    `n`.`cluster_id`,
    `s`.`probability`
  FROM `communities` AS `c`
  JOIN `cluster_names` AS `n`
    ON `n`.`community_no` = `c`.`community_no`
  JOIN `account_numbers` AS `p`
    ON `p`.`account_no` = `c`.`component_no`
  JOIN `member_support` AS `s`
    ON `s`.`account_no` = `c`.`account_no`
)
SELECT
  `a`.`account_id`,
  `p`.`component_id`,
  `p`.`cluster_id`,
  `p`.`probability`,
  CASE
    WHEN `p`.`cluster_id` IS NULL
    THEN 'none'
    WHEN `p`.`probability` >= CAST(0.9 AS DOUBLE)
    THEN 'core'
    ELSE 'fringe'
  END AS `role`,
  `x`.`constrained_by`
FROM `account_numbers` AS `a`
LEFT JOIN `placed` AS `p`
  ON `p`.`account_no` = `a`.`account_no`
LEFT JOIN `constrained_accounts` AS `x`
  ON `x`.`account_no` = `a`.`account_no`

-- make cluster_links
SELECT
  `n`.`cluster_id`,
  `x`.`community_no`,
  `p`.`l`,
  `p`.`r`,
  `p`.`bits`
FROM `scored_pairs` AS `p`
JOIN `communities` AS `x`
  ON `x`.`account_no` = `p`.`l`
JOIN `communities` AS `y`
  ON `y`.`account_no` = `p`.`r` AND `x`.`community_no` - `y`.`community_no` = 0
JOIN `cluster_names` AS `n`
  ON `n`.`community_no` = `x`.`community_no`

-- arrow
SELECT
  `community_no`,
  `l`,
  `r`,
  `bits`
FROM `cluster_links`
WHERE
  `bits` > 0
ORDER BY
  `community_no` NULLS LAST,
  `l` NULLS LAST,
  `r` NULLS LAST

-- make weakest_cuts
SELECT
  *
FROM `arriving`

-- make crossing_links
SELECT
  *
FROM `arriving`

-- make cluster_cuts
WITH `tied` AS (
  SELECT
    `c`.`community_no`,
    COUNT(DISTINCT (`c`.`l`, `c`.`r`)) AS `n_links`,
    COUNT(DISTINCT (`e`.`kind_no`, COALESCE(`e`.`identifier_no`, -1))) AS `n_identifiers`,
    MIN(`e`.`kind_no`) AS `kind_no`,
    MIN(`e`.`identifier_no`) AS `identifier_no`
  FROM `crossing_links` AS `c`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
  WHERE
    `e`.`contribution_bits` > 0
  GROUP BY
    `c`.`community_no`
)
SELECT
  `n`.`cluster_id`,
  `f`.`cut`,
  `f`.`side`,
  `f`.`is_bound`,
  COALESCE(`t`.`n_links`, 0) AS `n_links`,
  COALESCE(`t`.`n_identifiers`, 0) AS `n_identifiers`,
  CASE WHEN `t`.`n_identifiers` = 1 THEN `k`.`kind` END AS `kind`,
  CASE WHEN `t`.`n_identifiers` = 1 THEN `i`.`value` END AS `value`
FROM `weakest_cuts` AS `f`
JOIN `cluster_names` AS `n`
  ON `n`.`community_no` = `f`.`community_no`
LEFT JOIN `tied` AS `t`
  ON `t`.`community_no` = `f`.`community_no`
LEFT JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `t`.`kind_no`
LEFT JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `t`.`identifier_no`

-- make cluster_scores
WITH `sizes` AS (
  SELECT
    `m`.`cluster_id`,
    COUNT(*) AS `n_accounts`,
    COUNT(*) FILTER(WHERE
      `m`.`role` = 'core') AS `n_core`,
    COUNT(*) FILTER(WHERE
      NOT `m`.`constrained_by` IS NULL) AS `n_constrained`,
    CASE
      WHEN COUNT(*) = 0
      THEN CAST(SUM(CAST(`m`.`probability` AS DECIMAL(18, 9))) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(SUM(CAST(`m`.`probability` AS DECIMAL(18, 9))) AS DOUBLE) / CAST(COUNT(*) AS DOUBLE)
    END AS `score`,
    MIN(`a`.`first_seen`) AS `first_seen`,
    MAX(`a`.`last_seen`) AS `last_seen`
  FROM `membership` AS `m`
  JOIN `accounts` AS `a`
    ON `a`.`account_id` = `m`.`account_id`
  WHERE
    NOT `m`.`cluster_id` IS NULL
  GROUP BY
    `m`.`cluster_id`
), `strengths` AS (
  SELECT
    `cluster_id`,
    COUNT(*) AS `n_links`,
    CASE
      WHEN COUNT(*) = 0
      THEN CAST(SUM(CAST(`bits` AS DECIMAL(18, 9))) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(SUM(CAST(`bits` AS DECIMAL(18, 9))) AS DOUBLE) / CAST(COUNT(*) AS DOUBLE)
    END AS `mean_bits`
  FROM `cluster_links`
  GROUP BY
    `cluster_id`
), `by_facet` AS (
  SELECT
    `c`.`cluster_id`,
    `e`.`facet`,
    CAST(SUM(CAST(`e`.`contribution_bits` AS DECIMAL(18, 9))) AS DOUBLE) AS `bits`
  FROM `cluster_links` AS `c`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
  WHERE
    `e`.`contribution_bits` > 0
  GROUP BY
    `c`.`cluster_id`,
    `e`.`facet`
), `facets` AS (
  SELECT
    `cluster_id`,
    ARRAY_JOIN(
      TRANSFORM(
        ARRAY_SORT(
          COLLECT_LIST(
            STRUCT(
              `bits` IS NULL AS `n0`,
              -`bits` AS `k0`,
              `facet` IS NULL AS `n1`,
              `facet` AS `k1`,
              `facet` AS `value`
            )
          )
        ),
        `entry` -> `entry`.`value`
      ),
      ','
    ) AS `facets`
  FROM `by_facet`
  GROUP BY
    `cluster_id`
)
SELECT
  `s`.`cluster_id`,
  `s`.`n_accounts`,
  `s`.`n_core`,
  `s`.`n_constrained`,
  COALESCE(`t`.`n_links`, 0) AS `n_links`,
  `s`.`score`,
  CASE
    WHEN (
      `s`.`n_accounts` * (
        `s`.`n_accounts` - 1
      )
    ) = 0
    THEN CAST(COALESCE(`t`.`n_links`, 0) * CAST(2.0 AS DOUBLE) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(COALESCE(`t`.`n_links`, 0) * CAST(2.0 AS DOUBLE) AS DOUBLE) / CAST((
      `s`.`n_accounts` * (
        `s`.`n_accounts` - 1
      )
    ) AS DOUBLE)
  END AS `density`,
  COALESCE(`t`.`mean_bits`, CAST(0.0 AS DOUBLE)) AS `mean_bits`,
  COALESCE(`c`.`cut`, CAST(0.0 AS DOUBLE)) AS `weakest_cut`,
  COALESCE(`c`.`side`, 0) AS `weakest_cut_side`,
  COALESCE(`c`.`is_bound`, FALSE) AS `weakest_cut_is_bound`,
  COALESCE(`c`.`n_links`, 0) AS `weakest_cut_links`,
  COALESCE(`c`.`n_identifiers`, 0) AS `weakest_cut_identifiers`,
  `c`.`kind` AS `weakest_cut_kind`,
  `c`.`value` AS `weakest_cut_value`,
  COALESCE(`f`.`facets`, '') AS `facets`,
  `s`.`first_seen`,
  `s`.`last_seen`
FROM `sizes` AS `s`
LEFT JOIN `strengths` AS `t`
  ON `t`.`cluster_id` = `s`.`cluster_id`
LEFT JOIN `cluster_cuts` AS `c`
  ON `c`.`cluster_id` = `s`.`cluster_id`
LEFT JOIN `facets` AS `f`
  ON `f`.`cluster_id` = `s`.`cluster_id`

-- rows
SELECT
  COUNT(*)
FROM `cluster_scores`

-- rows
SELECT
  COUNT(*)
FROM `membership`
WHERE
  NOT `cluster_id` IS NULL

-- rows
SELECT
  MAX(`n_accounts`)
FROM `cluster_scores`

-- rows
DESCRIBE `cluster_scores`

-- rows
SELECT
  `cluster_id`
FROM `cluster_scores`
GROUP BY
  `cluster_id`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_accounts` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_accounts` IS NULL OR (
      `n_accounts` >= 2
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_core` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_core` IS NULL OR (
      `n_core` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_constrained` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_constrained` IS NULL OR (
      `n_constrained` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_links` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_links` IS NULL OR (
      `n_links` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `score` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `score` IS NULL
      OR (
        `score` >= 0 AND `score` <= 1 AND ABS(`score`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `density` IS NULL
      OR (
        `density` >= 0 AND `density` <= 1 AND ABS(`density`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`mean_bits` IS NULL OR (
      ABS(`mean_bits`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `facets` IS NULL, FALSE))
FROM `cluster_scores`

-- rows
DESCRIBE `membership`

-- rows
SELECT
  `account_id`
FROM `membership`
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
    NOT COALESCE(
      `probability` IS NULL
      OR (
        `probability` >= 0
        AND `probability` <= 1
        AND ABS(`probability`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `role` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`role` IS NULL OR `role` IN ('core', 'fringe', 'none'), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `constrained_by` IS NULL OR `constrained_by` IN ('must_link', 'cannot_link'),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE((
      `cluster_id` IS NULL
    ) = (
      `role` = 'none'
    ), FALSE))
FROM `membership`

-- rows
DESCRIBE `cluster_links`

-- rows
SELECT
  `l`,
  `r`
FROM `cluster_links`
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
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `community_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE))
FROM `cluster_links`

-- rows
DESCRIBE `cluster_names`

-- rows
SELECT
  `community_no`
FROM `cluster_names`
GROUP BY
  `community_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `community_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE))
FROM `cluster_names`

-- rows
SELECT
  COUNT(*)
FROM `cluster_scores`

-- rows
SELECT
  COUNT(*)
FROM `membership`
