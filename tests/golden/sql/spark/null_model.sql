-- rows
SELECT
  `facet`
FROM `evidence_kinds`
ORDER BY
  `kind_no` NULLS LAST

-- rows
SELECT
  COUNT(*)
FROM `exclusivity_bits`

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

-- make common_identifiers
SELECT
  `c`.`identifier_no`,
  `i`.`kind_no`,
  MAX(`c`.`degree`) AS `degree`
FROM `blocks` AS `c`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `c`.`identifier_no`
JOIN `block_limits` AS `p`
  ON `p`.`kind_no` = `i`.`kind_no`
WHERE
  `c`.`degree` > `p`.`cap` AND `c`.`degree` <= 2048
GROUP BY
  `c`.`identifier_no`,
  `i`.`kind_no`

-- arrow
WITH `strongest` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`kind_no`,
    MAX(`s`.`bits`) AS `bits`
  FROM `exclusivity_bits` AS `s`
  WHERE
    `s`.`bits` > 0
    AND TRUE
    AND NOT `s`.`identifier_no` IN (
      SELECT
        `identifier_no`
      FROM `common_identifiers`
    )
  GROUP BY
    `s`.`l`,
    `s`.`r`,
    `s`.`kind_no`
), `tied` AS (
  SELECT
    `t`.`l`,
    `t`.`r`,
    `t`.`kind_no`,
    `t`.`bits`,
    `p`.`degree`,
    1 AS `n`
  FROM `strongest` AS `t`
  JOIN (
    SELECT
      *
    FROM `pair_kinds`
    WHERE
      TRUE
  ) AS `p`
    ON `p`.`l` = `t`.`l` AND `p`.`r` = `t`.`r` AND `p`.`kind_no` = `t`.`kind_no`
  UNION ALL
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `bits`,
    2,
    1
  FROM `numbered_behaviours`
), `strange` AS (
  SELECT
    `t`.`kind_no`,
    `t`.`bits`,
    `t`.`degree`,
    `t`.`n` * CASE
      WHEN `k`.`l` IS NULL
      THEN CAST(1.0 AS DOUBLE)
      ELSE CASE
        WHEN (
          CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), `k`.`bits`)
        ) = 0
        THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(1.0 AS DOUBLE) / CAST((
          CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), `k`.`bits`)
        ) AS DOUBLE)
      END
    END AS `n`
  FROM `tied` AS `t`
  LEFT JOIN `scored_pairs` AS `k`
    ON `k`.`l` = `t`.`l` AND `k`.`r` = `t`.`r`
  UNION ALL
  SELECT
    `c`.`kind_no`,
    LEAST(
      `k`.`most_bits`,
      COALESCE(
        LOG(
          2,
          CASE
            WHEN (
              CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
            ) = 0
            THEN CAST(`v`.`p_exclusive` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(`v`.`p_exclusive` AS DOUBLE) / CAST((
              CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
            ) AS DOUBLE)
          END
        ),
        CASE
          WHEN CASE
            WHEN (
              CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
            ) = 0
            THEN CAST(`v`.`p_exclusive` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(`v`.`p_exclusive` AS DOUBLE) / CAST((
              CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
            ) AS DOUBLE)
          END = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN CASE
            WHEN (
              CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
            ) = 0
            THEN CAST(`v`.`p_exclusive` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(`v`.`p_exclusive` AS DOUBLE) / CAST((
              CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
            ) AS DOUBLE)
          END < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      ) - (
        -CAST(12.0 AS DOUBLE)
      )
    ),
    `c`.`degree`,
    `c`.`degree` * (
      `c`.`degree` - 1
    ) DIV 2 * (
      CAST(1.0 AS DOUBLE) - `v`.`p_exclusive`
    )
  FROM `common_identifiers` AS `c`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `c`.`kind_no`
  JOIN `exclusivity` AS `v`
    ON `v`.`identifier_no` = `c`.`identifier_no`
)
SELECT
  `kind_no`,
  CAST(RINT(
    CAST(FLOOR(CAST(2.0 AS DOUBLE) * ROUND(`bits`, 6) + CAST(0.5 AS DOUBLE)) AS DOUBLE)
  ) AS INT) AS `half_bits`,
  CAST(RINT(
    CAST(FLOOR(
      COALESCE(
        LOG(2, GREATEST(1, `degree` - 1)),
        CASE
          WHEN GREATEST(1, `degree` - 1) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN GREATEST(1, `degree` - 1) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      )
    ) AS DOUBLE)
  ) AS INT) AS `log_degree`,
  CAST(SUM(CAST(ROUND(`n`, 6) AS DECIMAL(24, 6))) AS DOUBLE) AS `n`
FROM `strange`
WHERE
  `bits` >= CAST(0.25 AS DOUBLE)
GROUP BY
  `kind_no`,
  CAST(RINT(
    CAST(FLOOR(CAST(2.0 AS DOUBLE) * ROUND(`bits`, 6) + CAST(0.5 AS DOUBLE)) AS DOUBLE)
  ) AS INT),
  CAST(RINT(
    CAST(FLOOR(
      COALESCE(
        LOG(2, GREATEST(1, `degree` - 1)),
        CASE
          WHEN GREATEST(1, `degree` - 1) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN GREATEST(1, `degree` - 1) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      )
    ) AS DOUBLE)
  ) AS INT)
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST,
  4 NULLS LAST

-- rows
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
  )
FROM `pair_kinds`
WHERE
  TRUE
GROUP BY
  `kind_no`

-- arrow
SELECT
  `given_no`,
  `kind_no`,
  `bits`,
  `share`,
  `rarity`
FROM `evidence_dependence_caps`

-- rows
SELECT
  COUNT(*)
FROM `account_numbers`

-- make drawn_accounts
SELECT
  `account_no`
FROM `account_numbers`
WHERE
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
  ) AS BIGINT) % 1 = 0

