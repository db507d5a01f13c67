-- make community_marks
WITH `able` AS (
  SELECT
    `g`.`community_no`,
    `m`.`mark`,
    COUNT(DISTINCT `m`.`account_no`) AS `n`,
    MAX(`m`.`degree`) AS `degree`
  FROM `marked_accounts` AS `m`
  JOIN `evidence_communities` AS `g`
    ON `g`.`account_no` = `m`.`account_no`
  GROUP BY
    `g`.`community_no`,
    `m`.`mark`
), `per_value` AS (
  SELECT
    `g`.`community_no`,
    `m`.`mark`,
    `m`.`value`,
    COUNT(DISTINCT `m`.`account_no`) AS `n`,
    MAX(`m`.`degree`) AS `degree`
  FROM `marked_accounts` AS `m`
  JOIN `evidence_communities` AS `g`
    ON `g`.`account_no` = `m`.`account_no`
  WHERE
    NOT `m`.`value` IS NULL
  GROUP BY
    `g`.`community_no`,
    `m`.`mark`,
    `m`.`value`
), `over_all` AS (
  SELECT
    `p`.`mark`,
    `p`.`value`,
    CAST(SUM(
      CAST((
        CASE
          WHEN `a`.`n` = 0
          THEN CAST(`p`.`n` * `p`.`n` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(`p`.`n` * `p`.`n` AS DOUBLE) / CAST(`a`.`n` AS DOUBLE)
        END
      ) AS DECIMAL(24, 6))
    ) AS DOUBLE) AS `n`
  FROM (
    SELECT
      `g`.`community_no`,
      `m`.`mark`,
      `m`.`value`,
      COUNT(DISTINCT `m`.`account_no`) AS `n`,
      MAX(`m`.`degree`) AS `degree`
    FROM `marked_accounts` AS `m`
    JOIN `evidence_communities` AS `g`
      ON `g`.`account_no` = `m`.`account_no`
    WHERE
      NOT `m`.`value` IS NULL
    GROUP BY
      `g`.`community_no`,
      `m`.`mark`,
      `m`.`value`
  ) AS `p`
  JOIN (
    SELECT
      `g`.`community_no`,
      `m`.`mark`,
      COUNT(DISTINCT `m`.`account_no`) AS `n`,
      MAX(`m`.`degree`) AS `degree`
    FROM `marked_accounts` AS `m`
    JOIN `evidence_communities` AS `g`
      ON `g`.`account_no` = `m`.`account_no`
    GROUP BY
      `g`.`community_no`,
      `m`.`mark`
  ) AS `a`
    ON `a`.`community_no` = `p`.`community_no` AND `a`.`mark` = `p`.`mark`
  GROUP BY
    `p`.`mark`,
    `p`.`value`
), `weighed` AS (
  SELECT
    `p`.`community_no`,
    `p`.`mark`,
    `p`.`value`,
    `p`.`n`,
    (
      `p`.`n` - 1
    ) * LEAST(
      CAST(1.0 AS DOUBLE),
      CASE
        WHEN `p`.`degree` = 0
        THEN CAST(GREATEST(`p`.`n`, COALESCE(`o`.`n`, CAST(0.0 AS DOUBLE))) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(GREATEST(`p`.`n`, COALESCE(`o`.`n`, CAST(0.0 AS DOUBLE))) AS DOUBLE) / CAST(`p`.`degree` AS DOUBLE)
      END
    ) AS `shown`
  FROM `per_value` AS `p`
  LEFT JOIN `over_all` AS `o`
    ON `o`.`mark` = `p`.`mark` AND `o`.`value` = `p`.`value`
), `best` AS (
  SELECT
    `community_no`,
    `mark`,
    `value`,
    `n`,
    `shown`
  FROM (
    SELECT
      `community_no`,
      `mark`,
      `value`,
      `n`,
      `shown`,
      ROW_NUMBER() OVER (PARTITION BY `community_no`, `mark` ORDER BY `shown` DESC, `value` NULLS LAST) AS `_w`
    FROM `weighed`
  ) AS `_t`
  WHERE
    CAST(`_w` AS BIGINT) = 1
)
SELECT
  `a`.`community_no`,
  `a`.`mark`,
  `a`.`n` AS `n_able`,
  COALESCE(`b`.`n`, 0) AS `n_members`,
  CAST(COALESCE(`b`.`shown`, CAST(0.0 AS DOUBLE)) AS DOUBLE) AS `shown`
FROM `able` AS `a`
LEFT JOIN `best` AS `b`
  ON `b`.`community_no` = `a`.`community_no` AND `b`.`mark` = `a`.`mark`

-- make links_of_evidence_communities
WITH `members` AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY `community_no`) AS `n_accounts`
  FROM `evidence_communities`
)
SELECT
  `x`.`community_no`,
  `x`.`n_accounts`,
  `p`.`l`,
  `p`.`r`
