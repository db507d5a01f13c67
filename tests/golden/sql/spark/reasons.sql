-- make reasons
WITH `by_identifier` AS (
  SELECT
    `c`.`cluster_id`,
    `k`.`kind`,
    `i`.`value`,
    `i`.`degree`,
    `i`.`label`,
    CAST(SUM(CAST(`e`.`contribution_bits` AS DECIMAL(18, 9))) AS DOUBLE) AS `bits`,
    COUNT(*) AS `n_links`,
    CAST(ROW_NUMBER() OVER (
      PARTITION BY `c`.`cluster_id`
      ORDER BY SUM(CAST(`e`.`contribution_bits` AS DECIMAL(18, 9))) DESC, `k`.`kind` NULLS LAST, `i`.`value` NULLS LAST
    ) AS BIGINT) AS `place`,
    `e`.`identifier_no`,
    `k`.`facet` = 'behaviour' AS `is_behaviour`
  FROM `cluster_links` AS `c`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `e`.`kind_no`
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
    ON `i`.`identifier_no` = `e`.`identifier_no`
  GROUP BY
    `c`.`cluster_id`,
    `k`.`kind`,
    `k`.`facet`,
    `i`.`value`,
    `i`.`degree`,
    `i`.`label`,
    `e`.`identifier_no`
)
SELECT
  `cluster_id`,
  CAST(ROW_NUMBER() OVER (
    PARTITION BY `cluster_id`
    ORDER BY `bits` DESC, `reason` NULLS LAST, `kind` NULLS LAST, `value` NULLS LAST
  ) AS BIGINT) AS `rank`,
  `reason`,
  `kind`,
  `value`,
  `bits`,
  `n_accounts`,
  `detail`,
  `at_kind`,
  `at_value`
FROM (
  SELECT
    `b`.`cluster_id`,
    'shared_identifier' AS `reason`,
    `b`.`kind`,
    `b`.`value`,
    `b`.`bits`,
    `t`.`n_accounts`,
    CONCAT(
      'ties ',
      FORMAT_NUMBER(`t`.`n_accounts`, 0),
      ' of its accounts; ',
      FORMAT_NUMBER(`b`.`degree`, 0),
      ' use it in total'
    ) || COALESCE('; listed as ' || `b`.`label`, '') AS `detail`,
    CAST(NULL AS STRING) AS `at_kind`,
    CAST(NULL AS STRING) AS `at_value`
  FROM `by_identifier` AS `b`
  JOIN (
    SELECT
      `cluster_id`,
      `identifier_no`,
      COUNT(DISTINCT `account_no`) AS `n_accounts`
    FROM (
      SELECT
        `c`.`cluster_id`,
        `e`.`identifier_no`,
        EXPLODE(ARRAY(`c`.`l`, `c`.`r`)) AS `account_no`
      FROM `cluster_links` AS `c`
      JOIN `pair_evidence` AS `e`
        ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
      WHERE
        NOT `e`.`identifier_no` IS NULL
    )
    GROUP BY
      `cluster_id`,
      `identifier_no`
  ) AS `t`
    ON `t`.`cluster_id` = `b`.`cluster_id` AND `t`.`identifier_no` = `b`.`identifier_no`
  WHERE
    `b`.`place` <= 20 AND `b`.`bits` > 0
  UNION ALL
  SELECT
    `b`.`cluster_id`,
    'joint_behaviour' AS `reason`,
    `b`.`kind`,
    NULL AS `value`,
    `b`.`bits`,
    CAST(NULL AS BIGINT) AS `n_accounts`,
    CONCAT(
      FORMAT_NUMBER(`b`.`n_links`, 0),
      ' ',
      CAST(CASE WHEN `b`.`n_links` = 1 THEN 'pair' ELSE 'pairs' END AS STRING),
      ' ',
      CAST(CASE `b`.`kind`
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
    ) AS `detail`,
    `s`.`kind` AS `at_kind`,
    `s`.`value` AS `at_value`
  FROM `by_identifier` AS `b`
  LEFT JOIN (
    SELECT
      `cluster_id`,
      `kind`,
      `at_no`
    FROM (
      SELECT
        `c`.`cluster_id`,
        `k`.`kind`,
        `b`.`at_no`,
        COUNT(*) AS `n`,
        SUM(COUNT(*)) OVER (PARTITION BY `c`.`cluster_id`, `k`.`kind`) AS `n_all`
      FROM `cluster_links` AS `c`
      JOIN `numbered_behaviours` AS `b`
        ON `b`.`l` = `c`.`l` AND `b`.`r` = `c`.`r`
      JOIN `evidence_kinds` AS `k`
        ON `k`.`kind_no` = `b`.`kind_no`
      GROUP BY
        `c`.`cluster_id`,
        `k`.`kind`,
        `b`.`at_no`
    )
    WHERE
      NOT `at_no` IS NULL AND 2 * `n` > `n_all`
  ) AS `m`
    ON `m`.`cluster_id` = `b`.`cluster_id` AND `m`.`kind` = `b`.`kind`
  LEFT JOIN `shared_identifiers` AS `s`
    ON `s`.`identifier_no` = `m`.`at_no`
  WHERE
    `b`.`is_behaviour` AND `b`.`bits` > 0
  UNION ALL
  SELECT
    `b`.`cluster_id`,
    CASE WHEN `b`.`bits` < 0 THEN 'differing_values' ELSE 'further_identifiers' END AS `reason`,
    NULL AS `kind`,
    NULL AS `value`,
    CAST(SUM(CAST(`b`.`bits` AS DECIMAL(18, 9))) AS DOUBLE) AS `bits`,
    CAST(NULL AS BIGINT) AS `n_accounts`,
    CASE
      WHEN `b`.`bits` < 0
      THEN 'kinds in which linked accounts differ'
      WHEN COUNT(*) = 1
      THEN '1 further identifier'
      ELSE CONCAT(FORMAT_NUMBER(COUNT(*), 0), ' further identifiers')
    END AS `detail`,
    NULL AS `at_kind`,
    NULL AS `at_value`
  FROM `by_identifier` AS `b`
  WHERE
    NOT (
      `b`.`is_behaviour` AND `b`.`bits` > 0
    )
    AND (
      `b`.`place` > 20 OR `b`.`bits` <= 0
    )
  GROUP BY
    `b`.`cluster_id`,
    `b`.`bits` < 0
  UNION ALL
  SELECT
    `cluster_id`,
    'prior' AS `reason`,
    NULL AS `kind`,
    NULL AS `value`,
    COUNT(*) * (
      -CAST(12.0 AS DOUBLE)
    ) AS `bits`,
    CAST(NULL AS BIGINT) AS `n_accounts`,
    CONCAT(
      FORMAT_NUMBER(COUNT(*), 0),
      ' ',
      CAST(CASE WHEN COUNT(*) = 1 THEN 'link' ELSE 'links, each' END AS STRING),
      ', starting at -12 bits'
    ) AS `detail`,
    NULL AS `at_kind`,
    NULL AS `at_value`
  FROM `cluster_links`
  GROUP BY
    `cluster_id`
)

-- rows
SELECT
  COUNT(*)
FROM `reasons`

-- rows
DESCRIBE `reasons`

-- rows
SELECT
  `cluster_id`,
  `rank`
FROM `reasons`
GROUP BY
  `cluster_id`,
  `rank`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
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
    NOT COALESCE(`n_accounts` IS NULL OR (
      `n_accounts` >= 0
    ), FALSE))
FROM `reasons`

-- rows
SELECT
  COUNT(*)
FROM `reasons`
