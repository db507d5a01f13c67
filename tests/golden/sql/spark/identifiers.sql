-- rows
SELECT DISTINCT
  `kind`
FROM `observed_values`
ORDER BY
  `kind` NULLS LAST

-- make kinds
SELECT
  *
FROM `arriving`

-- make generalizations
SELECT
  *
FROM `arriving`

-- make value_holders
SELECT
  `value_no`,
  MIN(`account_no`) AS `least`,
  MAX(`account_no`) AS `greatest`
FROM `incidence`
GROUP BY
  `value_no`

-- make value_spans
SELECT
  `v`.`value_no`,
  `v`.`kind`,
  `v`.`value`,
  `h`.`least`,
  `h`.`greatest`
FROM `observed_values` AS `v`
JOIN `kinds` AS `k`
  ON `k`.`kind` = `v`.`kind`
JOIN `value_holders` AS `h`
  ON `h`.`value_no` = `v`.`value_no`
WHERE
  `h`.`least` < `h`.`greatest`
  OR `v`.`kind` IN ('email_domain', 'ip_64', 'ip_prefix', 'email', 'ip')

-- arrow
SELECT
  `value_no`,
  `value`,
  `least`,
  `greatest`
FROM `value_spans`
WHERE
  `kind` = 'email'
  AND NOT (
    (
      `value` RLIKE '^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\\z'
      OR CAST(LENGTH(`value`) AS BIGINT) <= 254
      AND `value` RLIKE '^(?:[a-z0-9_-]+([.][a-z0-9_-]+)*@([a-z0-9-]{1,63}[.])+[a-z]{2,63})\\z'
      AND NOT `value` RLIKE '[.][^\\n]*@gmail[.]com\\z|@googlemail[.]com\\z'
      AND (
        NOT `value` RLIKE '[0-9](?:[^0-9A-Za-z]*[0-9]){12}'
        OR (
          CONTAINS(`value`, '-')
          AND `value` RLIKE '^(?:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\\z'
        )
      )
      AND NOT `value` RLIKE '^(?:(no-?_?reply|do-?_?not-?_?reply)@[^\\n]*|(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email)@(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email|email)[.]com|a@a[.]com|(user|email|name)@(domain|email)[.]com|[^\\n]*@([^\\n]*[.])?(example[.](com|net|org)|test|invalid|localhost))\\z'
    )
  )

-- make wider_rest_email
SELECT
  *
FROM `arriving`

-- arrow
SELECT
  `value_no`,
  `value`,
  `least`,
  `greatest`
FROM `value_spans`
WHERE
  `kind` = 'ip'
  AND NOT (
    CASE
      WHEN CONTAINS(`value`, ':')
      THEN `value` RLIKE '^(?:[23][0-9a-f]{3}(:(([1-9a-f][0-9a-f]{0,3})|0)){7}|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){0}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){1}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){2}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,2})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){3}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,1})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){4}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,0})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){5}::)\\z'
      AND NOT CONTAINS(`value`, ':0:0')
      AND (
        NOT `value` RLIKE '[0-9](?:[^0-9A-Za-z]*[0-9]){12}'
        OR (
          CONTAINS(`value`, '-')
          AND `value` RLIKE '^(?:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\\z'
        )
      )
      ELSE `value` RLIKE '^(?:(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3})\\z'
      AND NOT `value` RLIKE '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]'
    END
  )

-- make wider_rest_ip
SELECT
  *
FROM `arriving`

-- make generalized_values
SELECT
  CAST(NULL AS INT) AS `value_no`,
  CAST(NULL AS STRING) AS `wider_kind`,
  CAST(NULL AS STRING) AS `wider_value`,
  CAST(NULL AS INT) AS `least`,
  CAST(NULL AS INT) AS `greatest`
WHERE
  FALSE
UNION ALL
SELECT
  `value_no`,
  'email_domain',
  CASE WHEN CONTAINS(`value`, '@') THEN REGEXP_EXTRACT(`value`, '@([^\\n]*)\\z') END,
  `least`,
  `greatest`