FROM `scored_pairs` AS `p`
JOIN `members` AS `x`
  ON `x`.`account_no` = `p`.`l`
JOIN `members` AS `y`
  ON `y`.`account_no` = `p`.`r` AND `x`.`community_no` - `y`.`community_no` = 0

-- make ties_of_explained_by_evidence
SELECT
  `x`.`community_no`,
  `x`.`n_accounts`,
  `e`.`l`,
  `e`.`r`,
  `e`.`identifier_no`,
  `e`.`facet`,
  `e`.`contribution_bits`,
  `e`.`facet` = 'behaviour'
  AND `k`.`kind` IN ('lockstep', 'crew_beat', 'signup_burst') AS `is_at_one_event`,
  `e`.`facet` = 'identity' AND `k`.`kind` <> 'api_key' AS `is_contact`
FROM `links_of_evidence_communities` AS `x`
JOIN `pair_evidence` AS `e`
  ON `e`.`l` = `x`.`l` AND `e`.`r` = `x`.`r`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `e`.`kind_no`
WHERE
  `e`.`bits` >= CAST(3.0 AS DOUBLE) + COALESCE(
    LOG(2, GREATEST(1, `x`.`n_accounts` - 1)),
    CASE
      WHEN GREATEST(1, `x`.`n_accounts` - 1) = 0
      THEN CAST('-Infinity' AS DOUBLE)
      WHEN GREATEST(1, `x`.`n_accounts` - 1) < 0
      THEN CAST('NaN' AS DOUBLE)
    END
  )
  AND `e`.`contribution_bits` >= CAST(1.0 AS DOUBLE)

-- make payers_of_explained_by_evidence
SELECT
  `community_no`,
  `identifier_no`
FROM (
  SELECT
    `community_no`,
    `identifier_no`,
    ROW_NUMBER() OVER (
      PARTITION BY `community_no`
      ORDER BY SUM(CAST(`contribution_bits` AS DECIMAL(18, 6))) DESC, `identifier_no` NULLS LAST
    ) AS `_w`
  FROM `ties_of_explained_by_evidence`
  WHERE
    NOT `identifier_no` IS NULL AND NOT `facet` IN ('network', 'client')
  GROUP BY
    `community_no`,
    `identifier_no`
) AS `_t`
WHERE
  CAST(`_w` AS BIGINT) = 1

-- arrow
SELECT
  `e`.`kind_no`,
  `e`.`l`,
  `e`.`r`
FROM `links_of_evidence_communities` AS `x`
JOIN `pair_evidence` AS `e`
  ON `e`.`l` = `x`.`l` AND `e`.`r` = `x`.`r`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `e`.`kind_no`
WHERE
  `x`.`n_accounts` > CAST(32.0 AS DOUBLE)
  AND `e`.`facet` IN ('payment', 'identity')
  AND `k`.`kind` <> 'email_domain'
  AND `e`.`bits` + (
    -CAST(12.0 AS DOUBLE)
  ) > CAST(0.0 AS DOUBLE)
ORDER BY
  `e`.`kind_no` NULLS LAST,
  `e`.`l` NULLS LAST,
  `e`.`r` NULLS LAST

-- make chains_of_explained_by_evidence
SELECT
  *
FROM `arriving`

