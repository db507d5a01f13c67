-- arrow
WITH `grouped_kinds` AS (
  SELECT
    `kind_no`,
    `facet`,
    CASE
      WHEN `kind` = 'router'
      THEN 1
      WHEN `facet` = 'network'
      THEN 0
      WHEN `facet` = 'payment'
      THEN 2
      WHEN `facet` = 'identity'
      THEN 3
      WHEN `facet` = 'client'
      THEN 4
      WHEN `facet` = 'behaviour'
      THEN 5
      ELSE 6
    END AS `group_no`
  FROM `evidence_kinds`
), `per_kind` AS (
  SELECT
    `e`.`l`,
    `e`.`r`,
    `e`.`identifier_no`,
    `e`.`contribution_bits`,
    CASE WHEN `i`.`identifier_no` IS NULL THEN `k`.`group_no` ELSE 1 END AS `group_no`
  FROM `cluster_links` AS `c`
  JOIN `pair_evidence` AS `e`
    ON `e`.`l` = `c`.`l` AND `e`.`r` = `c`.`r`
  JOIN `grouped_kinds` AS `k`
    ON `k`.`kind_no` = `e`.`kind_no`
  LEFT JOIN (
    SELECT
      `identifier_no`
    FROM `shared_identifiers`
    WHERE
      `label_type` = 'router'
  ) AS `i`
    ON `i`.`identifier_no` = `e`.`identifier_no` AND `k`.`facet` = 'network'
  WHERE
    `e`.`contribution_bits` > 0
)
SELECT
  `l`,
  `r`,
  `group_no`,
  `identifier_no`,
  `contribution_bits`
FROM `per_kind`
WHERE
  NOT `group_no` IN (5, 4) OR `contribution_bits` >= CAST(2.0 AS DOUBLE)
ORDER BY
  `group_no` NULLS LAST,
  `contribution_bits` DESC,
  `l` NULLS LAST,
  `r` NULLS LAST,
  `identifier_no` NULLS LAST

-- make forest
SELECT
  *
FROM `arriving`