-- arrow
SELECT
  `h`.`account_no`,
  `i`.`kind_no`,
  COUNT(*) AS `n`
FROM `window_incidence` AS `h`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `h`.`identifier_no`
JOIN `drawn_accounts` AS `d`
  ON `d`.`account_no` = `h`.`account_no`
GROUP BY
  `h`.`account_no`,
  `i`.`kind_no`
ORDER BY
  `h`.`account_no` NULLS LAST,
  `i`.`kind_no` NULLS LAST

-- rows
SELECT
  COUNT(*)
FROM `drawn_accounts`

-- make explained
SELECT
  `e`.*
FROM `explained_communities` AS `e`
JOIN `cluster_names` AS `n`
  ON `n`.`community_no` = `e`.`community_no`
JOIN `cluster_hypotheses` AS `h`
  ON `h`.`cluster_id` = `n`.`cluster_id`
WHERE
  `h`.`hypothesis` <> 'openly_one_organisation'
  OR `e`.`also_explained_by` = 'taste'

-- rows
SELECT
  CAST(SUM(`n`) AS DOUBLE),
  CAST(SUM(`n` * `n`) AS DOUBLE)
FROM (
  SELECT
    COUNT(*) AS `n`
  FROM `window_incidence`
  GROUP BY
    `account_no`
)

-- arrow
SELECT
  `c`.`cluster_id`,
  `c`.`n_accounts`,
  ROUND(`c`.`mean_bits`, 6) AS `mean_bits`,
  ROUND(`c`.`score`, 6) AS `score`,
  ROUND(`h`.`p_same_operator` + `h`.`p_openly_one_organisation`, 6) AS `p_one`,
  `e`.`also_explained_by`
FROM `cluster_scores` AS `c`
JOIN `cluster_hypotheses` AS `h`
  ON `h`.`cluster_id` = `c`.`cluster_id`
JOIN `cluster_names`
  ON `cluster_names`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `explained` AS `e`
  ON `e`.`community_no` = `cluster_names`.`community_no`
ORDER BY
  `c`.`cluster_id` NULLS LAST

-- make cluster_chances
SELECT
  *
FROM `arriving`

-- make clusters
SELECT
  `cluster_scores`.`cluster_id`,
  `n_accounts`,
  `n_core`,
  `n_constrained`,
  `n_links`,
  `score`,
  `density`,
  `mean_bits`,
  `weakest_cut`,
  `weakest_cut_side`,
  `weakest_cut_is_bound`,
  `weakest_cut_links`,
  `weakest_cut_identifiers`,
  `weakest_cut_kind`,
  `weakest_cut_value`,
  `facets`,
  `hypothesis`,
  `p_same_operator`,
  `p_shared_intermediary`,
  `p_shared_network`,
  `p_openly_one_organisation`,
  `rival`,
  `rival_bits`,
  `expected_by_chance`,
  `fdr`,
  `also_explained_by`,
  `first_seen`,
  `last_seen`
FROM `cluster_scores`
JOIN `cluster_hypotheses`
  ON `cluster_hypotheses`.`cluster_id` = `cluster_scores`.`cluster_id`
JOIN `cluster_chances`
  ON `cluster_chances`.`cluster_id` = `cluster_scores`.`cluster_id`

-- arrow
SELECT
  CAST(RINT(CAST(FLOOR(ROUND(`bits`, 6) * 4) AS DOUBLE)) AS BIGINT) AS `bin`,
  COUNT(*) AS `n`
FROM `concluded_links`
GROUP BY
  `bin`
ORDER BY
  `bin` DESC

-- make link_chances
SELECT
  *
FROM `arriving`