-- make chained_of_explained_by_evidence
WITH `members` AS (
  SELECT DISTINCT
    `x`.`community_no`,
    `x`.`n_accounts`,
    EXPLODE(ARRAY(`x`.`l`, `x`.`r`)) AS `account_no`
  FROM `links_of_evidence_communities` AS `x`
  WHERE
    `x`.`n_accounts` > CAST(32.0 AS DOUBLE)
), `held` AS (
  SELECT DISTINCT
    `c`.`chain_no`,
    `h`.`identifier_no`,
    `h`.`account_no`
  FROM `chains_of_explained_by_evidence` AS `c`
  JOIN `window_incidence` AS `h`
    ON `h`.`account_no` = `c`.`account_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no` AND `i`.`kind_no` = `c`.`kind_no`
), `most` AS (
  SELECT
    `chain_no`,
    MAX(`n`) AS `n`
  FROM (
    SELECT
      `chain_no`,
      COUNT(*) AS `n`
    FROM `held`
    GROUP BY
      `chain_no`,
      `identifier_no`
  )
  GROUP BY
    `chain_no`
), `long` AS (
  SELECT
    `c`.`chain_no`
  FROM `chains_of_explained_by_evidence` AS `c`
  JOIN `most` AS `m`
    ON `m`.`chain_no` = `c`.`chain_no`
  GROUP BY
    `c`.`chain_no`
  HAVING
    COUNT(*) > GREATEST(CAST(32.0 AS DOUBLE), 2 * ANY_VALUE(`m`.`n`) IGNORE NULLS - 1)
), `able` AS (
  SELECT
    `m`.`community_no`,
    `a`.`kind_no`,
    COUNT(*) AS `n`,
    COUNT(`l`.`chain_no`) AS `n_chained`
  FROM `members` AS `m`
  JOIN `account_kinds` AS `a`
    ON `a`.`account_no` = `m`.`account_no`
  LEFT JOIN `chains_of_explained_by_evidence` AS `c`
    ON `c`.`account_no` = `m`.`account_no` AND `c`.`kind_no` = `a`.`kind_no`
  LEFT JOIN `long` AS `l`
    ON `l`.`chain_no` = `c`.`chain_no`
  GROUP BY
    `m`.`community_no`,
    `a`.`kind_no`
), `at_one_place` AS (
  SELECT DISTINCT
    `m`.`community_no`
  FROM `members` AS `m`
  JOIN `window_incidence` AS `h`
    ON `h`.`account_no` = `m`.`account_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  WHERE
    `k`.`facet` = 'network'
  GROUP BY
    `m`.`community_no`,
    `h`.`identifier_no`
  HAVING
    2 * COUNT(DISTINCT `h`.`account_no`) > ANY_VALUE(`m`.`n_accounts`) IGNORE NULLS
)
SELECT DISTINCT
  `a`.`community_no`,
  NOT `p`.`community_no` IS NULL AS `is_at_one_place`
FROM `able` AS `a`
LEFT JOIN `at_one_place` AS `p`
  ON `p`.`community_no` = `a`.`community_no`
WHERE
  2 * `a`.`n_chained` > `a`.`n`

-- make apart_of_explained_by_evidence
WITH `members` AS (
  SELECT DISTINCT
    `community_no`,
    EXPLODE(ARRAY(`l`, `r`)) AS `account_no`
  FROM `links_of_evidence_communities`
  WHERE
    `n_accounts` >= 7
), `paying` AS (
  SELECT DISTINCT
    `m`.`community_no`,
    `m`.`account_no`
  FROM `members` AS `m`
  JOIN `account_kinds` AS `a`
    ON `a`.`account_no` = `m`.`account_no`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`facet` = 'payment'
), `sharing` AS (
  SELECT DISTINCT
    `x`.`community_no`,
    EXPLODE(ARRAY(`x`.`l`, `x`.`r`)) AS `account_no`
  FROM `links_of_evidence_communities` AS `x`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `x`.`l` AND `e`.`r` = `x`.`r`
  WHERE
    `x`.`n_accounts` >= 7 AND `e`.`facet` = 'payment' AND `e`.`bits` > 0
)
SELECT
  `p`.`community_no`
FROM `paying` AS `p`
LEFT JOIN `sharing` AS `s`
  ON `s`.`community_no` = `p`.`community_no` AND `s`.`account_no` = `p`.`account_no`
GROUP BY
  `p`.`community_no`
HAVING
  COUNT(*) >= 7 AND COUNT(`s`.`account_no`) <= CAST(0.1 AS DOUBLE) * COUNT(*)

-- make grounds_of_explained_by_evidence
WITH `grounds` AS (
  SELECT
    `t`.*
  FROM `ties_of_explained_by_evidence` AS `t`
  LEFT JOIN `apart_of_explained_by_evidence` AS `a`
    ON `a`.`community_no` = `t`.`community_no`
  WHERE
    NOT `t`.`facet` IN ('network', 'client')
    AND NOT (
      `t`.`is_contact` AND NOT `a`.`community_no` IS NULL
    )
), `paid_together` AS (
  SELECT DISTINCT
    `l`,
    `r`
  FROM `grounds`
  WHERE
    `facet` = 'payment'
)
SELECT
  `g`.`community_no`,
  `g`.`l`,
  `g`.`r`,
  BOOL_OR(NOT `g`.`is_at_one_event`) AS `is_untimed`,
  BOOL_OR(
    (
      `g`.`identifier_no` IS NULL
      OR `g`.`identifier_no` IS DISTINCT FROM `i`.`identifier_no`
    )
    AND (
      `g`.`n_accounts` > 5
      OR NOT (
        `g`.`facet` = 'payment'
        OR NOT `p`.`l` IS NULL
        AND NOT `g`.`facet` IN ('network', 'payment', 'identity', 'client', 'behaviour')
      )
    )
  ) AS `is_besides`
FROM `grounds` AS `g`
LEFT JOIN `payers_of_explained_by_evidence` AS `i`
  ON `i`.`community_no` = `g`.`community_no`
LEFT JOIN `paid_together` AS `p`
  ON `p`.`l` = `g`.`l` AND `p`.`r` = `g`.`r`
GROUP BY
  `g`.`community_no`,
  `g`.`l`,
  `g`.`r`

-- make explained_by_evidence
WITH `sizes` AS (
  SELECT
    `community_no`,
    COUNT(*) AS `n_accounts`
  FROM `evidence_communities`
  GROUP BY
    `community_no`
), `besides` AS (
  SELECT
    *
  FROM `grounds_of_explained_by_evidence`
  WHERE
    `is_besides`
), `counted` AS (
  SELECT
    `community_no`,
    COUNT(DISTINCT `account_no`) AS `n_tied`
  FROM (
    SELECT
      `community_no`,
      `l` AS `account_no`
    FROM `besides`
    UNION ALL
    SELECT
      `community_no`,
      `r`
    FROM `besides`
  )
  GROUP BY
    `community_no`
), `untimed` AS (
  SELECT
    *
  FROM `ties_of_explained_by_evidence`
  WHERE
    NOT `is_at_one_event`
), `otherwise` AS (
  SELECT
    `community_no`,
    COUNT(DISTINCT `account_no`) AS `n_tied`
  FROM (
    SELECT
      `community_no`,
      `l` AS `account_no`
    FROM `untimed`
    UNION ALL
    SELECT
      `community_no`,
      `r`
    FROM `untimed`
  )
  GROUP BY
    `community_no`
)
SELECT
  `s`.`community_no`,
  CASE
    WHEN 2 * COALESCE(`c`.`n_tied`, 0) > `s`.`n_accounts`
    THEN 'times'
    WHEN `i`.`community_no` IS NULL
    THEN 'place'
    WHEN NOT `a`.`community_no` IS NULL
    THEN 'taste'
    ELSE 'one_identifier'
  END AS `also_explained_by`,
  `v`.`degree` AS `n_holders`
FROM `sizes` AS `s`
LEFT JOIN `payers_of_explained_by_evidence` AS `i`
  ON `i`.`community_no` = `s`.`community_no`
LEFT JOIN `shared_identifiers` AS `v`
  ON `v`.`identifier_no` = `i`.`identifier_no`
LEFT JOIN `counted` AS `c`
  ON `c`.`community_no` = `s`.`community_no`
LEFT JOIN `otherwise` AS `o`
  ON `o`.`community_no` = `s`.`community_no`
LEFT JOIN `chained_of_explained_by_evidence` AS `h`
  ON `h`.`community_no` = `s`.`community_no`
LEFT JOIN `apart_of_explained_by_evidence` AS `a`
  ON `a`.`community_no` = `s`.`community_no`
WHERE
  CASE
    WHEN 2 * COALESCE(`c`.`n_tied`, 0) <= `s`.`n_accounts`
    THEN COALESCE(`h`.`is_at_one_place`, TRUE)
    ELSE 2 * COALESCE(`o`.`n_tied`, 0) <= `s`.`n_accounts` AND `h`.`community_no` IS NULL
  END

-- rows
SELECT
  COUNT(*)
FROM `constrained_accounts`

-- make explained_communities
SELECT
  *
FROM `explained_by_evidence`

-- make outside_links
SELECT
  CAST(ROW_NUMBER() OVER (ORDER BY `p`.`l` NULLS LAST, `p`.`r` NULLS LAST) AS BIGINT) AS `community_no`,
  2 AS `n_accounts`,
  `p`.`l`,
  `p`.`r`
FROM `scored_pairs` AS `p`
LEFT JOIN `evidence_communities` AS `x`
  ON `x`.`account_no` = `p`.`l`
LEFT JOIN `evidence_communities` AS `y`
  ON `y`.`account_no` = `p`.`r`
LEFT JOIN `explained_by_evidence` AS `e`
  ON `e`.`community_no` = COALESCE(`x`.`community_no`, `y`.`community_no`)
WHERE
  (
    `x`.`community_no` IS NULL AND `y`.`community_no` IS NULL
  )
  OR (
    (
      `x`.`community_no` IS NULL OR `y`.`community_no` IS NULL
    )
    AND NOT `e`.`community_no` IS NULL
  )

-- make ties_of_explained_outside
SELECT
  `x`.`community_no`,
  `x`.`n_accounts`,
  `e`.`l`,
  `e`.`r`,
  `e`.`identifier_no`,
  `e`.`facet`,
  `e`.`contribution_bits`,
  `e`.`facet` = 'behaviour'
  AND `k`.`kind` IN ('lockstep', 'crew_beat', 'signup_burst') AS `is_at_one_event`,
  `e`.`facet` = 'identity' AND `k`.`kind` <> 'api_key' AS `is_contact`
FROM `outside_links` AS `x`
JOIN `pair_evidence` AS `e`
  ON `e`.`l` = `x`.`l` AND `e`.`r` = `x`.`r`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `e`.`kind_no`
WHERE
  `e`.`bits` >= CAST(3.0 AS DOUBLE) + COALESCE(
    LOG(2, GREATEST(1, `x`.`n_accounts` - 1)),
    CASE
      WHEN GREATEST(1, `x`.`n_accounts` - 1) = 0
      THEN CAST('-Infinity' AS DOUBLE)
      WHEN GREATEST(1, `x`.`n_accounts` - 1) < 0
      THEN CAST('NaN' AS DOUBLE)
    END
  )
  AND `e`.`contribution_bits` >= CAST(1.0 AS DOUBLE)

-- make payers_of_explained_outside
SELECT
  `community_no`,
  `identifier_no`
FROM (
  SELECT
    `community_no`,
    `identifier_no`,
    ROW_NUMBER() OVER (
      PARTITION BY `community_no`
      ORDER BY SUM(CAST(`contribution_bits` AS DECIMAL(18, 6))) DESC, `identifier_no` NULLS LAST
    ) AS `_w`
  FROM `ties_of_explained_outside`
  WHERE
    NOT `identifier_no` IS NULL AND NOT `facet` IN ('network', 'client')
  GROUP BY
    `community_no`,
    `identifier_no`
) AS `_t`
WHERE
  CAST(`_w` AS BIGINT) = 1

-- arrow
SELECT
  `e`.`kind_no`,
  `e`.`l`,
  `e`.`r`
FROM `outside_links` AS `x`
JOIN `pair_evidence` AS `e`
  ON `e`.`l` = `x`.`l` AND `e`.`r` = `x`.`r`
JOIN `evidence_kinds` AS `k`
  ON `k`.`kind_no` = `e`.`kind_no`
WHERE
  `x`.`n_accounts` > CAST(32.0 AS DOUBLE)
  AND `e`.`facet` IN ('payment', 'identity')
  AND `k`.`kind` <> 'email_domain'
  AND `e`.`bits` + (
    -CAST(12.0 AS DOUBLE)
  ) > CAST(0.0 AS DOUBLE)
ORDER BY
  `e`.`kind_no` NULLS LAST,
  `e`.`l` NULLS LAST,
  `e`.`r` NULLS LAST

-- make chains_of_explained_outside
SELECT
  *
FROM `arriving`

-- make chained_of_explained_outside
WITH `members` AS (
  SELECT DISTINCT
    `x`.`community_no`,
    `x`.`n_accounts`,
    EXPLODE(ARRAY(`x`.`l`, `x`.`r`)) AS `account_no`
  FROM `outside_links` AS `x`
  WHERE
    `x`.`n_accounts` > CAST(32.0 AS DOUBLE)
), `held` AS (
  SELECT DISTINCT
    `c`.`chain_no`,
    `h`.`identifier_no`,
    `h`.`account_no`
  FROM `chains_of_explained_outside` AS `c`
  JOIN `window_incidence` AS `h`
    ON `h`.`account_no` = `c`.`account_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no` AND `i`.`kind_no` = `c`.`kind_no`
), `most` AS (
  SELECT
    `chain_no`,
    MAX(`n`) AS `n`
  FROM (
    SELECT
      `chain_no`,
      COUNT(*) AS `n`
    FROM `held`
    GROUP BY
      `chain_no`,
      `identifier_no`
  )
  GROUP BY
    `chain_no`
), `long` AS (
  SELECT
    `c`.`chain_no`
  FROM `chains_of_explained_outside` AS `c`
  JOIN `most` AS `m`
    ON `m`.`chain_no` = `c`.`chain_no`
  GROUP BY
    `c`.`chain_no`
  HAVING
    COUNT(*) > GREATEST(CAST(32.0 AS DOUBLE), 2 * ANY_VALUE(`m`.`n`) IGNORE NULLS - 1)
), `able` AS (
  SELECT
    `m`.`community_no`,
    `a`.`kind_no`,
    COUNT(*) AS `n`,
    COUNT(`l`.`chain_no`) AS `n_chained`
  FROM `members` AS `m`
  JOIN `account_kinds` AS `a`
    ON `a`.`account_no` = `m`.`account_no`
  LEFT JOIN `chains_of_explained_outside` AS `c`
    ON `c`.`account_no` = `m`.`account_no` AND `c`.`kind_no` = `a`.`kind_no`
  LEFT JOIN `long` AS `l`
    ON `l`.`chain_no` = `c`.`chain_no`
  GROUP BY
    `m`.`community_no`,
    `a`.`kind_no`
), `at_one_place` AS (
  SELECT DISTINCT
    `m`.`community_no`
  FROM `members` AS `m`
  JOIN `window_incidence` AS `h`
    ON `h`.`account_no` = `m`.`account_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  WHERE
    `k`.`facet` = 'network'
  GROUP BY
    `m`.`community_no`,
    `h`.`identifier_no`
  HAVING
    2 * COUNT(DISTINCT `h`.`account_no`) > ANY_VALUE(`m`.`n_accounts`) IGNORE NULLS
)
SELECT DISTINCT
  `a`.`community_no`,
  NOT `p`.`community_no` IS NULL AS `is_at_one_place`
