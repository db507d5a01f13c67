-- make described
WITH `sampled` AS (
  SELECT
    `account_id`
  FROM `account_numbers`
  ORDER BY
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
    ) AS BIGINT) NULLS LAST,
    `account_no` NULLS LAST
  LIMIT 10000
)
SELECT
  `a`.`account_id`,
  `m`.`cluster_id`,
  NOT `s`.`account_id` IS NULL AS `is_sampled`
FROM `accounts` AS `a`
LEFT JOIN `sampled` AS `s`
  ON `s`.`account_id` = `a`.`account_id`
LEFT JOIN `membership` AS `m`
  ON `m`.`account_id` = `a`.`account_id`
WHERE
  NOT `s`.`account_id` IS NULL OR NOT `m`.`cluster_id` IS NULL

-- make described_numbers
SELECT
  `a`.`account_no`,
  `a`.`account_id`
FROM `account_numbers` AS `a`
SEMI JOIN `described` AS `d`
  ON `d`.`account_id` = `a`.`account_id`

-- make account_volumes
WITH `lead` AS (
  SELECT
    `kind`
  FROM (
    SELECT
      `v`.`kind`,
      SUM(`h`.`n_timed`) AS `n_timed`
    FROM `incidence` AS `h`
    JOIN `observed_values` AS `v`
      ON `v`.`value_no` = `h`.`value_no`
    GROUP BY
      `v`.`kind`
  )
  ORDER BY
    `n_timed` DESC,
    `kind` NULLS LAST
  LIMIT 1
)
SELECT
  `a`.`account_id`,
  CASE
    WHEN COUNT(
      DISTINCT CAST(FLOOR(
        CAST(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) AS DOUBLE) / 86400
      ) AS DOUBLE)
    ) = 0
    THEN CAST(SUM(`s`.`n`) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(SUM(`s`.`n`) AS DOUBLE) / CAST(COUNT(
      DISTINCT CAST(FLOOR(
        CAST(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) AS DOUBLE) / 86400
      ) AS DOUBLE)
    ) AS DOUBLE)
  END AS `volume`
FROM `sightings` AS `s`
JOIN `described_numbers` AS `a`
  ON `a`.`account_no` = `s`.`account_no`
SEMI JOIN (
  SELECT
    `value_no`
  FROM `observed_values`
  SEMI JOIN `lead`
    ON `lead`.`kind` = `observed_values`.`kind`
) AS `l`
  ON `l`.`value_no` = `s`.`value_no`
WHERE
  NOT `s`.`seen_at` IS NULL
GROUP BY
  `a`.`account_id`

-- make account_places
WITH `places` AS (
  SELECT
    `a`.`account_id`,
    `v`.`kind`,
    `v`.`value`,
    `h`.`n`,
    `l`.`label_type`
  FROM `incidence` AS `h`
  JOIN `described_numbers` AS `a`
    ON `a`.`account_no` = `h`.`account_no`
  JOIN `observed_values` AS `v`
    ON `v`.`value_no` = `h`.`value_no`
  LEFT JOIN `identifier_labels` AS `l`
    ON `l`.`kind` = `v`.`kind` AND `l`.`value` = `v`.`value`
  WHERE
    `v`.`kind` IN ('ip', 'asn', 'country', 'router')
)
SELECT
  `account_id`,
  CAST(COUNT(
    DISTINCT COALESCE(
      NULLIF(REGEXP_EXTRACT(`value`, '^[^\\n]*[.]', 0), ''),
      NULLIF(REGEXP_EXTRACT(`value`, '^([^:]*:){1,3}', 0), '')
    )
  ) FILTER(WHERE
    `kind` = 'ip') AS DOUBLE) AS `n_prefixes`,
  CAST(COUNT(*) FILTER(WHERE
    `kind` = 'asn') AS DOUBLE) AS `n_asns`,
  CAST(COUNT(*) FILTER(WHERE
    `kind` = 'country') AS DOUBLE) AS `n_countries`,
  CAST(COUNT(*) FILTER(WHERE
    `kind` = 'ip') AS DOUBLE) AS `n_addresses`,
  CAST(SUM(`n`) FILTER(WHERE
    `kind` = 'ip') AS DOUBLE) AS `n_ip`,
  CAST(SUM(`n`) FILTER(WHERE
    `kind` = 'router') AS DOUBLE) AS `n_router`,
  CAST(COALESCE(
    SUM(`n`) FILTER(WHERE
      `label_type` IN ('vpn', 'proxy', 'residential_proxy', 'anonymizer', 'tor')),
    0
  ) AS DOUBLE) AS `n_exit`,
  MAX_BY(`value`, (`n`, `value`)) FILTER(WHERE
    `kind` = 'country') AS `country`
