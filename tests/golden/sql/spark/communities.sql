-- rows
SELECT
  MAX(`account_no`)
FROM `account_numbers`

-- arrow
SELECT
  `l`,
  `r`,
  ROUND(LEAST(`bits`, CAST(12.0 AS DOUBLE)), 6) AS `bits`
FROM `scored_pairs`
WHERE
  `bits` > 0
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- make leading_evidence
WITH `chief` AS (
  SELECT
    `e`.`l`,
    `e`.`r`,
    MIN(
      STRUCT(
        `e`.`contribution_bits` IS NULL AS `n0`,
        -`e`.`contribution_bits` AS `k0`,
        `e`.`identifier_no` IS NULL AS `n1`,
        `e`.`identifier_no` AS `k1`,
        COALESCE(`e`.`identifier_no`, -1) AS `value`
      )
    ).`value` AS `identifier_no`,
    COALESCE(
      MAX(`e`.`contribution_bits`) FILTER(WHERE
        `e`.`facet` IN ('payment', 'identity')
        AND COALESCE(`p`.`p_exclusive`, CAST(1.0 AS DOUBLE)) >= CAST(0.5 AS DOUBLE)),
      CAST(0.0 AS DOUBLE)
    ) >= CAST(3.0 AS DOUBLE) AS `is_owned`,
    COALESCE(
      MAX(`e`.`contribution_bits`) FILTER(WHERE
        `e`.`facet` = 'behaviour'),
      CAST(0.0 AS DOUBLE)
    ) >= CAST(3.0 AS DOUBLE) AS `is_behaviour`,
    COALESCE(MAX(`e`.`bits`) FILTER(WHERE
      `e`.`facet` = 'network'), CAST(0.0 AS DOUBLE)) >= CAST(3.0 AS DOUBLE) AS `is_at_place`,
    MIN(`e`.`identifier_no`) FILTER(WHERE
      `i`.`kind` = 'router') AS `router_no`
  FROM `pair_evidence` AS `e`
  LEFT JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `e`.`identifier_no`
  LEFT JOIN `exclusivity` AS `p`
    ON `p`.`identifier_no` = `e`.`identifier_no`
  GROUP BY
    `e`.`l`,
    `e`.`r`
)
SELECT
  `p`.`l`,
  `p`.`r`,
  `p`.`bits`,
  CASE
    WHEN `c`.`is_owned` OR `c`.`identifier_no` < 0
    THEN `c`.`identifier_no`
    ELSE COALESCE(`c`.`router_no`, `n`.`network_no`, `c`.`identifier_no`)
  END AS `identifier_no`,
  `c`.`is_owned`,
  `c`.`is_owned` OR `c`.`is_behaviour` AS `is_own`,
  `c`.`is_at_place`
FROM `scored_pairs` AS `p`
JOIN `chief` AS `c`
  ON `c`.`l` = `p`.`l` AND `c`.`r` = `p`.`r`
LEFT JOIN `networks` AS `n`
  ON `n`.`identifier_no` = `c`.`identifier_no`

-- arrow
SELECT
  `l`,
  `r`,
  `bits`,
  `identifier_no`,
  `is_owned`,
  `is_own`,
  `is_at_place`
FROM `leading_evidence`

-- rows
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
  `v`.`account_no`,
  `v`.`kind_no`,
  COALESCE(`v`.`identifier_no`, -`v`.`account_no`) AS `value_no`
FROM `single_values` AS `v`
SEMI JOIN (
  SELECT
    `l` AS `account_no`
  FROM `scored_pairs`
  UNION ALL
  SELECT
    `r`
  FROM `scored_pairs`
) AS `p`
  ON `p`.`account_no` = `v`.`account_no`

-- make unpruned_communities
SELECT
  *
FROM `arriving`

