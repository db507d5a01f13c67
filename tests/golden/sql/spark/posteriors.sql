-- make concluded_links
WITH `facets` AS (
  SELECT
    `l`,
    `r`,
    COUNT(*) AS `n_evidence`,
    GREATEST(1, COUNT(DISTINCT `facet`) FILTER(WHERE
      `contribution_bits` > 0)) AS `n_facets`
  FROM `pair_evidence`
  GROUP BY
    `l`,
    `r`
), `placed` AS (
  SELECT
    `p`.`l`,
    `p`.`r`,
    `p`.`bits`,
    CASE
      WHEN (
        CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -`p`.`bits`)
      ) = 0
      THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(1.0 AS DOUBLE) / CAST((
        CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -`p`.`bits`)
      ) AS DOUBLE)
    END AS `p_direct`,
    COALESCE(`t`.`probability`, CAST(0.0 AS DOUBLE)) AS `p_via_cluster`
  FROM `scored_pairs` AS `p`
  LEFT JOIN `cluster_paths` AS `t`
    ON `t`.`l` = `p`.`l` AND `t`.`r` = `p`.`r`
)
SELECT
  `x`.`account_id` AS `account_id_l`,
  `y`.`account_id` AS `account_id_r`,
  `p`.`bits`,
  `p`.`p_direct`,
  `p`.`p_via_cluster`,
  CAST(1.0 AS DOUBLE) - (
    CAST(1.0 AS DOUBLE) - `p`.`p_direct`
  ) * (
    CAST(1.0 AS DOUBLE) - `p`.`p_via_cluster`
  ) AS `probability`,
  `f`.`n_evidence`,
  `f`.`n_facets`
FROM `placed` AS `p`
JOIN `facets` AS `f`
  ON `f`.`l` = `p`.`l` AND `f`.`r` = `p`.`r`
JOIN `account_numbers` AS `x`
  ON `x`.`account_no` = `p`.`l`
JOIN `account_numbers` AS `y`
  ON `y`.`account_no` = `p`.`r`

-- rows
SELECT
  COUNT(*)
FROM `concluded_links`
WHERE
  `probability` >= CAST(0.5 AS DOUBLE)

-- rows
DESCRIBE `concluded_links`

-- rows
SELECT
  `account_id_l`,
  `account_id_r`
FROM `concluded_links`
GROUP BY
  `account_id_l`,
  `account_id_r`
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
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`bits` IS NULL OR (
      ABS(`bits`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_direct` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_direct` IS NULL
      OR (
        `p_direct` >= 0
        AND `p_direct` <= 1
        AND ABS(`p_direct`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_via_cluster` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_via_cluster` IS NULL
      OR (
        `p_via_cluster` >= 0
        AND `p_via_cluster` <= 1
        AND ABS(`p_via_cluster`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `probability` IS NULL, FALSE)),
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
    NOT COALESCE(NOT `n_evidence` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_evidence` IS NULL OR (
      `n_evidence` >= 1
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_facets` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_facets` IS NULL OR (
      `n_facets` >= 1
    ), FALSE))
FROM `concluded_links`

-- rows
SELECT
  COUNT(*)
FROM `concluded_links`