FROM `able` AS `a`
LEFT JOIN `at_one_place` AS `p`
  ON `p`.`community_no` = `a`.`community_no`
WHERE
  2 * `a`.`n_chained` > `a`.`n`

-- make apart_of_explained_outside
WITH `members` AS (
  SELECT DISTINCT
    `community_no`,
    EXPLODE(ARRAY(`l`, `r`)) AS `account_no`
  FROM `outside_links`
  WHERE
    `n_accounts` >= 7
), `paying` AS (
  SELECT DISTINCT
    `m`.`community_no`,
    `m`.`account_no`
  FROM `members` AS `m`
  JOIN `account_kinds` AS `a`
    ON `a`.`account_no` = `m`.`account_no`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`facet` = 'payment'
), `sharing` AS (
  SELECT DISTINCT
    `x`.`community_no`,
    EXPLODE(ARRAY(`x`.`l`, `x`.`r`)) AS `account_no`
  FROM `outside_links` AS `x`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `x`.`l` AND `e`.`r` = `x`.`r`
  WHERE
    `x`.`n_accounts` >= 7 AND `e`.`facet` = 'payment' AND `e`.`bits` > 0
)
SELECT
  `p`.`community_no`
FROM `paying` AS `p`
LEFT JOIN `sharing` AS `s`
  ON `s`.`community_no` = `p`.`community_no` AND `s`.`account_no` = `p`.`account_no`