-- arrow
WITH `able_of_all` AS (
  SELECT
    `mark`,
    COUNT(DISTINCT `account_no`) AS `n`
  FROM `marked_accounts`
  GROUP BY
    `mark`
), `able` AS (
  SELECT
    `g`.`community_no`,
    `m`.`mark`,
    COUNT(DISTINCT `m`.`account_no`) AS `n`,
    MAX(`m`.`degree`) AS `degree`
  FROM `marked_accounts` AS `m`
  JOIN `unpruned_communities` AS `g`
    ON `g`.`account_no` = `m`.`account_no`
  GROUP BY
    `g`.`community_no`,
    `m`.`mark`
), `held` AS (
  SELECT
    `g`.`community_no`,
    `m`.`mark`,
    `m`.`value`,
    COUNT(DISTINCT `m`.`account_no`) AS `n`,
    MAX(`m`.`degree`) AS `degree`
  FROM `marked_accounts` AS `m`
  JOIN `unpruned_communities` AS `g`
    ON `g`.`account_no` = `m`.`account_no`
  WHERE
    NOT `m`.`value` IS NULL
  GROUP BY
    `g`.`community_no`,
    `m`.`mark`,
    `m`.`value`
), `usual` AS (
  SELECT
    `h`.*,
    `a`.`n` AS `n_able`,
    SUM(`h`.`n`) OVER (PARTITION BY `h`.`mark`, `h`.`value`) AS `n_own`
  FROM `held` AS `h`
  JOIN `able` AS `a`
    ON `a`.`community_no` = `h`.`community_no` AND `a`.`mark` = `h`.`mark`
  WHERE
    2 * `h`.`n` > `a`.`n`
)
SELECT DISTINCT
  `m`.`account_no`,
  `u`.`n`,
  `u`.`n_able`,
  `t`.`n` AS `n_able_of_all`
FROM `usual` AS `u`
JOIN `unpruned_communities` AS `c`
  ON `c`.`community_no` = `u`.`community_no`
JOIN `marked_accounts` AS `m`
  ON `m`.`account_no` = `c`.`account_no` AND `m`.`mark` = `u`.`mark`
JOIN `able_of_all` AS `t`
  ON `t`.`mark` = `u`.`mark`
ANTI JOIN `marked_accounts` AS `s`
  ON `s`.`account_no` = `m`.`account_no`
  AND `s`.`mark` = `u`.`mark`
  AND `s`.`value` = `u`.`value`
WHERE
  2 * `u`.`n_own` > `u`.`degree`

-- arrow
SELECT
  `l`,
  `r`,
  `is_same`
FROM `pair_labels`
ORDER BY
  `l` NULLS LAST,
  `r` NULLS LAST

-- make evidence_communities
SELECT
  *
FROM `arriving`

-- make communities
SELECT
  *
FROM `arriving`

-- make numbered_constraints
SELECT
  *
FROM `arriving`

-- make constraints
SELECT
  `a`.`account_id` AS `account_id_l`,
  `b`.`account_id` AS `account_id_r`,
  `n`.`constraint_type`,
  `n`.`outcome`,
  `n`.`cut_bits`
FROM `numbered_constraints` AS `n`
JOIN `account_numbers` AS `a`
  ON `a`.`account_no` = `n`.`l`
JOIN `account_numbers` AS `b`
  ON `b`.`account_no` = `n`.`r`

-- make constrained_accounts
SELECT
  *
FROM `arriving`

-- make evidence_draws
SELECT
  `i`.`identifier_no`,
  CAST((
    1 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 1, 1), '0123456789abcdef') - 1
    ) + 16 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 2, 1), '0123456789abcdef') - 1
    ) + 256 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 3, 1), '0123456789abcdef') - 1
    ) + 4096 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 4, 1), '0123456789abcdef') - 1
    ) + 65536 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 5, 1), '0123456789abcdef') - 1
    ) + 1048576 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 6, 1), '0123456789abcdef') - 1
    ) + 16777216 * (
      LOCATE(SUBSTRING(MD5(`i`.`kind` || ' ' || `i`.`value`), 7, 1), '0123456789abcdef') - 1
    )
  ) AS BIGINT) AS `draw`
FROM `shared_identifiers` AS `i`
SEMI JOIN `pair_evidence` AS `e`
  ON `e`.`identifier_no` = `i`.`identifier_no`
UNION ALL
SELECT
  -`k`.`kind_no` - 1,
  CAST((
    1 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 1, 1), '0123456789abcdef') - 1
    ) + 16 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 2, 1), '0123456789abcdef') - 1
    ) + 256 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 3, 1), '0123456789abcdef') - 1
    ) + 4096 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 4, 1), '0123456789abcdef') - 1
    ) + 65536 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 5, 1), '0123456789abcdef') - 1
    ) + 1048576 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 6, 1), '0123456789abcdef') - 1
    ) + 16777216 * (
      LOCATE(SUBSTRING(MD5(`k`.`kind`), 7, 1), '0123456789abcdef') - 1
    )
  ) AS BIGINT)