FROM `value_spans`
WHERE
  `kind` = 'email'
  AND (
    (
      `value` RLIKE '^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})\\z'
      OR CAST(LENGTH(`value`) AS BIGINT) <= 254
      AND `value` RLIKE '^(?:[a-z0-9_-]+([.][a-z0-9_-]+)*@([a-z0-9-]{1,63}[.])+[a-z]{2,63})\\z'
      AND NOT `value` RLIKE '[.][^\\n]*@gmail[.]com\\z|@googlemail[.]com\\z'
      AND (
        NOT `value` RLIKE '[0-9](?:[^0-9A-Za-z]*[0-9]){12}'
        OR (
          CONTAINS(`value`, '-')
          AND `value` RLIKE '^(?:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\\z'
        )
      )
      AND NOT `value` RLIKE '^(?:(no-?_?reply|do-?_?not-?_?reply)@[^\\n]*|(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email)@(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email|email)[.]com|a@a[.]com|(user|email|name)@(domain|email)[.]com|[^\\n]*@([^\\n]*[.])?(example[.](com|net|org)|test|invalid|localhost))\\z'
    )
  )
  AND NOT (
    CASE WHEN CONTAINS(`value`, '@') THEN REGEXP_EXTRACT(`value`, '@([^\\n]*)\\z') END
  ) IS NULL
UNION ALL
SELECT
  `value_no`,
  `wider_kind`,
  `wider_value`,
  `least`,
  `greatest`
FROM `wider_rest_email`
UNION ALL
SELECT
  `value_no`,
  'ip_64',
  CASE
    WHEN CONTAINS(`value`, ':')
    THEN REGEXP_REPLACE(
      REGEXP_EXTRACT(SPLIT_PART(`value`, '::', 1) || ':', '^([^:]+:){1,4}', 0),
      '(:0)?:\\z',
      ''
    ) || '::/64'
  END,
  `least`,
  `greatest`
FROM `value_spans`
WHERE
  `kind` = 'ip'
  AND (
    CASE
      WHEN CONTAINS(`value`, ':')
      THEN `value` RLIKE '^(?:[23][0-9a-f]{3}(:(([1-9a-f][0-9a-f]{0,3})|0)){7}|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){0}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){1}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){2}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,2})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){3}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,1})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){4}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,0})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){5}::)\\z'
      AND NOT CONTAINS(`value`, ':0:0')
      AND (
        NOT `value` RLIKE '[0-9](?:[^0-9A-Za-z]*[0-9]){12}'
        OR (
          CONTAINS(`value`, '-')
          AND `value` RLIKE '^(?:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\\z'
        )
      )
      ELSE `value` RLIKE '^(?:(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3})\\z'
      AND NOT `value` RLIKE '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]'
    END
  )
  AND NOT (
    CASE
      WHEN CONTAINS(`value`, ':')
      THEN REGEXP_REPLACE(
        REGEXP_EXTRACT(SPLIT_PART(`value`, '::', 1) || ':', '^([^:]+:){1,4}', 0),
        '(:0)?:\\z',
        ''
      ) || '::/64'
    END
  ) IS NULL
UNION ALL
SELECT
  `value_no`,
  'ip_prefix',
  CASE
    WHEN CONTAINS(`value`, ':')
    THEN REGEXP_REPLACE(
      REGEXP_EXTRACT(SPLIT_PART(`value`, '::', 1) || ':', '^([^:]+:){1,3}', 0),
      '(:0)?:\\z',
      ''
    ) || '::/48'
    ELSE REGEXP_EXTRACT(`value`, '^[^\\n]*[.]', 0) || '0/24'
  END,
  `least`,
  `greatest`
FROM `value_spans`
WHERE
  `kind` = 'ip'
  AND (
    CASE
      WHEN CONTAINS(`value`, ':')
      THEN `value` RLIKE '^(?:[23][0-9a-f]{3}(:(([1-9a-f][0-9a-f]{0,3})|0)){7}|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){0}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){1}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){2}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,2})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){3}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,1})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){4}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,0})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){5}::)\\z'
      AND NOT CONTAINS(`value`, ':0:0')
      AND (
        NOT `value` RLIKE '[0-9](?:[^0-9A-Za-z]*[0-9]){12}'
        OR (
          CONTAINS(`value`, '-')
          AND `value` RLIKE '^(?:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\\z'
        )
      )
      ELSE `value` RLIKE '^(?:(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3})\\z'
      AND NOT `value` RLIKE '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]'
    END
  )
  AND NOT (
    CASE
      WHEN CONTAINS(`value`, ':')
      THEN REGEXP_REPLACE(
        REGEXP_EXTRACT(SPLIT_PART(`value`, '::', 1) || ':', '^([^:]+:){1,3}', 0),
        '(:0)?:\\z',
        ''
      ) || '::/48'
      ELSE REGEXP_EXTRACT(`value`, '^[^\\n]*[.]', 0) || '0/24'
    END
  ) IS NULL