FROM `places`
GROUP BY
  `account_id`

-- rows
DESCRIBE `accounts`

-- make account_facts
WITH `ended` AS (
  SELECT
    MIN(CAST(UNIX_MICROS(`first_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS `begin_s`,
    MAX(CAST(UNIX_MICROS(`last_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS `end_s`
  FROM `accounts`
)
SELECT
  `a`.`account_id`,
  `d`.`cluster_id`,
  `d`.`is_sampled`,
  CAST(RINT(CAST(UNIX_MICROS(`a`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT) AS `created_s`,
  CASE
    WHEN COALESCE(`a`.`is_abuse`, TRUE)
    THEN CAST(RINT(CAST(UNIX_MICROS(`a`.`closed_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT)
  END AS `closed_s`,
  `v`.`volume`,
  NULLIF(`s`.`n_prefixes`, 0) AS `n_prefixes`,
  NULLIF(`s`.`n_asns`, 0) AS `n_asns`,
  NULLIF(`s`.`n_countries`, 0) AS `n_countries`,
  NULLIF(`s`.`n_addresses`, 0) AS `n_addresses`,
  CASE
    WHEN `s`.`n_ip` > 0
    AND (
      SELECT
        COUNT(*)
      FROM `observed_values`
      WHERE
        `kind` = 'router'
    ) > 0
    THEN LEAST(
      CAST(1.0 AS DOUBLE),
      CASE
        WHEN `s`.`n_ip` = 0
        THEN CAST(COALESCE(`s`.`n_router`, 0) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(COALESCE(`s`.`n_router`, 0) AS DOUBLE) / CAST(`s`.`n_ip` AS DOUBLE)
      END
    )
  END AS `share_router`,
  CASE
    WHEN `s`.`n_ip` > 0
    AND (
      SELECT
        COUNT(*)
      FROM `identifier_labels`
      WHERE
        `label_type` IN ('vpn', 'proxy', 'residential_proxy', 'anonymizer', 'tor')
    ) > 0
    THEN CASE
      WHEN `s`.`n_ip` = 0
      THEN CAST(`s`.`n_exit` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(`s`.`n_exit` AS DOUBLE) / CAST(`s`.`n_ip` AS DOUBLE)
    END
  END AS `share_exits`,
  CASE
    WHEN NOT UPPER(TRIM(CAST(`a`.`country` AS STRING))) IS NULL
    AND NOT `s`.`country` IS NULL
    THEN CAST(CAST((
      UPPER(TRIM(CAST(`a`.`country` AS STRING))) <> `s`.`country`
    ) AS INT) AS DOUBLE)
  END AS `share_abroad`,
  CASE
    WHEN CAST(UNIX_MICROS(`a`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) >= `e`.`begin_s`
    THEN CASE
      WHEN CAST(86400.0 AS DOUBLE) = 0
      THEN CAST(GREATEST(
        CAST(0.0 AS DOUBLE),
        CAST(UNIX_MICROS(`a`.`first_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE) - CAST(UNIX_MICROS(`a`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(GREATEST(
        CAST(0.0 AS DOUBLE),
        CAST(UNIX_MICROS(`a`.`first_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE) - CAST(UNIX_MICROS(`a`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)
      ) AS DOUBLE) / CAST(86400.0 AS DOUBLE)
    END
  END AS `days_to_first_use`,
  CASE
    WHEN (
      SELECT
        COUNT(*)
      FROM `accounts`
      WHERE
        NOT `status` IS NULL OR NOT `closed_at` IS NULL
    ) > 0
    THEN CAST(CAST((
      NOT `a`.`closed_at` IS NULL
    ) AS INT) AS DOUBLE)
  END AS `share_closed`,
  CAST(CAST(`a`.`is_abuse` AS INT) AS DOUBLE) AS `share_closed_for_abuse`,
  CASE
    WHEN NOT `a`.`created_at` IS NULL AND NOT `e`.`end_s` IS NULL
    THEN CAST(CAST((
      CAST(UNIX_MICROS(`a`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) > `e`.`end_s` - 7 * 86400
    ) AS INT) AS DOUBLE)
  END AS `share_new`
FROM `accounts` AS `a`
JOIN `described` AS `d`
  ON `d`.`account_id` = `a`.`account_id`
LEFT JOIN `account_places` AS `s`
  ON `s`.`account_id` = `a`.`account_id`
LEFT JOIN `account_volumes` AS `v`
  ON `v`.`account_id` = `a`.`account_id`
CROSS JOIN `ended` AS `e`

-- make placed
SELECT
  `account_id`,
  `cluster_id`,
  `created_s`,
  `closed_s`,
  `volume`,
  `n_prefixes`,
  `n_asns`,
  `n_countries`,
  `n_addresses`,
  `share_router`,
  `share_exits`,
  `share_abroad`,
  `days_to_first_use`,
  `share_closed`,
  `share_closed_for_abuse`,
  `share_new`
FROM `account_facts`
WHERE
  NOT `cluster_id` IS NULL

-- make successions
WITH `closings` AS (
  SELECT
    `cluster_id`,
    `account_id`,
    `closed_s`
  FROM `placed`
  WHERE
    NOT `closed_s` IS NULL
), `nexts` AS (
  SELECT
    `cluster_id`,
    `closed_s`,
    LEAD(`closed_s`) OVER (PARTITION BY `cluster_id` ORDER BY `closed_s` NULLS LAST, `account_id` NULLS LAST) - `closed_s` AS `gap`
  FROM `closings`
), `covered` AS (
  SELECT
    `n`.`cluster_id`,
    `w`.`signal`,
    `w`.`width`,
    SUM(LEAST(`w`.`width`, COALESCE(`n`.`gap`, `w`.`width`))) AS `seconds`
  FROM `nexts` AS `n`
  CROSS JOIN (
    SELECT
      'successors_6h' AS `signal`,
      21600 AS `width`
    UNION ALL
    SELECT
      'successors_3d' AS `signal`,
      259200 AS `width`
  ) AS `w`
  GROUP BY
    `n`.`cluster_id`,
    `w`.`signal`,
    `w`.`width`
), `span` AS (
  SELECT
    MIN(CAST(UNIX_MICROS(`closed_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) FILTER(WHERE
      COALESCE(`is_abuse`, TRUE)) AS `first_s`,
    MAX(CAST(UNIX_MICROS(`last_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS `last_s`
  FROM `accounts`
), `rate` AS (
  SELECT
    CASE
      WHEN NULLIF(ANY_VALUE(`s`.`last_s` - `s`.`first_s`) IGNORE NULLS, 0) = 0
      THEN CAST(CASE
        WHEN NULLIF(COUNT(*), 0) = 0
        THEN CAST(COUNT(*) FILTER(WHERE
          CAST(UNIX_MICROS(`f`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) >= `s`.`first_s`) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(COUNT(*) FILTER(WHERE
          CAST(UNIX_MICROS(`f`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) >= `s`.`first_s`) AS DOUBLE) / CAST(NULLIF(COUNT(*), 0) AS DOUBLE)
      END AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(CASE
        WHEN NULLIF(COUNT(*), 0) = 0
        THEN CAST(COUNT(*) FILTER(WHERE
          CAST(UNIX_MICROS(`f`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) >= `s`.`first_s`) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(COUNT(*) FILTER(WHERE
          CAST(UNIX_MICROS(`f`.`created_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) >= `s`.`first_s`) AS DOUBLE) / CAST(NULLIF(COUNT(*), 0) AS DOUBLE)
      END AS DOUBLE) / CAST(NULLIF(ANY_VALUE(`s`.`last_s` - `s`.`first_s`) IGNORE NULLS, 0) AS DOUBLE)
    END AS `per_account_s`
  FROM `accounts` AS `f`
  CROSS JOIN `span` AS `s`
  WHERE
    NOT `f`.`created_at` IS NULL
), `moments` AS (
  SELECT
    `cluster_id`,
    `closed_s`,
    MIN(`account_id`) AS `first_id`,
    MAX(`account_id`) AS `last_id`
  FROM `closings`
  GROUP BY
    `cluster_id`,
    `closed_s`
), `opened` AS (
  SELECT
    `p`.`cluster_id`,
    `p`.`created_s` - `c`.`closed_s` AS `lag`
  FROM `placed` AS `p`
  JOIN (
    SELECT DISTINCT
      `g0`,
      `k`,
      `f`
    FROM (
      SELECT
        `g0`,
        `k`,
        `is_left`,
        MAX(`f`) OVER (PARTITION BY `g0` ORDER BY `k` NULLS LAST) AS `f`
      FROM (
        SELECT
          `p`.`cluster_id` AS `g0`,
          `p`.`created_s` AS `k`,
          NULL AS `f`,
          TRUE AS `is_left`
        FROM `placed` AS `p`
        UNION ALL
        SELECT
          `c`.`cluster_id` AS `g0`,
          `c`.`closed_s` AS `k`,
          `c`.`closed_s` AS `f`,
          FALSE AS `is_left`
        FROM `moments` AS `c`
      )
    )
    WHERE
      `is_left`
  ) AS `met_c`
    ON `met_c`.`k` = `p`.`created_s` AND `met_c`.`g0` = `p`.`cluster_id`
  JOIN (
    SELECT
      *
    FROM (
      SELECT
        *,
        CAST(ROW_NUMBER() OVER (PARTITION BY `cluster_id`, `closed_s` ORDER BY `closed_s` NULLS LAST) AS BIGINT) AS `place`
      FROM `moments` AS `c`
    )
    WHERE
      `place` = 1
  ) AS `c`
    ON `c`.`closed_s` = `met_c`.`f` AND `c`.`cluster_id` = `met_c`.`g0`
  WHERE
    NOT `p`.`created_s` IS NULL
    AND (
      `p`.`account_id` <> `c`.`first_id` OR `p`.`account_id` <> `c`.`last_id`
    )
), `met` AS (
  SELECT
    `o`.`cluster_id`,
    `w`.`signal`,
    COUNT(*) AS `n`
  FROM `opened` AS `o`
  JOIN (
    SELECT
      'successors_6h' AS `signal`,
      21600 AS `width`
    UNION ALL
    SELECT
      'successors_3d' AS `signal`,
      259200 AS `width`
  ) AS `w`
    ON `o`.`lag` <= `w`.`width`
  GROUP BY
    `o`.`cluster_id`,
    `w`.`signal`
), `counted` AS (
  SELECT
    `cluster_id`,
    COUNT(`created_s`) AS `n`
  FROM `placed`
  GROUP BY
    `cluster_id`
)
SELECT
  `v`.`cluster_id`,
  `v`.`signal`,
  `v`.`width`,
  `n`.`n` AS `n_accounts`,
  COALESCE(`m`.`n`, 0) AS `n_observed`,
  `n`.`n` * `r`.`per_account_s` * `v`.`seconds` AS `expected`
FROM `covered` AS `v`
JOIN `counted` AS `n`
  ON `n`.`cluster_id` = `v`.`cluster_id`
CROSS JOIN `rate` AS `r`
LEFT JOIN `met` AS `m`
  ON `m`.`cluster_id` = `v`.`cluster_id` AND `m`.`signal` = `v`.`signal`
WHERE
  `n`.`n` > 0

-- make signals
SELECT
  `cluster_id`,
  'volume' AS `signal`,
  CAST(MEDIAN(`placed`.`volume`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      MEDIAN(`volume`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`volume`) AS BIGINT) AS `n_accounts`,
  'sightings per account and active day (median)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`volume`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'n_addresses' AS `signal`,
  CAST(MEDIAN(`placed`.`n_addresses`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      MEDIAN(`n_addresses`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`n_addresses`) AS BIGINT) AS `n_accounts`,
  'addresses per account (median)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`n_addresses`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'n_prefixes' AS `signal`,
  CAST(MEDIAN(`placed`.`n_prefixes`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      MEDIAN(`n_prefixes`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`n_prefixes`) AS BIGINT) AS `n_accounts`,
  'address prefixes per account (median)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`n_prefixes`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'n_asns' AS `signal`,
  CAST(MEDIAN(`placed`.`n_asns`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      MEDIAN(`n_asns`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`n_asns`) AS BIGINT) AS `n_accounts`,
  'autonomous systems per account (median)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`n_asns`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'n_countries' AS `signal`,
  CAST(MEDIAN(`placed`.`n_countries`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      MEDIAN(`n_countries`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`n_countries`) AS BIGINT) AS `n_accounts`,
  'countries per account (median)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`n_countries`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'days_to_first_use' AS `signal`,
  CAST(MEDIAN(`placed`.`days_to_first_use`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      MEDIAN(`days_to_first_use`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`days_to_first_use`) AS BIGINT) AS `n_accounts`,
  'days from opening to first use (median)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`days_to_first_use`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'share_router' AS `signal`,
  CAST(AVG(`placed`.`share_router`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      AVG(`share_router`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`share_router`) AS BIGINT) AS `n_accounts`,
  'share of sightings that came through routers (mean)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`share_router`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'share_exits' AS `signal`,
  CAST(AVG(`placed`.`share_exits`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      AVG(`share_exits`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`share_exits`) AS BIGINT) AS `n_accounts`,
  'share of sightings at listed VPNs, proxies, residential proxies and Tor (mean)' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`share_exits`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'share_abroad' AS `signal`,
  CAST(AVG(`placed`.`share_abroad`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      AVG(`share_abroad`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`share_abroad`) AS BIGINT) AS `n_accounts`,
  'share of accounts whose country is not the one they are mostly seen in' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`share_abroad`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'share_closed' AS `signal`,
  CAST(AVG(`placed`.`share_closed`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      AVG(`share_closed`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`share_closed`) AS BIGINT) AS `n_accounts`,
  'share of accounts that are closed' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`share_closed`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'share_closed_for_abuse' AS `signal`,
  CAST(AVG(`placed`.`share_closed_for_abuse`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      AVG(`share_closed_for_abuse`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`share_closed_for_abuse`) AS BIGINT) AS `n_accounts`,
  'share of accounts that were closed for abuse' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`share_closed_for_abuse`) > 0
UNION ALL
SELECT
  `cluster_id`,
  'share_new' AS `signal`,
  CAST(AVG(`placed`.`share_new`) AS DOUBLE) AS `value`,
  CAST((
    SELECT
      AVG(`share_new`)
    FROM `account_facts`
    WHERE
      `is_sampled`
  ) AS DOUBLE) AS `baseline`,
  CAST(COUNT(`placed`.`share_new`) AS BIGINT) AS `n_accounts`,
  'share of accounts opened in the last 7 days of the data' AS `detail`
FROM `placed`
GROUP BY
  `cluster_id`
HAVING
  COUNT(`placed`.`share_new`) > 0
UNION ALL
SELECT
  `cluster_id`,
  `signal`,
  CAST(`n_observed` AS DOUBLE) AS `value`,
  CAST(`expected` AS DOUBLE) AS `baseline`,
  CAST(`n_accounts` AS BIGINT),
  'accounts opened within 6 hours after another of the cluster was closed for abuse (for any reason where none is known); usual: what the overall sign-up rate gives' AS `detail`
FROM `successions`
WHERE
  `signal` = 'successors_6h'
UNION ALL
SELECT
  `cluster_id`,
  `signal`,
  CAST(`n_observed` AS DOUBLE) AS `value`,
  CAST(`expected` AS DOUBLE) AS `baseline`,
  CAST(`n_accounts` AS BIGINT),
  'accounts opened within 72 hours after another of the cluster was closed for abuse (for any reason where none is known); usual: what the overall sign-up rate gives' AS `detail`
FROM `successions`
WHERE
  `signal` = 'successors_3d'
UNION ALL
SELECT
  `cluster_id`,
  'opened_in_one_day' AS `signal`,
  CASE
    WHEN ANY_VALUE(`summed`.`n_accounts`) IGNORE NULLS = 0
    THEN CAST(MAX(`summed`.`n`) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(MAX(`summed`.`n`) AS DOUBLE) / CAST(ANY_VALUE(`summed`.`n_accounts`) IGNORE NULLS AS DOUBLE)
  END AS `value`,
  CAST(NULL AS DOUBLE) AS `baseline`,
  CAST(ANY_VALUE(`summed`.`n_accounts`) IGNORE NULLS AS BIGINT) AS `n_accounts`,
  'largest share of its accounts that were opened within one day' AS `detail`
FROM (
  SELECT
    `cluster_id`,
    COUNT(*) OVER (
      PARTITION BY `cluster_id`
      ORDER BY `created_s` NULLS LAST
      RANGE BETWEEN 86400 PRECEDING AND CURRENT ROW
    ) AS `n`,
    COUNT(*) OVER (PARTITION BY `cluster_id`) AS `n_accounts`
  FROM `placed`
  WHERE
    NOT `created_s` IS NULL
) AS `summed`
GROUP BY
  `cluster_id`
HAVING
  ANY_VALUE(`summed`.`n_accounts`) IGNORE NULLS > 2
UNION ALL
SELECT
  `cluster_id`,
  'share_burner_domains' AS `signal`,
  CASE
    WHEN SUM(`n`) = 0
    THEN CAST((
      COALESCE(SUM(`n`) FILTER(WHERE
        `is_own`), 0) - COALESCE(MAX(`n`) FILTER(WHERE
        `is_own`), 0)
    ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST((
      COALESCE(SUM(`n`) FILTER(WHERE
        `is_own`), 0) - COALESCE(MAX(`n`) FILTER(WHERE
        `is_own`), 0)
    ) AS DOUBLE) / CAST(SUM(`n`) AS DOUBLE)
  END AS `value`,
  CAST(NULL AS DOUBLE) AS `baseline`,
  CAST(SUM(`n`) AS BIGINT) AS `n_accounts`,
  'share of its accounts under mail domains of its own beyond the most frequent one' AS `detail`
FROM (
  WITH `mail` AS (
    SELECT DISTINCT
      `h`.`account_no`,
      CASE
        WHEN `v`.`kind` = 'email_domain'
        THEN `v`.`value`
        WHEN CONTAINS(`v`.`value`, '@')
        THEN REGEXP_EXTRACT(`v`.`value`, '@([^\\n]*)\\z')
      END AS `domain`
    FROM `incidence` AS `h`
    JOIN `observed_values` AS `v`
      ON `v`.`value_no` = `h`.`value_no`
    WHERE
      `v`.`kind` IN ('email', 'email_domain')
  ), `reach` AS (
    SELECT
      `domain`,
      COUNT(*) AS `n`
    FROM `mail`
    WHERE
      NOT `domain` IS NULL
    GROUP BY
      `domain`
  )
  SELECT
    `p`.`cluster_id`,
    `m`.`domain`,
    COUNT(*) AS `n`,
    ANY_VALUE(`r`.`n`) IGNORE NULLS - COUNT(*) <= CAST(0.1 AS DOUBLE) * ANY_VALUE(`r`.`n`) IGNORE NULLS AS `is_own`
  FROM `mail` AS `m`
  JOIN `reach` AS `r`
    ON `r`.`domain` = `m`.`domain`
  JOIN `described_numbers` AS `d`
    ON `d`.`account_no` = `m`.`account_no`
  JOIN `placed` AS `p`
    ON `p`.`account_id` = `d`.`account_id`
  GROUP BY
    `p`.`cluster_id`,
    `m`.`domain`
) AS `domains`
GROUP BY
  `cluster_id`

-- rows
SELECT
  `signal`,
  COUNT(*)
FROM `signals`
GROUP BY
  `signal`
ORDER BY
  `signal` NULLS LAST

-- rows
DESCRIBE `signals`

-- rows
SELECT
  `cluster_id`,
  `signal`
FROM `signals`
GROUP BY
  `cluster_id`,
  `signal`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `cluster_id` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `signal` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`value` IS NULL OR (
      ABS(`value`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`baseline` IS NULL OR (
      ABS(`baseline`) < CAST('Infinity' AS DOUBLE)
    ), FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_accounts` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(`n_accounts` IS NULL OR (
      `n_accounts` >= 1
    ), FALSE))
FROM `signals`

-- rows
SELECT
  COUNT(*)
FROM `signals`