FROM `evidence_kinds` AS `k`

-- arrow
SELECT
  `e`.`l`,
  `e`.`r`,
  `d`.`draw`,
  CAST(RINT(ROUND(`e`.`contribution_bits` * CAST(1000000.0 AS DOUBLE))) AS BIGINT) AS `units`
FROM `pair_evidence` AS `e`
JOIN `evidence_communities` AS `x`
  ON `x`.`account_no` = `e`.`l`
JOIN `evidence_communities` AS `y`
  ON `y`.`account_no` = `e`.`r` AND `x`.`community_no` - `y`.`community_no` = 0
JOIN `evidence_draws` AS `d`
  ON `d`.`identifier_no` = COALESCE(`e`.`identifier_no`, -`e`.`kind_no` - 1)
ORDER BY
  `e`.`l` NULLS LAST,
  `e`.`r` NULLS LAST

-- arrow
SELECT
  `account_no`,
  `community_no`
FROM `evidence_communities`
ORDER BY
  `account_no` NULLS LAST

-- make stays
SELECT
  *
FROM `arriving`

-- make owners
SELECT
  *
FROM `arriving`

-- make member_ties
WITH `ends` AS (
  SELECT
    `l` AS `account_no`,
    `r` AS `other_no`,
    `bits`,
    `identifier_no`
  FROM `leading_evidence`
  UNION ALL
  SELECT
    `r`,
    `l`,
    `bits`,
    `identifier_no`
  FROM `leading_evidence`
)
SELECT
  COALESCE(`o`.`owner_no`, `e`.`account_no`) AS `owner_no`,
  `e`.`identifier_no`,
  MIN(
    -COALESCE(
      LN(
        CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), LEAST(`e`.`bits`, CAST(30.0 AS DOUBLE)))
      ),
      CASE
        WHEN (
          CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), LEAST(`e`.`bits`, CAST(30.0 AS DOUBLE)))
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), LEAST(`e`.`bits`, CAST(30.0 AS DOUBLE)))
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    )
  ) AS `doubt`
FROM `ends` AS `e`
JOIN `evidence_communities` AS `x`
  ON `x`.`account_no` = `e`.`account_no`
JOIN `evidence_communities` AS `y`
  ON `y`.`account_no` = `e`.`other_no` AND `x`.`community_no` - `y`.`community_no` = 0
LEFT JOIN `owners` AS `o`
  ON `o`.`account_no` = `e`.`account_no`
GROUP BY
  COALESCE(`o`.`owner_no`, `e`.`account_no`),
  `e`.`identifier_no`

-- make evidence_support
SELECT
  `s`.`account_no`,
  `s`.`stays`,
  COALESCE(`d`.`doubt`, CAST(0.0 AS DOUBLE)) AS `doubt`,
  ROUND(
    `s`.`stays` * (
      CAST(1.0 AS DOUBLE) - EXP(COALESCE(`d`.`doubt`, CAST(0.0 AS DOUBLE)))
    ),
    6
  ) AS `probability`
FROM `stays` AS `s`
LEFT JOIN `owners` AS `o`
  ON `o`.`account_no` = `s`.`account_no`
LEFT JOIN (
  SELECT
    `owner_no`,
    CAST(SUM(CAST(`doubt` AS DECIMAL(18, 9))) AS DOUBLE) AS `doubt`
  FROM `member_ties`
  GROUP BY
    `owner_no`
) AS `d`
  ON `d`.`owner_no` = COALESCE(`o`.`owner_no`, `s`.`account_no`)

-- arrow
SELECT
  `e`.`l`,
  `e`.`r`,
  `e`.`bits`,
  `e`.`identifier_no`,
  `e`.`is_owned`,
  `e`.`is_own`,
  `e`.`is_at_place`,
  `a`.`community_no`
FROM `leading_evidence` AS `e`
JOIN `evidence_communities` AS `a`
  ON `a`.`account_no` = `e`.`l`
JOIN `evidence_communities` AS `b`
  ON `b`.`account_no` = `e`.`r` AND `a`.`community_no` - `b`.`community_no` = 0
