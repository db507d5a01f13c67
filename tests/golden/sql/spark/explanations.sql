-- make member_pieces
WITH `ends` AS (
  SELECT
    `c`.`l` AS `account_no`,
    `c`.`r` AS `other_no`,
    `e`.`kind_no`,
    `e`.`identifier_no`,
    CAST(`e`.`contribution_bits` AS DECIMAL(18, 9)) AS `bits`
  FROM `cluster_links` AS `c`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
  UNION ALL
  SELECT
    `c`.`r`,
    `c`.`l`,
    `e`.`kind_no`,
    `e`.`identifier_no`,
    CAST(`e`.`contribution_bits` AS DECIMAL(18, 9))
  FROM `cluster_links` AS `c`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
), `summed` AS (
  SELECT
    `account_no`,
    `kind_no`,
    `identifier_no`,
    CAST(SUM(`bits`) AS DOUBLE) AS `bits`,
    COUNT(*) AS `n_accounts`,
    MIN(
      STRUCT(
        `bits` IS NULL AS `n0`,
        -`bits` AS `k0`,
        `other_no` IS NULL AS `n1`,
        `other_no` AS `k1`,
        `other_no` AS `value`
      )
    ).`value` AS `strongest_no`
  FROM `ends`
  GROUP BY
    `account_no`,
    `kind_no`,
    `identifier_no`
)
SELECT
  `s`.`account_no`,
  `k`.`kind`,
  `s`.`identifier_no`,
  `k`.`facet` = 'behaviour' AS `is_behaviour`,
  `s`.`bits`,
  `s`.`n_accounts`,
  `s`.`strongest_no`,
  CAST(ROW_NUMBER() OVER (
    PARTITION BY `s`.`account_no`
    ORDER BY `s`.`bits` DESC, `k`.`kind` NULLS LAST, `s`.`identifier_no` NULLS LAST
  ) AS BIGINT) AS `place`
FROM `summed` AS `s`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `s`.`kind_no`

-- make member_reasons
WITH `named` AS (
  SELECT
    `p`.`account_no`,
    CASE WHEN `p`.`is_behaviour` THEN 'joint_behaviour' ELSE 'shared_identifier' END AS `reason`,
    `p`.`kind`,
    `i`.`value`,
    `p`.`bits`,
    `p`.`n_accounts`,
    `p`.`strongest_no`,
    CASE
      WHEN `p`.`is_behaviour`
      THEN CONCAT(
        'in ',
        FORMAT_NUMBER(`p`.`n_accounts`, 0),
        ' ',
        CAST(CASE WHEN `p`.`n_accounts` = 1 THEN 'pair' ELSE 'pairs' END AS STRING),
        ' ',
        CAST(CASE `p`.`kind`
          WHEN 'lockstep'
          THEN 'acting in lockstep'
          WHEN 'crew_beat'
          THEN 'keeping the beat of one crew'
          WHEN 'succession'
          THEN 'of which one follows the other on one resource'
          WHEN 'replacement'
          THEN 'using a place where accounts closed for abuse are replaced'
          WHEN 'load_balancing'
          THEN 'taking turns'
          WHEN 'signup_burst'
          THEN 'signed up in one burst'
          ELSE 'acting together'
        END AS STRING)
      )
      ELSE CONCAT(
        'ties it to ',
        FORMAT_NUMBER(`p`.`n_accounts`, 0),
        ' other ',
        CAST(CASE WHEN `p`.`n_accounts` = 1 THEN 'member' ELSE 'members' END AS STRING),
        '; ',
        FORMAT_NUMBER(`i`.`degree`, 0),
        ' use it in total'
      ) || COALESCE('; listed as ' || `i`.`label`, '')
    END AS `detail`
  FROM `member_pieces` AS `p`
  LEFT JOIN (
    SELECT
      `s`.`identifier_no`,
      `s`.`value`,
      `s`.`degree`,
      COALESCE(`o`.`label`, `s`.`label`) AS `label`
    FROM `shared_identifiers` AS `s`
    LEFT JOIN `overridden` AS `o`
      ON `o`.`identifier_no` = `s`.`identifier_no`
  ) AS `i`
    ON `i`.`identifier_no` = `p`.`identifier_no`
  WHERE
    `p`.`bits` > 0 AND (
      `p`.`is_behaviour` OR `p`.`place` <= 10
    )
), `rest` AS (
  SELECT
    `p`.`account_no`,
    CASE WHEN `p`.`bits` < 0 THEN 'differing_values' ELSE 'further_identifiers' END AS `reason`,
    CAST(SUM(CAST(`p`.`bits` AS DECIMAL(18, 9))) AS DOUBLE) AS `bits`,
    CASE
      WHEN `p`.`bits` < 0
      THEN 'kinds in which it differs from linked members'
      WHEN COUNT(*) = 1
      THEN '1 further identifier'
      ELSE CONCAT(FORMAT_NUMBER(COUNT(*), 0), ' further identifiers')
    END AS `detail`
  FROM `member_pieces` AS `p`
  WHERE
    `p`.`bits` <= 0 OR NOT (
      `p`.`is_behaviour` OR `p`.`place` <= 10
    )
  GROUP BY
    `p`.`account_no`,
    `p`.`bits` < 0
), `prior` AS (
  SELECT
    `account_no`,
    'prior' AS `reason`,
    COUNT(*) * (
      -CAST(12.0 AS DOUBLE)
    ) AS `bits`,
    CONCAT(
      FORMAT_NUMBER(COUNT(*), 0),
      ' ',
      CAST(CASE WHEN COUNT(*) = 1 THEN 'link' ELSE 'links, each' END AS STRING),
      ', starting at -12 bits'
    ) AS `detail`
  FROM (
    SELECT
      `l` AS `account_no`
    FROM `cluster_links`
    UNION ALL
    SELECT
      `r`
    FROM `cluster_links`
  )
  GROUP BY
    `account_no`
), `all_reasons` AS (
  SELECT
    `account_no`,
    `reason`,
    `kind`,
    `value`,
    `bits`,
    `n_accounts`,
    `strongest_no`,
    `detail`
  FROM `named`
  UNION ALL
  SELECT
    `account_no`,
    `reason`,
    NULL,
    NULL,
    `bits`,
    NULL,
    NULL,
    `detail`
  FROM (
    SELECT
      *
    FROM `rest`
    UNION ALL
    SELECT
      *
    FROM `prior`
  )
)
SELECT
  `a`.`account_id`,
  `m`.`cluster_id`,
  CAST(ROW_NUMBER() OVER (
    PARTITION BY `r`.`account_no`
    ORDER BY `r`.`bits` DESC, `r`.`reason` NULLS LAST, `r`.`kind` NULLS LAST, `r`.`value` NULLS LAST
  ) AS BIGINT) AS `rank`,
  `r`.`reason`,
  `r`.`kind`,
  `r`.`value`,
  `r`.`bits`,
  `r`.`n_accounts`,
  `o`.`account_id` AS `strongest`,
  `r`.`detail`