-- make cluster_ties
WITH `ties` AS (
  SELECT
    `n`.`cluster_id`,
    CASE `f`.`group_no`
      WHEN 0
      THEN 'place'
      WHEN 1
      THEN 'router'
      WHEN 2
      THEN 'payment'
      WHEN 3
      THEN 'identity'
      WHEN 4
      THEN 'client'
      WHEN 5
      THEN 'behaviour'
      WHEN 6
      THEN 'other'
    END AS `piece`,
    `f`.`l`,
    `f`.`r`,
    `f`.`identifier_no`,
    `f`.`contribution_bits`,
    `i`.`degree`,
    `i`.`label_type`,
    `p`.`p_exclusive`
  FROM `forest` AS `f`
  JOIN `communities` AS `x`
    ON `x`.`account_no` = `f`.`l`
  JOIN `cluster_names` AS `n`
    ON `n`.`community_no` = `x`.`community_no`
  LEFT JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `f`.`identifier_no`
  LEFT JOIN `exclusivity` AS `p`
    ON `p`.`identifier_no` = `f`.`identifier_no`
)
SELECT
  `cluster_id`,
  `piece`,
  `l`,
  `r`,
  COALESCE(`identifier_no`, -1) AS `identifier_no`,
  `contribution_bits`,
  GREATEST(
    CAST(0.005 AS DOUBLE),
    LEAST(CAST(0.995 AS DOUBLE), COALESCE(`p_exclusive`, CAST(0.5 AS DOUBLE)))
  ) AS `p_exclusive`,
  CASE
    WHEN `piece` = 'router'
    THEN CAST(0.97 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'router'
    THEN CAST(0.97 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'vpn'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'proxy'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'residential_proxy'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'anonymizer'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'tor'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'hosting'
    THEN CAST(0.5 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'carrier_nat'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'campus'
    THEN CAST(0.03 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'corporate'
    THEN CAST(0.2 AS DOUBLE)
    WHEN `piece` = 'place' AND `label_type` = 'other'
    THEN CAST(0.2 AS DOUBLE)
    WHEN `piece` = 'place'
    THEN CAST(0.2 AS DOUBLE)
    ELSE CASE
      WHEN (
        `degree` + CAST(2.0 AS DOUBLE)
      ) = 0
      THEN CAST((
        `degree` - 1
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        `degree` - 1
      ) AS DOUBLE) / CAST((
        `degree` + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE)
    END
  END AS `tenants`
FROM `ties`

-- make tie_summary
SELECT
  `cluster_id`,
  `piece`,
  COUNT(*) AS `n_ties`,
  COUNT(DISTINCT `identifier_no`) AS `n_identifiers`,
  CAST(AVG(CAST(`contribution_bits` AS DECIMAL(18, 9))) AS DOUBLE) AS `bits`,
  CAST(AVG(
    CAST(COALESCE(
      LOG(2, `p_exclusive`),
      CASE
        WHEN `p_exclusive` = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN `p_exclusive` < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS DECIMAL(18, 9))
  ) AS DOUBLE) AS `log_same`,
  CAST(AVG(
    CAST(COALESCE(
      LOG(2, (
        CAST(1.0 AS DOUBLE) - `p_exclusive`
      ) * `tenants`),
      CASE
        WHEN (
          (
            CAST(1.0 AS DOUBLE) - `p_exclusive`
          ) * `tenants`
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          (
            CAST(1.0 AS DOUBLE) - `p_exclusive`
          ) * `tenants`
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS DECIMAL(18, 9))
  ) AS DOUBLE) AS `log_router`,
  CAST(AVG(
    CAST(COALESCE(
      LOG(
        2,
        (
          CAST(1.0 AS DOUBLE) - `p_exclusive`
        ) * (
          CAST(1.0 AS DOUBLE) - `tenants`
        )
      ),
      CASE
        WHEN (
          (
            CAST(1.0 AS DOUBLE) - `p_exclusive`
          ) * (
            CAST(1.0 AS DOUBLE) - `tenants`
          )
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          (
            CAST(1.0 AS DOUBLE) - `p_exclusive`
          ) * (
            CAST(1.0 AS DOUBLE) - `tenants`
          )
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS DECIMAL(18, 9))
  ) AS DOUBLE) AS `log_network`
FROM `cluster_ties`
GROUP BY
  `cluster_id`,
  `piece`

-- make cluster_presence
WITH `seen` AS (
  SELECT
    `m`.`cluster_id`,
    `h`.`account_no`,
    `h`.`value_no`,
    `h`.`n_rows` AS `n`
  FROM `incidence` AS `h`
  JOIN `observed_values` AS `v`
    ON `v`.`value_no` = `h`.`value_no`
  JOIN `account_numbers` AS `a`
    ON `a`.`account_no` = `h`.`account_no`
  JOIN `membership` AS `m`
    ON `m`.`account_id` = `a`.`account_id`
  WHERE
    `v`.`kind` = 'ip' AND NOT `m`.`cluster_id` IS NULL
), `marked` AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY `cluster_id`, `value_no`) > 1 AS `is_shared`
  FROM `seen`
), `shares` AS (
  SELECT
    `cluster_id`,
    `account_no`,
    CASE
      WHEN CAST(SUM(`marked`.`n`) AS DOUBLE) = 0
      THEN CAST(COALESCE(SUM(`marked`.`n`) FILTER(WHERE
        `is_shared`), 0) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(COALESCE(SUM(`marked`.`n`) FILTER(WHERE
        `is_shared`), 0) AS DOUBLE) / CAST(SUM(`marked`.`n`) AS DOUBLE)
    END AS `share`
  FROM `marked`
  GROUP BY
    `cluster_id`,
    `account_no`
  HAVING
    SUM(`marked`.`n`) >= 3
)
SELECT
  `cluster_id`,
  MEDIAN(`share`) AS `presence`
FROM `shares`
GROUP BY
  `cluster_id`

-- make members
SELECT
  `n`.`account_no`,
  `m`.`account_id`,
  `m`.`cluster_id`
FROM `membership` AS `m`
JOIN `account_numbers` AS `n`
  ON `n`.`account_id` = `m`.`account_id`
WHERE
  NOT `m`.`cluster_id` IS NULL

-- make cluster_marks
WITH `able` AS (
  SELECT
    `g`.`cluster_id`,
    `m`.`mark`,
    COUNT(DISTINCT `m`.`account_no`) AS `n`,
    MAX(`m`.`degree`) AS `degree`
  FROM `marked_accounts` AS `m`
  JOIN `members` AS `g`
    ON `g`.`account_no` = `m`.`account_no`
  GROUP BY
    `g`.`cluster_id`,
    `m`.`mark`
), `per_value` AS (
  SELECT
    `g`.`cluster_id`,
    `m`.`mark`,
    `m`.`value`,
    COUNT(DISTINCT `m`.`account_no`) AS `n`,
    MAX(`m`.`degree`) AS `degree`
  FROM `marked_accounts` AS `m`
  JOIN `members` AS `g`
    ON `g`.`account_no` = `m`.`account_no`
  WHERE
    NOT `m`.`value` IS NULL
  GROUP BY
    `g`.`cluster_id`,
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
    `p`.`cluster_id`,
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
    `cluster_id`,
    `mark`,
    `value`,
    `n`,
    `shown`
  FROM (
    SELECT
      `cluster_id`,
      `mark`,
      `value`,
      `n`,
      `shown`,
      ROW_NUMBER() OVER (PARTITION BY `cluster_id`, `mark` ORDER BY `shown` DESC, `value` NULLS LAST) AS `_w`
    FROM `weighed`
  ) AS `_t`
  WHERE
    CAST(`_w` AS BIGINT) = 1
)
SELECT
  `a`.`cluster_id`,
  `a`.`mark`,
  `a`.`n` AS `n_able`,
  COALESCE(`b`.`n`, 0) AS `n_members`,
  CAST(COALESCE(`b`.`shown`, CAST(0.0 AS DOUBLE)) AS DOUBLE) AS `shown`
FROM `able` AS `a`
LEFT JOIN `best` AS `b`
  ON `b`.`cluster_id` = `a`.`cluster_id` AND `b`.`mark` = `a`.`mark`

-- make cluster_closures
SELECT
  `m`.`cluster_id`,
  COUNT(`a`.`is_abuse`) AS `n_known`,
  COUNT(*) FILTER(WHERE
    `a`.`is_abuse`) AS `n_closed`
FROM `members` AS `m`
JOIN `accounts` AS `a`
  ON `a`.`account_id` = `m`.`account_id`
GROUP BY
  `m`.`cluster_id`

-- arrow
WITH `able` AS (
  SELECT
    `m`.`cluster_id`,
    COUNT(DISTINCT `a`.`account_no`) FILTER(WHERE
      `k`.`facet` = 'network') AS `place`,
    COUNT(DISTINCT `a`.`account_no`) FILTER(WHERE
      `k`.`facet` = 'payment') AS `payment`,
    COUNT(DISTINCT `a`.`account_no`) FILTER(WHERE
      `k`.`facet` = 'identity') AS `identity`,
    COUNT(DISTINCT `a`.`account_no`) FILTER(WHERE
      `k`.`facet` = 'client') AS `client`
  FROM `membership` AS `m`
  JOIN `account_numbers` AS `n`
    ON `n`.`account_id` = `m`.`account_id`
  JOIN `account_kinds` AS `a`
    ON `a`.`account_no` = `n`.`account_no`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    NOT `m`.`cluster_id` IS NULL
  GROUP BY
    `m`.`cluster_id`
), `tied` AS (
  SELECT
    `cluster_id`,
    TRANSFORM(
      ARRAY_SORT(
        COLLECT_LIST(
          STRUCT(
            `piece` IS NULL AS `n0`,
            `piece` AS `k0`,
            STRUCT(
              `piece` AS `piece`,
              `n_ties` AS `n_ties`,
              `n_identifiers` AS `n_identifiers`,
              `bits` AS `bits`,
              `log_same` AS `log_same`,
              `log_router` AS `log_router`,
              `log_network` AS `log_network`
            ) AS `value`
          )
        )
      ),
      `entry` -> `entry`.`value`
    ) AS `ties`
  FROM `tie_summary`
  GROUP BY
    `cluster_id`
), `marked` AS (
  SELECT
    `cluster_id`,
    TRANSFORM(
      ARRAY_SORT(
        COLLECT_LIST(
          STRUCT(
            `mark` IS NULL AS `n0`,
            `mark` AS `k0`,
            STRUCT(`mark` AS `mark`, `n_able` AS `n_able`, `n_members` AS `n_members`, `shown` AS `shown`) AS `value`
          )
        )
      ),
      `entry` -> `entry`.`value`
    ) AS `marks`
  FROM `cluster_marks`
  GROUP BY
    `cluster_id`
)
SELECT
  `c`.`cluster_id`,
  `c`.`n_accounts`,
  COALESCE(`a`.`place`, 0) AS `place`,
  COALESCE(`a`.`payment`, 0) AS `payment`,
  COALESCE(`a`.`identity`, 0) AS `identity`,
  COALESCE(`a`.`client`, 0) AS `client`,
  `p`.`presence`,
  `t`.`ties`,
  (
    SELECT
      MAX(`n_timed`)
    FROM `incidence`
  ) > 0 AS `has_times`,
  `m`.`marks`,
  `b`.`n_known`,
  `b`.`n_closed`,
  `e`.`also_explained_by`,
  `e`.`n_holders`
FROM `cluster_scores` AS `c`
LEFT JOIN `able` AS `a`
  ON `a`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `cluster_presence` AS `p`
  ON `p`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `tied` AS `t`
  ON `t`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `marked` AS `m`
  ON `m`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `cluster_closures` AS `b`
  ON `b`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `cluster_names` AS `n`
  ON `n`.`cluster_id` = `c`.`cluster_id`
LEFT JOIN `explained_communities` AS `e`
  ON `e`.`community_no` = `n`.`community_no`
ORDER BY
  `c`.`cluster_id` NULLS LAST

-- make pieces
SELECT
  *
FROM `arriving`

-- make hypotheses
SELECT
  *,
  CASE `evidence`
    WHEN 'size'
    THEN 'how many accounts: households are small'
    WHEN 'place'
    THEN 'whom the shared addresses belong to, by their size and reference lists'
    WHEN 'router'
    THEN 'whom the shared router belongs to'
    WHEN 'payment'
    THEN 'whom the shared payment instruments belong to: a family is few accounts, a reseller many'
    WHEN 'identity'
    THEN 'whom the shared identities belong to'
    WHEN 'places_shared'
    THEN 'how many use an address that another of them uses'
    WHEN 'time_at_shared_places'
    THEN 'how much of their activity is at shared addresses'
    WHEN 'concealment'
    THEN 'that an operator may hide behind addresses of others'
    WHEN 'further_instruments'
    THEN 'whether one instrument ties them, or several'
    WHEN 'behaviour'
    THEN 'whether they act together in time'
    WHEN 'client'
    THEN 'whether they run the same rare clients'
    WHEN 'own_domain'
    THEN 'whether they share a mail domain that hardly anybody else uses'
    WHEN 'one_billing_parent'
    THEN 'whether one organisation is named as theirs, such as a billing parent'
    WHEN 'openness'
    THEN 'whether they openly show that they are one organisation'
    WHEN 'closed_for_abuse'
    THEN 'how many were closed for abuse: hardly any of an open organisation'
    WHEN 'other'
    THEN 'whether they share what neither a network nor an intermediary explains'
    WHEN 'harmless_reading'
    THEN 'whether something harmless explains the cluster as well'
  END AS `detail`
FROM `pieces`

-- make cluster_hypotheses
WITH `summed` AS (
  SELECT
    `cluster_id`,
    CAST(SUM(CAST(`bits_same_operator` AS DECIMAL(18, 9))) AS DOUBLE) AS `b_same_operator`,
    CAST(SUM(CAST(`bits_shared_intermediary` AS DECIMAL(18, 9))) AS DOUBLE) AS `b_shared_intermediary`,
    CAST(SUM(CAST(`bits_shared_network` AS DECIMAL(18, 9))) AS DOUBLE) AS `b_shared_network`,
    CAST(SUM(CAST(`bits_openly_one_organisation` AS DECIMAL(18, 9))) AS DOUBLE) AS `b_openly_one_organisation`
  FROM `hypotheses`
  GROUP BY
    `cluster_id`
), `weighed` AS (
  SELECT
    `cluster_id`,
    POWER(
      CAST(2.0 AS DOUBLE),
      `b_same_operator` - GREATEST(
        `b_same_operator`,
        `b_shared_intermediary`,
        `b_shared_network`,
        `b_openly_one_organisation`
      )
    ) AS `w_same_operator`,
    POWER(
      CAST(2.0 AS DOUBLE),
      `b_shared_intermediary` - GREATEST(
        `b_same_operator`,
        `b_shared_intermediary`,
        `b_shared_network`,
        `b_openly_one_organisation`
      )
    ) AS `w_shared_intermediary`,
    POWER(
      CAST(2.0 AS DOUBLE),
      `b_shared_network` - GREATEST(
        `b_same_operator`,
        `b_shared_intermediary`,
        `b_shared_network`,
        `b_openly_one_organisation`
      )
    ) AS `w_shared_network`,
    POWER(
      CAST(2.0 AS DOUBLE),
      `b_openly_one_organisation` - GREATEST(
        `b_same_operator`,
        `b_shared_intermediary`,
        `b_shared_network`,
        `b_openly_one_organisation`
      )
    ) AS `w_openly_one_organisation`
  FROM `summed`
), `shared` AS (
  SELECT
    `cluster_id`,
    CAST(0.005 AS DOUBLE) + CASE
      WHEN (
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) = 0
      THEN CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_same_operator` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_same_operator` AS DOUBLE) / CAST((
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) AS DOUBLE)
    END AS `p_same_operator`,
    CAST(0.005 AS DOUBLE) + CASE
      WHEN (
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) = 0
      THEN CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_shared_intermediary` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_shared_intermediary` AS DOUBLE) / CAST((
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) AS DOUBLE)
    END AS `p_shared_intermediary`,
    CAST(0.005 AS DOUBLE) + CASE
      WHEN (
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) = 0
      THEN CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_shared_network` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_shared_network` AS DOUBLE) / CAST((
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) AS DOUBLE)
    END AS `p_shared_network`,
    CAST(0.005 AS DOUBLE) + CASE
      WHEN (
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) = 0
      THEN CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_openly_one_organisation` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        CAST(1.0 AS DOUBLE) - CAST(0.02 AS DOUBLE)
      ) * `w_openly_one_organisation` AS DOUBLE) / CAST((
        `w_same_operator` + `w_shared_intermediary` + `w_shared_network` + `w_openly_one_organisation`
      ) AS DOUBLE)
    END AS `p_openly_one_organisation`
  FROM `weighed`
), `ranked` AS (
  SELECT
    *,
    SORT_ARRAY(
      ARRAY(
        STRUCT(`p_same_operator` AS `p`, 0 AS `place`, 'same_operator' AS `name`),
        STRUCT(`p_shared_intermediary` AS `p`, -1 AS `place`, 'shared_intermediary' AS `name`),
        STRUCT(`p_shared_network` AS `p`, -2 AS `place`, 'shared_network' AS `name`),
        STRUCT(
          `p_openly_one_organisation` AS `p`,
          -3 AS `place`,
          'openly_one_organisation' AS `name`
        )
      ),
      FALSE
    ) AS `likeliest`
  FROM `shared`
)
SELECT
  `c`.`cluster_id`,
  `r`.`p_same_operator`,
  `r`.`p_shared_intermediary`,
  `r`.`p_shared_network`,
  `r`.`p_openly_one_organisation`,
  `r`.`likeliest`[0].`name` AS `hypothesis`,
  `r`.`likeliest`[1].`name` AS `rival`,
  COALESCE(
    LOG(
      2,
      CASE
        WHEN (
          `r`.`likeliest`[1].`p`
        ) = 0
        THEN CAST(`r`.`likeliest`[0].`p` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`r`.`likeliest`[0].`p` AS DOUBLE) / CAST(`r`.`likeliest`[1].`p` AS DOUBLE)
      END
    ),
    CASE
      WHEN CASE
        WHEN (
          `r`.`likeliest`[1].`p`
        ) = 0
        THEN CAST(`r`.`likeliest`[0].`p` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`r`.`likeliest`[0].`p` AS DOUBLE) / CAST(`r`.`likeliest`[1].`p` AS DOUBLE)
      END = 0
      THEN CAST('-Infinity' AS DOUBLE)
      WHEN CASE
        WHEN (
          `r`.`likeliest`[1].`p`
        ) = 0
        THEN CAST(`r`.`likeliest`[0].`p` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`r`.`likeliest`[0].`p` AS DOUBLE) / CAST(`r`.`likeliest`[1].`p` AS DOUBLE)
      END < 0
      THEN CAST('NaN' AS DOUBLE)
    END
  ) AS `rival_bits`
FROM `cluster_scores` AS `c`
JOIN `ranked` AS `r`
  ON `r`.`cluster_id` = `c`.`cluster_id`

-- rows
SELECT
  COUNT(*)
FROM `cluster_hypotheses`
WHERE
  `hypothesis` = 'same_operator'

-- rows
SELECT
  COUNT(*)
FROM `cluster_hypotheses`
WHERE
  `hypothesis` = 'shared_intermediary'

-- rows
SELECT
  COUNT(*)
FROM `cluster_hypotheses`
WHERE
  `hypothesis` = 'shared_network'

-- rows
SELECT
  COUNT(*)
FROM `cluster_hypotheses`
WHERE
  `hypothesis` = 'openly_one_organisation'

-- rows
DESCRIBE `hypotheses`

-- rows
SELECT
  `cluster_id`,
  `evidence`
FROM `hypotheses`
GROUP BY
  `cluster_id`,
  `evidence`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `evidence` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_ties` IS NULL OR (
      `n_ties` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_possible` IS NULL OR (
      `n_possible` >= 0
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits_same_operator` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `bits_same_operator` IS NULL
      OR (
        ABS(`bits_same_operator`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits_shared_intermediary` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `bits_shared_intermediary` IS NULL
      OR (
        ABS(`bits_shared_intermediary`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits_shared_network` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `bits_shared_network` IS NULL
      OR (
        ABS(`bits_shared_network`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits_openly_one_organisation` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `bits_openly_one_organisation` IS NULL
      OR (
        ABS(`bits_openly_one_organisation`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    ))
FROM `hypotheses`

-- rows
DESCRIBE `cluster_hypotheses`

-- rows
SELECT
  `cluster_id`
FROM `cluster_hypotheses`
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
    NOT COALESCE(NOT `hypothesis` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `rival` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `rival_bits` IS NULL, FALSE))
FROM `cluster_hypotheses`

-- rows
SELECT
  COUNT(*)
FROM `hypotheses`

-- rows
SELECT
  COUNT(*)
FROM `cluster_hypotheses`