GROUP BY
  `p`.`community_no`
HAVING
  COUNT(*) >= 7 AND COUNT(`s`.`account_no`) <= CAST(0.1 AS DOUBLE) * COUNT(*)

-- make grounds_of_explained_outside
WITH `grounds` AS (
  SELECT
    `t`.*
  FROM `ties_of_explained_outside` AS `t`
  LEFT JOIN `apart_of_explained_outside` AS `a`
    ON `a`.`community_no` = `t`.`community_no`
  WHERE
    NOT `t`.`facet` IN ('network', 'client')
    AND NOT (
      `t`.`is_contact` AND NOT `a`.`community_no` IS NULL
    )
), `paid_together` AS (
  SELECT DISTINCT
    `l`,
    `r`
  FROM `grounds`
  WHERE
    `facet` = 'payment'
)
SELECT
  `g`.`community_no`,
  `g`.`l`,
  `g`.`r`,
  BOOL_OR(NOT `g`.`is_at_one_event`) AS `is_untimed`,
  BOOL_OR(
    (
      `g`.`identifier_no` IS NULL
      OR `g`.`identifier_no` IS DISTINCT FROM `i`.`identifier_no`
    )
    AND (
      `g`.`n_accounts` > 5
      OR NOT (
        `g`.`facet` = 'payment'
        OR NOT `p`.`l` IS NULL
        AND NOT `g`.`facet` IN ('network', 'payment', 'identity', 'client', 'behaviour')
      )
    )
  ) AS `is_besides`