ORDER BY
  `e`.`l` NULLS LAST,
  `e`.`r` NULLS LAST

-- make other_paths
SELECT
  *
FROM `arriving`

-- make cluster_paths
SELECT
  `c`.`l`,
  `c`.`r`,
  ROUND(
    `x`.`stays` * (
      CAST(1.0 AS DOUBLE) - EXP(
        LEAST(CAST(0.0 AS DOUBLE), `x`.`doubt` - COALESCE(`t`.`doubt`, CAST(0.0 AS DOUBLE)))
      )
    ) * `y`.`stays` * (
      CAST(1.0 AS DOUBLE) - EXP(
        LEAST(CAST(0.0 AS DOUBLE), `y`.`doubt` - COALESCE(`u`.`doubt`, CAST(0.0 AS DOUBLE)))
      )
    ),
    6
  ) AS `probability`
FROM `leading_evidence` AS `c`
JOIN `other_paths` AS `p`
  ON `p`.`l` = `c`.`l` AND `p`.`r` = `c`.`r`
JOIN `evidence_support` AS `x`
  ON `x`.`account_no` = `c`.`l`
JOIN `evidence_support` AS `y`
  ON `y`.`account_no` = `c`.`r`
LEFT JOIN `member_ties` AS `t`
  ON `t`.`owner_no` = `c`.`l` AND `t`.`identifier_no` = `c`.`identifier_no`
LEFT JOIN `member_ties` AS `u`
  ON `u`.`owner_no` = `c`.`r` AND `u`.`identifier_no` = `c`.`identifier_no`

-- make member_support
SELECT
  *
FROM `evidence_support`

-- rows
SELECT
  COUNT(DISTINCT `component_no`)
FROM `communities`

-- rows
SELECT
  COUNT(DISTINCT `community_no`)
FROM `communities`

-- rows
DESCRIBE `communities`

-- rows
SELECT
  `account_no`
FROM `communities`
GROUP BY
  `account_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `component_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `community_no` IS NULL, FALSE))
FROM `communities`

-- rows
DESCRIBE `evidence_communities`

-- rows
SELECT
  `account_no`
FROM `evidence_communities`
GROUP BY
  `account_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `component_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `community_no` IS NULL, FALSE))
FROM `evidence_communities`

-- rows
DESCRIBE `constraints`

-- rows
SELECT
  `account_id_l`,
  `account_id_r`
FROM `constraints`
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
    NOT COALESCE(NOT `constraint_type` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `constraint_type` IS NULL OR `constraint_type` IN ('must_link', 'cannot_link'),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `outcome` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`outcome` IS NULL OR `outcome` IN ('agrees', 'applied', 'conflict'), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `cut_bits` IS NULL
      OR (
        `cut_bits` >= 0 AND ABS(`cut_bits`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`account_id_l` < `account_id_r`, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      (
        `cut_bits` IS NULL
      ) = (
        `outcome` <> 'applied' OR `constraint_type` = 'must_link'
      ),
      FALSE
    ))
FROM `constraints`

-- rows
DESCRIBE `constrained_accounts`

-- rows
SELECT
  `account_no`
FROM `constrained_accounts`
GROUP BY
  `account_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `constrained_by` IS NULL, FALSE))
FROM `constrained_accounts`

-- rows
DESCRIBE `member_support`

-- rows
SELECT
  `account_no`
FROM `member_support`
GROUP BY
  `account_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `stays` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `stays` IS NULL
      OR (
        `stays` >= 0 AND `stays` <= 1 AND ABS(`stays`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `doubt` IS NULL, FALSE)),
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
    ))
FROM `member_support`

-- rows
DESCRIBE `evidence_support`

-- rows
SELECT
  `account_no`
FROM `evidence_support`
GROUP BY
  `account_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `stays` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `stays` IS NULL
      OR (
        `stays` >= 0 AND `stays` <= 1 AND ABS(`stays`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `doubt` IS NULL, FALSE)),
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
    ))
FROM `evidence_support`

-- rows
DESCRIBE `cluster_paths`

-- rows
SELECT
  `l`,
  `r`
FROM `cluster_paths`
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
    ))
FROM `cluster_paths`

-- rows
SELECT
  COUNT(*)
FROM `communities`