FROM `all_reasons` AS `r`
JOIN `account_numbers` AS `a`
  ON `a`.`account_no` = `r`.`account_no`
JOIN `membership` AS `m`
  ON `m`.`account_id` = `a`.`account_id`
LEFT JOIN `account_numbers` AS `o`
  ON `o`.`account_no` = `r`.`strongest_no`

-- make link_reasons
WITH `named_kinds` AS (
  SELECT
    `kind_no`,
    `kind`,
    `facet`,
    CAST(ROW_NUMBER() OVER (ORDER BY `kind` NULLS LAST) AS BIGINT) AS `place`
  FROM `evidence_kinds`
), `pieces` AS (
  SELECT
    `l`,
    `r`,
    0 AS `turn`,
    CAST(NULL AS INT) AS `kind_no`,
    CAST(NULL AS INT) AS `identifier_no`,
    CAST((
      -CAST(12.0 AS DOUBLE)
    ) AS DECIMAL(18, 9)) AS `bits`,
    CAST((
      -CAST(12.0 AS DOUBLE)
    ) AS DECIMAL(18, 9)) AS `alone`
  FROM `scored_pairs`
  UNION ALL
  SELECT
    `l`,
    `r`,
    1,
    `kind_no`,
    `identifier_no`,
    CAST(`contribution_bits` AS DECIMAL(18, 9)),
    CAST(`bits` AS DECIMAL(18, 9))
  FROM `pair_evidence`
), `placed` AS (
  SELECT
    `p`.`l`,
    `p`.`r`,
    `p`.`identifier_no`,
    `p`.`bits`,
    `p`.`alone`,
    `k`.`kind`,
    `k`.`facet`,
    CAST(ROW_NUMBER() OVER (
      PARTITION BY `p`.`l`, `p`.`r`
      ORDER BY `p`.`turn` NULLS LAST, `p`.`bits` DESC, `p`.`alone` DESC, `k`.`place` NULLS LAST, `p`.`identifier_no` NULLS LAST
    ) AS BIGINT) AS `rank`
  FROM `pieces` AS `p`
  LEFT JOIN `named_kinds` AS `k`
    ON `k`.`kind_no` = `p`.`kind_no`
)
SELECT
  `x`.`account_id` AS `account_id_l`,
  `y`.`account_id` AS `account_id_r`,
  `p`.`rank`,
  CASE
    WHEN `p`.`kind` IS NULL
    THEN 'prior'
    WHEN NOT `p`.`identifier_no` IS NULL
    THEN 'shared_identifier'
    WHEN `p`.`facet` = 'behaviour'
    THEN 'joint_behaviour'
    ELSE 'differing_values'
  END AS `reason`,
  `p`.`kind`,
  `i`.`value`,
  CAST(`p`.`bits` AS DOUBLE) AS `bits`,
  CAST((
    SUM(`p`.`bits`) OVER (PARTITION BY `p`.`l`, `p`.`r` ORDER BY `p`.`rank` NULLS LAST)
  ) AS DOUBLE) AS `running`,
  CASE
    WHEN `p`.`kind` IS NULL
    THEN 'before anything is known'
    WHEN `i`.`degree` <= 2
    THEN 'they share it; nobody else holds it'
    WHEN `i`.`degree` = 3
    THEN 'they share it; 1 other held it too'
    WHEN `i`.`degree` > 3
    THEN CONCAT('they share it; ', FORMAT_NUMBER(`i`.`degree` - 2, 0), ' others held it too')
    WHEN `p`.`facet` = 'behaviour'
    THEN 'a pair ' || CASE `p`.`kind`
      WHEN 'lockstep'
      THEN 'acting in lockstep'
      WHEN 'crew_beat'
      THEN 'keeping the beat of one crew'
      WHEN 'succession'
      THEN 'of which one follows the other on one resource'
      WHEN 'replacement'
      THEN 'using a place where accounts closed for abuse are replaced'
      WHEN 'load_balancing'
      THEN 'taking turns'
      WHEN 'signup_burst'
      THEN 'signed up in one burst'
      ELSE 'acting together'
    END
    ELSE 'they differ in it'
  END || CASE
    WHEN `p`.`alone` - `p`.`bits` > CAST(0.# AS DOUBLE)
    THEN CONCAT('; of +', CAST(CAST(`p`.`alone` AS DECIMAL(18, 1)) AS STRING), ' bits alone')
    ELSE ''
  END || COALESCE('; listed as ' || `i`.`label`, '') AS `detail`
FROM `placed` AS `p`
JOIN `account_numbers` AS `x`
  ON `x`.`account_no` = `p`.`l`
JOIN `account_numbers` AS `y`
  ON `y`.`account_no` = `p`.`r`
LEFT JOIN (
  SELECT
    `s`.`identifier_no`,
    `s`.`value`,
    `s`.`degree`,
    COALESCE(`o`.`label`, `s`.`label`) AS `label`
  FROM `shared_identifiers` AS `s`
  LEFT JOIN `overridden` AS `o`
    ON `o`.`identifier_no` = `s`.`identifier_no`
) AS `i`
  ON `i`.`identifier_no` = `p`.`identifier_no`

-- rows
SELECT
  COUNT(*)
FROM `member_reasons`

-- rows
SELECT
  COUNT(*)
FROM `link_reasons`

-- rows
DESCRIBE `member_reasons`

-- rows
SELECT
  `account_id`,
  `rank`
FROM `member_reasons`
GROUP BY
  `account_id`,
  `rank`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `rank` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`rank` IS NULL OR (
      `rank` >= 1
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `reason` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `reason` IS NULL
      OR `reason` IN (
        'shared_identifier',
        'joint_behaviour',
        'further_identifiers',
        'differing_values',
        'prior'
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`bits` IS NULL OR (
      ABS(`bits`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_accounts` IS NULL OR (
      `n_accounts` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      (
        `kind` IS NULL
      ) = (
        NOT `reason` IN ('shared_identifier', 'joint_behaviour')
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      (
        `kind` IS NULL
      ) = (
        `n_accounts` IS NULL
      )
      AND (
        `kind` IS NULL
      ) = (
        `strongest` IS NULL
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`strongest` IS NULL OR `strongest` <> `account_id`, FALSE))
FROM `member_reasons`

-- rows
DESCRIBE `link_reasons`

-- rows
SELECT
  `account_id_l`,
  `account_id_r`,
  `rank`
FROM `link_reasons`
GROUP BY
  `account_id_l`,
  `account_id_r`,
  `rank`
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
    NOT COALESCE(NOT `rank` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`rank` IS NULL OR (
      `rank` >= 1
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `reason` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `reason` IS NULL
      OR `reason` IN (
        'shared_identifier',
        'joint_behaviour',
        'further_identifiers',
        'differing_values',
        'prior'
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`bits` IS NULL OR (
      ABS(`bits`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `running` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`running` IS NULL OR (
      ABS(`running`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`account_id_l` < `account_id_r`, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      (
        `rank` = 1
      ) = (
        `reason` = 'prior'
      )
      AND (
        `kind` IS NULL
      ) = (
        `reason` = 'prior'
      ),
      FALSE
    ))
FROM `link_reasons`

-- rows
SELECT
  COUNT(*)
FROM `member_reasons`

-- rows
SELECT
  COUNT(*)
FROM `link_reasons`