FROM `grounds` AS `g`
LEFT JOIN `payers_of_explained_outside` AS `i`
  ON `i`.`community_no` = `g`.`community_no`
LEFT JOIN `paid_together` AS `p`
  ON `p`.`l` = `g`.`l` AND `p`.`r` = `g`.`r`
GROUP BY
  `g`.`community_no`,
  `g`.`l`,
  `g`.`r`

-- make explained_outside
WITH `sizes` AS (
  SELECT
    `community_no`,
    `n_accounts`
  FROM `outside_links`
), `besides` AS (
  SELECT
    *
  FROM `grounds_of_explained_outside`
  WHERE
    `is_besides`
), `counted` AS (
  SELECT
    `community_no`,
    COUNT(DISTINCT `account_no`) AS `n_tied`
  FROM (
    SELECT
      `community_no`,
      `l` AS `account_no`
    FROM `besides`
    UNION ALL
    SELECT
      `community_no`,
      `r`
    FROM `besides`
  )
  GROUP BY
    `community_no`
), `untimed` AS (
  SELECT
    *
  FROM `ties_of_explained_outside`
  WHERE
    NOT `is_at_one_event`
), `otherwise` AS (
  SELECT
    `community_no`,
    COUNT(DISTINCT `account_no`) AS `n_tied`
  FROM (
    SELECT
      `community_no`,
      `l` AS `account_no`
    FROM `untimed`
    UNION ALL
    SELECT
      `community_no`,
      `r`
    FROM `untimed`
  )
  GROUP BY
    `community_no`
)
SELECT
  `s`.`community_no`,
  CASE
    WHEN 2 * COALESCE(`c`.`n_tied`, 0) > `s`.`n_accounts`
    THEN 'times'
    WHEN `i`.`community_no` IS NULL
    THEN 'place'
    WHEN NOT `a`.`community_no` IS NULL
    THEN 'taste'
    ELSE 'one_identifier'
  END AS `also_explained_by`,
  `v`.`degree` AS `n_holders`