UNION ALL
SELECT
  `value_no`,
  `wider_kind`,
  `wider_value`,
  `least`,
  `greatest`
FROM `wider_rest_ip`

-- make identifier_numbers
SELECT
  CAST((
    CAST(ROW_NUMBER() OVER (ORDER BY `kind_no` NULLS LAST, `value` NULLS LAST) AS BIGINT)
  ) AS INT) AS `identifier_no`,
  *
FROM (
  SELECT
    `k`.`kind_no`,
    `s`.`kind`,
    `s`.`value`
  FROM (
    SELECT
      `kind`,
      `value`
    FROM `value_spans`
    WHERE
      `least` < `greatest` AND NOT `kind` IN ('email_domain', 'ip_64', 'ip_prefix')
    UNION ALL
    SELECT
      `kind`,
      `value`
    FROM (
      SELECT
        `kind`,
        `value`,
        `least`,
        `greatest`
      FROM `value_spans`
      WHERE
        `kind` IN ('email_domain', 'ip_64', 'ip_prefix')
      UNION ALL
      SELECT
        `wider_kind`,
        `wider_value`,
        `least`,
        `greatest`
      FROM `generalized_values`
    ) AS `summed`
    GROUP BY
      `kind`,
      `value`
    HAVING
      MIN(`summed`.`least`) < MAX(`summed`.`greatest`)
  ) AS `s`
  JOIN `kinds` AS `k`
    ON `k`.`kind` = `s`.`kind`
)

-- make value_numbers
SELECT
  `o`.`value_no`,
  `i`.`identifier_no`,
  `i`.`kind_no`
FROM `value_spans` AS `o`
JOIN `identifier_numbers` AS `i`
  ON `i`.`kind` = `o`.`kind` AND `i`.`value` = `o`.`value`
UNION ALL
SELECT
  `w`.`value_no`,
  `i`.`identifier_no`,
  `i`.`kind_no`
FROM `generalized_values` AS `w`
JOIN `identifier_numbers` AS `i`
  ON `i`.`kind` = `w`.`wider_kind` AND `i`.`value` = `w`.`wider_value`

-- make window_incidence
SELECT
  `identifier_no`,
  `window_no`,
  `account_no`,
  MIN(`first_s`) AS `first_s`,
  MAX(`last_s`) AS `last_s`,
  CAST(SUM(`n`) AS BIGINT) AS `n`
