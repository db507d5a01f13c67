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
), `belonging` AS (
  SELECT
    `s`.`account_no`,
    `c`.`community_no`,
    CASE
      WHEN `e`.`community_no` IS NULL
      THEN `s`.`probability`
      ELSE CASE
        WHEN (
          CAST(1.0 AS DOUBLE) + `s`.`probability`
        ) = 0
        THEN CAST(`s`.`probability` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`s`.`probability` AS DOUBLE) / CAST((
          CAST(1.0 AS DOUBLE) + `s`.`probability`
        ) AS DOUBLE)
      END
    END AS `probability`
  FROM `evidence_support` AS `s`
  JOIN `evidence_communities` AS `c`
    ON `c`.`account_no` = `s`.`account_no`
  LEFT JOIN `explained_by_evidence` AS `e`
    ON `e`.`community_no` = `c`.`community_no`
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
    COALESCE(`t`.`probability`, CAST(0.0 AS DOUBLE)) AS `p_via_cluster`,
    CASE
      WHEN `x`.`community_no` <> `y`.`community_no`
      THEN `x`.`probability` * `y`.`probability`
      ELSE CAST(0.0 AS DOUBLE)
    END AS `p_apart`,
    NOT `e`.`l` IS NULL AS `is_explained`
  FROM `scored_pairs` AS `p`
  LEFT JOIN `cluster_paths` AS `t`
    ON `t`.`l` = `p`.`l` AND `t`.`r` = `p`.`r`
  LEFT JOIN `belonging` AS `x`
    ON `x`.`account_no` = `p`.`l`
  LEFT JOIN `belonging` AS `y`
    ON `y`.`account_no` = `p`.`r`
  LEFT JOIN `explained_pairs` AS `e`
    ON `e`.`l` = `p`.`l` AND `e`.`r` = `p`.`r`
), `concluded` AS (
  SELECT
    *,
    (
      CAST(1.0 AS DOUBLE) - (
        CAST(1.0 AS DOUBLE) - `p_direct`
      ) * (
        CAST(1.0 AS DOUBLE) - `p_via_cluster`
      )
    ) * (
      CAST(1.0 AS DOUBLE) - `p_apart`
    ) AS `p_one`
  FROM `placed`
)
SELECT
  `x`.`account_id` AS `account_id_l`,
  `y`.`account_id` AS `account_id_r`,
  `p`.`bits`,
  `p`.`p_direct`,
  `p`.`p_via_cluster`,
  `p`.`p_apart`,
  `p`.`is_explained`,
  CASE
    WHEN `p`.`is_explained`
    THEN CASE
      WHEN (
        CAST(1.0 AS DOUBLE) + `p`.`p_one`
      ) = 0
      THEN CAST(`p`.`p_one` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(`p`.`p_one` AS DOUBLE) / CAST((
        CAST(1.0 AS DOUBLE) + `p`.`p_one`
      ) AS DOUBLE)
    END
    ELSE `p`.`p_one`
  END AS `probability`,
  `f`.`n_evidence`,
  `f`.`n_facets`
FROM `concluded` AS `p`
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
    NOT COALESCE(NOT `p_apart` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_apart` IS NULL
      OR (
        `p_apart` >= 0 AND `p_apart` <= 1 AND ABS(`p_apart`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `is_explained` IS NULL, FALSE)),
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