FROM `sizes` AS `s`
LEFT JOIN `payers_of_explained_outside` AS `i`
  ON `i`.`community_no` = `s`.`community_no`
LEFT JOIN `shared_identifiers` AS `v`
  ON `v`.`identifier_no` = `i`.`identifier_no`
LEFT JOIN `counted` AS `c`
  ON `c`.`community_no` = `s`.`community_no`
LEFT JOIN `otherwise` AS `o`
  ON `o`.`community_no` = `s`.`community_no`
LEFT JOIN `chained_of_explained_outside` AS `h`
  ON `h`.`community_no` = `s`.`community_no`
LEFT JOIN `apart_of_explained_outside` AS `a`
  ON `a`.`community_no` = `s`.`community_no`
WHERE
  CASE
    WHEN 2 * COALESCE(`c`.`n_tied`, 0) <= `s`.`n_accounts`
    THEN COALESCE(`h`.`is_at_one_place`, TRUE)
    ELSE 2 * COALESCE(`o`.`n_tied`, 0) <= `s`.`n_accounts` AND `h`.`community_no` IS NULL
  END

-- make explained_pairs
WITH `sizes` AS (
  SELECT
    `community_no`,
    COUNT(*) AS `n_accounts`
  FROM `evidence_communities`
  GROUP BY
    `community_no`
), `openly` AS (
  SELECT DISTINCT
    `m`.`community_no`
  FROM `community_marks` AS `m`
  JOIN `sizes` AS `s`
    ON `s`.`community_no` = `m`.`community_no`
  WHERE
    2 * `m`.`n_members` > `s`.`n_accounts` AND 2 * `m`.`shown` > `m`.`n_able` - 1
)
SELECT
  `p`.`l`,
  `p`.`r`