FROM (
  SELECT
    `v`.`identifier_no`,
    CAST(RINT(
      COALESCE(
        CAST(FLOOR(
          CASE
            WHEN `k`.`window_s` = 0
            THEN CAST(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE) AS DOUBLE) / CAST(`k`.`window_s` AS DOUBLE)
          END
        ) AS DOUBLE),
        0
      )
    ) AS INT) AS `window_no`,
    `s`.`account_no`,
    CAST(RINT(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT) AS `first_s`,
    CAST(RINT(CAST(UNIX_MICROS(`s`.`seen_at`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT) AS `last_s`,
    `s`.`n`
  FROM `sightings` AS `s`
  JOIN `value_numbers` AS `v`
    ON `v`.`value_no` = `s`.`value_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `v`.`kind_no`
  WHERE
    NOT `k`.`window_s` IS NULL
  UNION ALL
  SELECT
    `v`.`identifier_no`,
    0 AS `window_no`,
    `h`.`account_no`,
    CAST(RINT(CAST(UNIX_MICROS(`h`.`first_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT),
    CAST(RINT(CAST(UNIX_MICROS(`h`.`last_seen`) AS DOUBLE) / CAST(1000000 AS DOUBLE)) AS BIGINT),
    `h`.`n`
  FROM `incidence` AS `h`
  JOIN `value_numbers` AS `v`
    ON `v`.`value_no` = `h`.`value_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `v`.`kind_no`
  WHERE
    `k`.`window_s` IS NULL
)
GROUP BY
  `identifier_no`,
  `window_no`,
  `account_no`

-- make blocks
SELECT
  `identifier_no`,
  `window_no`,
  COUNT(*) AS `degree`
FROM `window_incidence`
GROUP BY
  `identifier_no`,
  `window_no`
HAVING
  COUNT(*) > 1

-- make sizes
SELECT
  `identifier_no`,
  COUNT(DISTINCT `account_no`) AS `degree`,
  MIN(`first_s`) AS `first_s`,
  MAX(`last_s`) AS `last_s`
FROM `window_incidence`
GROUP BY
  `identifier_no`

-- make shared_identifiers
SELECT
  `i`.`identifier_no`,
  `i`.`kind_no`,
  `i`.`kind`,
  `i`.`value`,
  `s`.`degree`,
  `s`.`first_s`,
  `s`.`last_s`,
  `l`.`label`,
  `l`.`label_type`
FROM `identifier_numbers` AS `i`
JOIN `sizes` AS `s`
  ON `s`.`identifier_no` = `i`.`identifier_no`
LEFT JOIN `identifier_labels` AS `l`
  ON `l`.`kind` = `i`.`kind` AND `l`.`value` = `i`.`value`

-- make account_kinds
SELECT
  `h`.`account_no`,
  `k`.`kind_no`,
  COUNT(*) = 1 AS `is_single`
FROM `incidence` AS `h`
JOIN `observed_values` AS `v`
  ON `v`.`value_no` = `h`.`value_no`
JOIN `kinds` AS `k`
  ON `k`.`kind` = `v`.`kind`
GROUP BY
  `h`.`account_no`,
  `k`.`kind_no`

-- make kind_sizes
SELECT
  `kind_no`,
  COUNT(*) AS `n_accounts`,
  COUNT(*) FILTER(WHERE
    `is_single`) AS `n_single`
FROM `account_kinds`
GROUP BY
  `kind_no`

-- make networks
SELECT
  `v`.`identifier_no`,
  MAX(`w`.`identifier_no`) AS `network_no`
FROM `value_numbers` AS `v`
JOIN `value_numbers` AS `w`
  ON `w`.`value_no` = `v`.`value_no` AND `w`.`kind_no` = 6
WHERE
  `v`.`kind_no` IN (4, 5)
GROUP BY
  `v`.`identifier_no`

-- rows
SELECT
  COUNT(*)
FROM `shared_identifiers`

-- rows
SELECT
  COUNT(*)
FROM `window_incidence`

-- rows
DESCRIBE `shared_identifiers`

-- rows
SELECT
  `identifier_no`
FROM `shared_identifiers`
GROUP BY
  `identifier_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `identifier_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `value` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `degree` IS NULL, FALSE))
FROM `shared_identifiers`

-- rows
DESCRIBE `window_incidence`

-- rows
SELECT
  `identifier_no`,
  `window_no`,
  `account_no`
FROM `window_incidence`
GROUP BY
  `identifier_no`,
  `window_no`,
  `account_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `identifier_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `window_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n` IS NULL, FALSE))
FROM `window_incidence`

-- rows
DESCRIBE `blocks`

-- rows
SELECT
  `identifier_no`,
  `window_no`
FROM `blocks`
GROUP BY
  `identifier_no`,
  `window_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `identifier_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `window_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `degree` IS NULL, FALSE))
FROM `blocks`

-- rows
DESCRIBE `kinds`

-- rows
SELECT
  `kind_no`
FROM `kinds`
GROUP BY
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `facet` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `is_declared` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `p_exclusive` IS NULL
      OR (
        `p_exclusive` >= 0
        AND `p_exclusive` <= 1
        AND ABS(`p_exclusive`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    ))
FROM `kinds`

-- rows
DESCRIBE `generalizations`

-- rows
SELECT
  `kind_no`,
  `wider_no`
FROM `generalizations`
GROUP BY
  `kind_no`,
  `wider_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `wider_no` IS NULL, FALSE))
FROM `generalizations`

-- rows
DESCRIBE `account_kinds`

-- rows
SELECT
  `account_no`,
  `kind_no`
FROM `account_kinds`
GROUP BY
  `account_no`,
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `is_single` IS NULL, FALSE))
FROM `account_kinds`

-- rows
DESCRIBE `kind_sizes`

-- rows
SELECT
  `kind_no`
FROM `kind_sizes`
GROUP BY
  `kind_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_accounts` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_single` IS NULL, FALSE))
FROM `kind_sizes`

-- rows
DESCRIBE `networks`

-- rows
SELECT
  `identifier_no`
FROM `networks`
GROUP BY
  `identifier_no`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `identifier_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `network_no` IS NULL, FALSE))
FROM `networks`

-- rows
SELECT
  COUNT(*)
FROM `shared_identifiers`

-- rows
SELECT
  COUNT(*)
FROM `window_incidence`