-- make rated_links
WITH `doubted` AS (
  SELECT
    `k`.*,
    `c`.`expected_by_chance`,
    CASE
      WHEN `k`.`is_explained`
      THEN CAST(1.0 AS DOUBLE)
      ELSE GREATEST(CAST(1.0 AS DOUBLE) - `k`.`probability`, `c`.`share`)
    END AS `doubt`
  FROM (
    SELECT
      *,
      CAST(RINT(CAST(FLOOR(ROUND(`bits`, 6) * 4) AS DOUBLE)) AS BIGINT) AS `bin`
    FROM `concluded_links`
  ) AS `k`
  JOIN `link_chances` AS `c`
    ON `c`.`bin` = `k`.`bin`
)
SELECT
  `account_id_l`,
  `account_id_r`,
  `bits`,
  `p_direct`,
  `p_via_cluster`,
  `p_apart`,
  `is_explained`,
  `probability`,
  `n_evidence`,
  `n_facets`,
  `expected_by_chance`,
  `doubt`,
  CAST(RINT(CAST(FLOOR(10000 * ROUND(`doubt`, 9)) AS DOUBLE)) AS BIGINT) AS `level`
FROM `doubted`

-- arrow
SELECT
  `level`,
  COUNT(*) AS `n`,
  CAST(SUM(CAST(ROUND(`doubt`, 9) AS DECIMAL(18, 9))) AS DOUBLE) AS `doubt`
FROM `rated_links`
GROUP BY
  `level`
ORDER BY
  `level` NULLS LAST

-- make link_rates
SELECT
  *
FROM `arriving`

-- make links
SELECT
  `k`.`account_id_l`,
  `k`.`account_id_r`,
  `k`.`bits`,
  `k`.`p_direct`,
  `k`.`p_via_cluster`,
  `k`.`p_apart`,
  `k`.`is_explained`,
  `k`.`probability`,
  `k`.`n_evidence`,
  `k`.`n_facets`,
  `k`.`expected_by_chance`,
  `r`.`fdr`
FROM `rated_links` AS `k`
JOIN `link_rates` AS `r`
  ON `r`.`level` = `k`.`level`

-- rows
SELECT
  COUNT(*)
FROM `clusters`
WHERE
  NOT `also_explained_by` IS NULL

-- rows
SELECT
  COUNT(*)
FROM `clusters`
WHERE
  `fdr` <= CAST(0.05 AS DOUBLE)

-- rows
SELECT
  COUNT(*)
FROM `links`
WHERE
  `fdr` <= CAST(0.05 AS DOUBLE)

-- rows
DESCRIBE `clusters`

-- rows
SELECT
  `cluster_id`
FROM `clusters`
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
    NOT COALESCE(NOT `facets` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `hypothesis` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `hypothesis` IS NULL
      OR `hypothesis` IN (
        'same_operator',
        'shared_intermediary',
        'shared_network',
        'openly_one_organisation'
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_same_operator` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_same_operator` IS NULL
      OR (
        `p_same_operator` >= 0
        AND `p_same_operator` <= 1
        AND ABS(`p_same_operator`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_shared_intermediary` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_shared_intermediary` IS NULL
      OR (
        `p_shared_intermediary` >= 0
        AND `p_shared_intermediary` <= 1
        AND ABS(`p_shared_intermediary`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_shared_network` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_shared_network` IS NULL
      OR (
        `p_shared_network` >= 0
        AND `p_shared_network` <= 1
        AND ABS(`p_shared_network`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_openly_one_organisation` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_openly_one_organisation` IS NULL
      OR (
        `p_openly_one_organisation` >= 0
        AND `p_openly_one_organisation` <= 1
        AND ABS(`p_openly_one_organisation`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `rival` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `rival` IS NULL
      OR `rival` IN (
        'same_operator',
        'shared_intermediary',
        'shared_network',
        'openly_one_organisation'
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `rival_bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `rival_bits` IS NULL
      OR (
        `rival_bits` >= 0 AND ABS(`rival_bits`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `expected_by_chance` IS NULL
      OR (
        `expected_by_chance` >= 0
        AND ABS(`expected_by_chance`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `fdr` IS NULL
      OR (
        `fdr` >= 0 AND `fdr` <= 1 AND ABS(`fdr`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `also_explained_by` IS NULL
      OR `also_explained_by` IN ('one_identifier', 'place', 'taste', 'times'),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      LEAST(
        `p_same_operator`,
        `p_shared_intermediary`,
        `p_shared_network`,
        `p_openly_one_organisation`
      ) > 0,
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      ABS(
        `p_same_operator` + `p_shared_intermediary` + `p_shared_network` + `p_openly_one_organisation` - 1
      ) < CAST(0.# AS DOUBLE),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`hypothesis` <> `rival`, FALSE))
FROM `clusters`

-- rows
DESCRIBE `links`

-- rows
SELECT
  `account_id_l`,
  `account_id_r`
FROM `links`
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
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `expected_by_chance` IS NULL
      OR (
        `expected_by_chance` >= 0
        AND ABS(`expected_by_chance`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `fdr` IS NULL
      OR (
        `fdr` >= 0 AND `fdr` <= 1 AND ABS(`fdr`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`account_id_l` < `account_id_r`, FALSE))
FROM `links`

-- rows
SELECT
  COUNT(*)
FROM `clusters`

-- rows
SELECT
  COUNT(*)
FROM `links`