FROM `links_of_evidence_communities` AS `p`
JOIN `explained_by_evidence` AS `e`
  ON `e`.`community_no` = `p`.`community_no`
LEFT JOIN `openly` AS `o`
  ON `o`.`community_no` = `p`.`community_no`
LEFT JOIN `grounds_of_explained_by_evidence` AS `g`
  ON `g`.`community_no` = `p`.`community_no`
  AND `g`.`l` = `p`.`l`
  AND `g`.`r` = `p`.`r`
WHERE
  (
    `o`.`community_no` IS NULL OR `e`.`also_explained_by` = 'taste'
  )
  AND NOT COALESCE(
    CASE `e`.`also_explained_by`
      WHEN 'times'
      THEN `g`.`is_untimed`
      ELSE `g`.`is_besides`
    END,
    FALSE
  )
UNION ALL
SELECT
  `o`.`l`,
  `o`.`r`
FROM `outside_links` AS `o`
JOIN `explained_outside` AS `e`
  ON `e`.`community_no` = `o`.`community_no`

-- rows
SELECT
  COUNT(*)
FROM `explained_communities`

-- rows
SELECT
  COUNT(*)
FROM `explained_pairs`

-- rows
DESCRIBE `explained_communities`

-- rows
SELECT
  `community_no`
FROM `explained_communities`
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
    NOT COALESCE(NOT `also_explained_by` IS NULL, FALSE))
FROM `explained_communities`

-- rows
DESCRIBE `explained_by_evidence`

-- rows
SELECT
  `community_no`
FROM `explained_by_evidence`
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
    NOT COALESCE(NOT `also_explained_by` IS NULL, FALSE))
FROM `explained_by_evidence`

-- rows
DESCRIBE `explained_pairs`

-- rows
SELECT
  `l`,
  `r`
FROM `explained_pairs`
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
FROM `explained_pairs`

-- rows
SELECT
  COUNT(*)
FROM `explained_communities`
