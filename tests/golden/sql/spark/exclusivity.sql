-- make pools
WITH `visits` AS (
  SELECT
    `w`.`network_no`,
    `h`.`account_no`,
    COUNT(DISTINCT `h`.`identifier_no`) AS `n`
  FROM `window_incidence` AS `h`
  JOIN `networks` AS `w`
    ON `w`.`identifier_no` = `h`.`identifier_no`
  GROUP BY
    `w`.`network_no`,
    `h`.`account_no`
), `roaming` AS (
  SELECT
    `w`.`identifier_no`,
    `w`.`network_no`,
    AVG(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND(
            (
              CAST(1.0 AS DOUBLE) - CASE
                WHEN `v`.`n` = 0
                THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(1.0 AS DOUBLE) / CAST(`v`.`n` AS DOUBLE)
              END
            ) * CAST(1073741824.0 AS DOUBLE)
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND(
            (
              CAST(1.0 AS DOUBLE) - CASE
                WHEN `v`.`n` = 0
                THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(1.0 AS DOUBLE) / CAST(`v`.`n` AS DOUBLE)
              END
            ) * CAST(1073741824.0 AS DOUBLE)
          ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) AS `share`
  FROM `window_incidence` AS `h`
  JOIN `networks` AS `w`
    ON `w`.`identifier_no` = `h`.`identifier_no`
  JOIN `visits` AS `v`
    ON `v`.`network_no` = `w`.`network_no` AND `v`.`account_no` = `h`.`account_no`
  GROUP BY
    `w`.`identifier_no`,
    `w`.`network_no`
)
SELECT
  `r`.`identifier_no`,
  `r`.`share` * COALESCE(
    LOG(
      2,
      GREATEST(
        CAST(1.0 AS DOUBLE),
        CASE
          WHEN GREATEST(CAST(1.0 AS DOUBLE), `i`.`degree` - CAST(1.0 AS DOUBLE)) = 0
          THEN CAST((
            `n`.`degree` - CAST(1.0 AS DOUBLE)
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `n`.`degree` - CAST(1.0 AS DOUBLE)
          ) AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), `i`.`degree` - CAST(1.0 AS DOUBLE)) AS DOUBLE)
        END
      )
    ),
    CASE
      WHEN GREATEST(
        CAST(1.0 AS DOUBLE),
        CASE
          WHEN GREATEST(CAST(1.0 AS DOUBLE), `i`.`degree` - CAST(1.0 AS DOUBLE)) = 0
          THEN CAST((
            `n`.`degree` - CAST(1.0 AS DOUBLE)
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `n`.`degree` - CAST(1.0 AS DOUBLE)
          ) AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), `i`.`degree` - CAST(1.0 AS DOUBLE)) AS DOUBLE)
        END
      ) = 0
      THEN CAST('-Infinity' AS DOUBLE)
      WHEN GREATEST(
        CAST(1.0 AS DOUBLE),
        CASE
          WHEN GREATEST(CAST(1.0 AS DOUBLE), `i`.`degree` - CAST(1.0 AS DOUBLE)) = 0
          THEN CAST((
            `n`.`degree` - CAST(1.0 AS DOUBLE)
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `n`.`degree` - CAST(1.0 AS DOUBLE)
          ) AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), `i`.`degree` - CAST(1.0 AS DOUBLE)) AS DOUBLE)
        END
      ) < 0
      THEN CAST('NaN' AS DOUBLE)
    END
  ) AS `less`
FROM `roaming` AS `r`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `r`.`identifier_no`
JOIN `shared_identifiers` AS `n`
  ON `n`.`identifier_no` = `r`.`network_no`

-- make listed_identifiers
SELECT
  `identifier_no`,
  CAST((
    CASE CASE `kind` WHEN 'router' THEN 'router' ELSE `label_type` END
      WHEN 'router'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'vpn'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'proxy'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'residential_proxy'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'anonymizer'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'tor'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'carrier_nat'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'campus'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'corporate'
      THEN CAST(2.0 AS DOUBLE)
      ELSE CAST(0.0 AS DOUBLE)
    END
  ) AS DOUBLE) AS `bits`
FROM `shared_identifiers`

-- make baselines
WITH `shared_values` AS (
  SELECT
    `l`,
    `r`,
    `only_no` AS `identifier_no`,
    `kind_no`,
    `degree_bin`,
    `repeat_bin`
  FROM `pair_kinds`
  WHERE
    NOT `only_no` IS NULL
  UNION ALL
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`identifier_no`,
    `s`.`kind_no`,
    CAST(RINT(
      LEAST(
        CAST(FLOOR(
          COALESCE(
            LOG(2, `s`.`degree` - 1),
            CASE
              WHEN (
                `s`.`degree` - 1
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN (
                `s`.`degree` - 1
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          )
        ) AS DOUBLE),
        (
          SELECT
            MAX(`degree_bin`)
          FROM `match_weights`
        )
      )
    ) AS TINYINT),
    `p`.`repeat_bin`
  FROM `pair_kinds` AS `p`
  JOIN `copresence_pairs` AS `s`
    ON `s`.`l` = `p`.`l` AND `s`.`r` = `p`.`r` AND `s`.`kind_no` = `p`.`kind_no`
  WHERE
    `p`.`only_no` IS NULL
), `looked_up` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`identifier_no`,
    `s`.`kind_no`,
    `s`.`repeat_bin`,
    `k`.`is_declared`,
    CASE
      WHEN `k`.`is_declared`
      THEN `t`.`log_odds` - `s`.`repeat_bin`
      ELSE LEAST(
        `t`.`log_odds`,
        -CAST(12.0 AS DOUBLE) + (
          COALESCE(
            LOG(
              2,
              GREATEST(
                CAST(1.0 AS DOUBLE),
                CASE
                  WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                  THEN CAST(`z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(`z`.`n_accounts` AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                END
              )
            ),
            CASE
              WHEN GREATEST(
                CAST(1.0 AS DOUBLE),
                CASE
                  WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                  THEN CAST(`z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(`z`.`n_accounts` AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                END
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN GREATEST(
                CAST(1.0 AS DOUBLE),
                CASE
                  WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                  THEN CAST(`z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(`z`.`n_accounts` AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                END
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          ) + CAST(2.0 AS DOUBLE) * COALESCE(
            LOG(
              2,
              GREATEST(
                CAST(1.0 AS DOUBLE),
                CASE
                  WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                  THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                END
              )
            ),
            CASE
              WHEN GREATEST(
                CAST(1.0 AS DOUBLE),
                CASE
                  WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                  THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                END
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN GREATEST(
                CAST(1.0 AS DOUBLE),
                CASE
                  WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                  THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                END
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          )
        )
      )
    END + CASE `i`.`label_type`
      WHEN 'router'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'vpn'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'proxy'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'residential_proxy'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'anonymizer'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'tor'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'carrier_nat'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'campus'
      THEN -CAST(4.0 AS DOUBLE)
      WHEN 'corporate'
      THEN CAST(2.0 AS DOUBLE)
      ELSE CAST(0.0 AS DOUBLE)
    END - COALESCE(`o`.`less`, CAST(0.0 AS DOUBLE)) AS `log_odds`
  FROM `shared_values` AS `s`
  JOIN `match_weights` AS `t`
    ON `t`.`kind_no` = `s`.`kind_no`
    AND `t`.`degree_bin` = `s`.`degree_bin`
    AND `t`.`repeat_bin` = `s`.`repeat_bin`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `s`.`identifier_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `s`.`kind_no`
  LEFT JOIN `kind_sizes` AS `z`
    ON `z`.`kind_no` = `s`.`kind_no`
  LEFT JOIN `pools` AS `o`
    ON `o`.`identifier_no` = `s`.`identifier_no`
)
SELECT
  `l`,
  `r`,
  `identifier_no`,
  `kind_no`,
  CASE
    WHEN `is_declared`
    THEN AVG(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            `log_odds`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            `log_odds`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) OVER (PARTITION BY `identifier_no`) + `repeat_bin`
    ELSE `log_odds`
  END AS `baseline`
FROM `looked_up`

-- arrow
WITH `held` AS (
  SELECT DISTINCT
    `h`.`identifier_no`,
    `h`.`account_no`,
    `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity') AS `is_owned`
  FROM `window_incidence` AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  WHERE
    `i`.`degree` > 2
    AND (
      `k`.`is_declared`
      AND `k`.`facet` IN ('payment', 'identity')
      OR `k`.`is_declared`
      AND `k`.`facet` = 'network'
    )
)
SELECT
  `x`.`identifier_no`,
  `y`.`identifier_no` AS `place_no`,
  ANY_VALUE(`i`.`degree`) IGNORE NULLS AS `n_holders`,
  COUNT(*) AS `n_there`,
  CASE
    WHEN (
      SELECT
        COUNT(*)
      FROM `account_numbers`
    ) = 0
    THEN CAST(ANY_VALUE(`j`.`degree`) IGNORE NULLS AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(ANY_VALUE(`j`.`degree`) IGNORE NULLS AS DOUBLE) / CAST((
      SELECT
        COUNT(*)
      FROM `account_numbers`
    ) AS DOUBLE)
  END AS `share`
FROM `held` AS `x`
JOIN `held` AS `y`
  ON `y`.`account_no` = `x`.`account_no`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `x`.`identifier_no`
JOIN `shared_identifiers` AS `j`
  ON `j`.`identifier_no` = `y`.`identifier_no`
WHERE
  `x`.`is_owned` AND NOT `y`.`is_owned`
GROUP BY
  `x`.`identifier_no`,
  `y`.`identifier_no`
HAVING
  2 * COUNT(*) >= ANY_VALUE(`i`.`degree`) IGNORE NULLS
ORDER BY
  `x`.`identifier_no` NULLS LAST,
  `y`.`identifier_no` NULLS LAST

-- make concentration
SELECT
  *
FROM `arriving`

-- make site_addresses
SELECT DISTINCT
  `h`.`identifier_no`,
  `i`.`kind_no`,
  `i`.`degree`,
  `h`.`account_no`
FROM `window_incidence` AS `h`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `h`.`identifier_no`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no`
WHERE
  `k`.`is_declared`
  AND `k`.`facet` = 'network'
  AND `i`.`degree` >= 3
  AND NOT `k`.`kind_no` IN (
    SELECT
      `wider_no`
    FROM `generalizations`
  )

-- arrow
SELECT
  `one`,
  `other`
FROM (
  SELECT
    `x`.`identifier_no` AS `one`,
    `y`.`identifier_no` AS `other`,
    COUNT(*) AS `n`,
    ANY_VALUE(GREATEST(`x`.`degree`, `y`.`degree`)) IGNORE NULLS AS `degree`
  FROM (
    SELECT
      `account_no`
    FROM `site_addresses`
    GROUP BY
      `account_no`
    HAVING
      COUNT(*) BETWEEN 2 AND 64
  ) AS `s`
  JOIN `site_addresses` AS `x`
    ON `x`.`account_no` = `s`.`account_no`
  JOIN `site_addresses` AS `y`
    ON `y`.`account_no` = `s`.`account_no`
    AND `y`.`kind_no` = `x`.`kind_no`
    AND `y`.`identifier_no` > `x`.`identifier_no`
  GROUP BY
    `x`.`identifier_no`,
    `y`.`identifier_no`
)
WHERE
  `n` >= 3 AND `n` >= CAST(0.2 AS DOUBLE) * `degree`
UNION
SELECT
  `one`,
  `other`
FROM (
  WITH `payers` AS (
    SELECT DISTINCT
      `identifier_no` AS `instrument_no`,
      EXPLODE(ARRAY(`l`, `r`)) AS `account_no`
    FROM (
      SELECT
        `u`.`l`,
        `u`.`r`,
        `u`.`identifier_no`,
        `u`.`kind_no`,
        `u`.`baseline` + COALESCE(
          LOG(
            2,
            (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            )
          ),
          CASE
            WHEN (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            ) = 0
            THEN CAST('-Infinity' AS DOUBLE)
            WHEN (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            ) < 0
            THEN CAST('NaN' AS DOUBLE)
          END
        ) AS `odds`
      FROM `baselines` AS `u`
      JOIN `kinds` AS `k`
        ON `k`.`kind_no` = `u`.`kind_no`
      LEFT JOIN `concentration` AS `c`
        ON `c`.`identifier_no` = `u`.`identifier_no`
      WHERE
        `k`.`is_declared`
        AND `k`.`facet` IN ('payment', 'identity')
        AND `k`.`kind` <> 'email_domain'
    )
    WHERE
      `odds` > CAST(0.0 AS DOUBLE)
  ), `settled` AS (
    SELECT
      `identifier_no`,
      `kind_no`,
      `degree`,
      `account_no`
    FROM (
      SELECT
        `identifier_no`,
        `kind_no`,
        `degree`,
        `account_no`,
        COUNT(*) OVER (PARTITION BY `account_no`, `kind_no`) AS `_w`
      FROM `site_addresses`
    ) AS `_t`
    WHERE
      `_w` <= 2
  ), `paid` AS (
    SELECT
      `instrument_no`,
      `identifier_no`,
      `kind_no`,
      `degree`,
      `account_no`
    FROM (
      SELECT
        `p`.`instrument_no`,
        `s`.`identifier_no`,
        `s`.`kind_no`,
        `s`.`degree`,
        `s`.`account_no`,
        COUNT(*) OVER (PARTITION BY `p`.`instrument_no`, `s`.`kind_no`) AS `_w`
      FROM `payers` AS `p`
      JOIN `settled` AS `s`
        ON `s`.`account_no` = `p`.`account_no`
    ) AS `_t`
    WHERE
      `_w` <= 64
  )
  SELECT
    `x`.`identifier_no` AS `one`,
    `y`.`identifier_no` AS `other`,
    COUNT(DISTINCT `x`.`instrument_no`) AS `n`,
    COUNT(DISTINCT `x`.`account_no`) AS `n_one`,
    COUNT(DISTINCT `y`.`account_no`) AS `n_other`,
    ANY_VALUE(`x`.`degree`) IGNORE NULLS AS `degree_one`,
    ANY_VALUE(`y`.`degree`) IGNORE NULLS AS `degree_other`
  FROM `paid` AS `x`
  JOIN `paid` AS `y`
    ON `y`.`instrument_no` = `x`.`instrument_no`
    AND `y`.`kind_no` = `x`.`kind_no`
    AND `y`.`identifier_no` > `x`.`identifier_no`
    AND `y`.`account_no` <> `x`.`account_no`
  GROUP BY
    `x`.`identifier_no`,
    `y`.`identifier_no`
)
WHERE
  `n` >= 3
  AND `n_one` >= CAST(0.2 AS DOUBLE) * `degree_one`
  AND `n_other` >= CAST(0.2 AS DOUBLE) * `degree_other`
ORDER BY
  `one` NULLS LAST,
  `other` NULLS LAST

-- rows
SELECT
  COALESCE(MAX(`identifier_no`), 0)
FROM `shared_identifiers`

-- make site_members
SELECT
  *
FROM `arriving`

-- make sites
SELECT
  `i`.`identifier_no`,
  COALESCE(`m`.`site_no`, `i`.`identifier_no`) AS `site_no`
FROM `shared_identifiers` AS `i`
LEFT JOIN `site_members` AS `m`
  ON `m`.`identifier_no` = `i`.`identifier_no`

-- make facet_bits
SELECT
  `u`.`l`,
  `u`.`r`,
  `k`.`facet`,
  MAX(
    (
      CASE
        WHEN CAST(1073741824.0 AS DOUBLE) = 0
        THEN CAST(ROUND(
          (
            LEAST(
              `k`.`most_bits`,
              GREATEST(CAST(0.0 AS DOUBLE), `u`.`odds` - (
                -CAST(12.0 AS DOUBLE)
              ))
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(ROUND(
          (
            LEAST(
              `k`.`most_bits`,
              GREATEST(CAST(0.0 AS DOUBLE), `u`.`odds` - (
                -CAST(12.0 AS DOUBLE)
              ))
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
      END
    )
  ) AS `bits`
FROM (
  SELECT
    `u`.`l`,
    `u`.`r`,
    `u`.`identifier_no`,
    `u`.`kind_no`,
    `u`.`baseline` + COALESCE(
      LOG(
        2,
        (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        )
      ),
      CASE
        WHEN (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS `odds`
  FROM `baselines` AS `u`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `u`.`kind_no`
  LEFT JOIN `concentration` AS `c`
    ON `c`.`identifier_no` = `u`.`identifier_no`
  WHERE
    `k`.`is_declared`
    AND `k`.`facet` IN ('payment', 'identity')
    AND `k`.`kind` <> 'email_domain'
) AS `u`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `u`.`kind_no`
GROUP BY
  `u`.`l`,
  `u`.`r`,
  `k`.`facet`

-- rows
SELECT
  MAX(`account_no`)
FROM `account_numbers`

-- arrow
SELECT
  `l`,
  `r`,
  SUM(`facet_bits`.`bits`) + (
    -CAST(12.0 AS DOUBLE)
  ) AS `odds`
FROM `facet_bits`
GROUP BY
  `l`,
  `r`
HAVING
  SUM(`facet_bits`.`bits`) + (
    -CAST(12.0 AS DOUBLE)
  ) > -CAST(6.0 AS DOUBLE)

-- make owned_components
SELECT
  *
FROM `arriving`

-- make tying_kinds
WITH `ties` AS (
  SELECT
    `u`.`l`,
    `u`.`r`,
    `u`.`kind_no`
  FROM (
    SELECT
      `u`.`l`,
      `u`.`r`,
      `u`.`identifier_no`,
      `u`.`kind_no`,
      `u`.`baseline` + COALESCE(
        LOG(
          2,
          (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          )
        ),
        CASE
          WHEN (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      ) AS `odds`
    FROM `baselines` AS `u`
    JOIN `kinds` AS `k`
      ON `k`.`kind_no` = `u`.`kind_no`
    LEFT JOIN `concentration` AS `c`
      ON `c`.`identifier_no` = `u`.`identifier_no`
    WHERE
      `k`.`is_declared`
      AND `k`.`facet` IN ('payment', 'identity')
      AND `k`.`kind` <> 'email_domain'
  ) AS `u`
  JOIN `owned_components` AS `x`
    ON `x`.`account_no` = `u`.`l`
  JOIN `owned_components` AS `y`
    ON `y`.`account_no` = `u`.`r` AND `y`.`component` = `x`.`component`
  WHERE
    `u`.`odds` > -CAST(6.0 AS DOUBLE)
)
SELECT DISTINCT
  EXPLODE(ARRAY(`l`, `r`)) AS `account_no`,
  `kind_no`
FROM `ties`

-- make site_holdings
SELECT
  `h`.`identifier_no`,
  `s`.`site_no`,
  `h`.`window_no`,
  `h`.`account_no`
FROM `window_incidence` AS `h`
JOIN `sites` AS `s`
  ON `s`.`identifier_no` = `h`.`identifier_no`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `h`.`identifier_no`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no`
WHERE
  (
    `k`.`kind` = 'email_domain'
  )

-- make site_holders
SELECT DISTINCT
  `site_no`,
  `window_no`,
  `account_no`
FROM `site_holdings`

-- make site_ties
WITH `placed` AS (
  SELECT
    `h`.`site_no`,
    `h`.`window_no`,
    `h`.`account_no`,
    `p`.`component`,
    `p`.`size`,
    `p`.`part`
  FROM `site_holders` AS `h`
  JOIN `owned_components` AS `p`
    ON `p`.`account_no` = `h`.`account_no`
  WHERE
    `h`.`site_no` IN (
      SELECT
        `s`.`site_no`
      FROM `sites` AS `s`
      JOIN `shared_identifiers` AS `i`
        ON `i`.`identifier_no` = `s`.`identifier_no`
      JOIN `kinds` AS `k`
        ON `k`.`kind_no` = `i`.`kind_no`
      WHERE
        `k`.`is_declared`
    )
), `counted` AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY `site_no`, `window_no`, `component`) AS `n_there`
  FROM `placed`
)
SELECT
  `site_no`,
  `account_no`,
  MIN(`component`) AS `component`,
  MAX(`n_there`) > 1 AS `is_tied`,
  MAX(`n_there`) AS `n_there`,
  MAX(`size`) AS `size`,
  MIN(`part`) AS `part`
FROM `counted`
GROUP BY
  `site_no`,
  `account_no`

-- make site_untied
WITH `owned` AS (
  SELECT
    `a`.`account_no`,
    `a`.`kind_no`
  FROM `account_kinds` AS `a`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity')
), `rates` AS (
  SELECT
    `t`.`site_no`,
    `o`.`kind_no`,
    CASE
      WHEN (
        COUNT(*) + CAST(1.0 AS DOUBLE)
      ) = 0
      THEN CAST((
        COUNT(`y`.`kind_no`) + CAST(1.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        COUNT(`y`.`kind_no`) + CAST(1.0 AS DOUBLE)
      ) AS DOUBLE) / CAST((
        COUNT(*) + CAST(1.0 AS DOUBLE)
      ) AS DOUBLE)
    END AS `share`
  FROM `site_ties` AS `t`
  JOIN `owned` AS `o`
    ON `o`.`account_no` = `t`.`account_no`
  LEFT JOIN `tying_kinds` AS `y`
    ON `y`.`account_no` = `t`.`account_no` AND `y`.`kind_no` = `o`.`kind_no`
  WHERE
    `t`.`is_tied`
  GROUP BY
    `t`.`site_no`,
    `o`.`kind_no`
), `usual` AS (
  SELECT
    `r`.`site_no`,
    EXP(
      SUM(
        (
          CASE
            WHEN CAST(1073741824.0 AS DOUBLE) = 0
            THEN CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
          END
        )
      )
    ) AS `hidden`
  FROM `rates` AS `r`
  JOIN `kind_sizes` AS `z`
    ON `z`.`kind_no` = `r`.`kind_no`
  CROSS JOIN (
    SELECT
      CAST(COUNT(*) AS DOUBLE) AS `n`
    FROM `account_numbers`
  ) AS `n`
  GROUP BY
    `r`.`site_no`
), `parts` AS (
  SELECT DISTINCT
    `site_no`,
    `component`
  FROM `site_ties`
  WHERE
    `is_tied`
), `untied` AS (
  SELECT DISTINCT
    `h`.`site_no`,
    `h`.`account_no`
  FROM `site_holders` AS `h`
  JOIN `usual` AS `d`
    ON `d`.`site_no` = `h`.`site_no`
  LEFT JOIN `site_ties` AS `t`
    ON `t`.`site_no` = `h`.`site_no` AND `t`.`account_no` = `h`.`account_no`
  LEFT JOIN `parts` AS `p`
    ON `p`.`site_no` = `h`.`site_no` AND `p`.`component` = `t`.`component`
  WHERE
    `p`.`component` IS NULL
), `weighed` AS (
  SELECT
    `u`.`site_no`,
    `u`.`account_no`,
    CAST(1.0 AS DOUBLE) - EXP(
      SUM(
        (
          CASE
            WHEN CAST(1073741824.0 AS DOUBLE) = 0
            THEN CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
          END
        )
      )
    ) AS `shows`
  FROM `untied` AS `u`
  LEFT JOIN `owned` AS `o`
    ON `o`.`account_no` = `u`.`account_no`
  LEFT JOIN `rates` AS `r`
    ON `r`.`site_no` = `u`.`site_no` AND `r`.`kind_no` = `o`.`kind_no`
  GROUP BY
    `u`.`site_no`,
    `u`.`account_no`
), `counted` AS (
  SELECT
    `site_no`,
    `account_no`,
    `shows`,
    SUM(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) OVER (PARTITION BY `site_no`) AS `n_shown`,
    SUM(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            CAST(1.0 AS DOUBLE) - `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            CAST(1.0 AS DOUBLE) - `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) OVER (PARTITION BY `site_no`) AS `n_hidden`
  FROM `weighed`
)
SELECT
  `c`.`site_no`,
  `c`.`account_no`,
  `c`.`shows` + (
    CAST(1.0 AS DOUBLE) - `c`.`shows`
  ) * LEAST(
    CAST(1.0 AS DOUBLE),
    CASE
      WHEN GREATEST(CAST(0.# AS DOUBLE), (
        CAST(1.0 AS DOUBLE) - `u`.`hidden`
      ) * `c`.`n_hidden`) = 0
      THEN CAST((
        `c`.`n_shown` + CAST(1.0 AS DOUBLE)
      ) * `u`.`hidden` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        `c`.`n_shown` + CAST(1.0 AS DOUBLE)
      ) * `u`.`hidden` AS DOUBLE) / CAST(GREATEST(CAST(0.# AS DOUBLE), (
        CAST(1.0 AS DOUBLE) - `u`.`hidden`
      ) * `c`.`n_hidden`) AS DOUBLE)
    END
  ) AS `shows`
FROM `counted` AS `c`
JOIN `usual` AS `u`
  ON `u`.`site_no` = `c`.`site_no`

-- make site_coverage
WITH `owners` AS (
  SELECT
    `a`.`account_no`
  FROM `account_kinds` AS `a`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity')
), `degrees` AS (
  SELECT
    `site_no`,
    COUNT(DISTINCT `account_no`) AS `degree`
  FROM `site_holders`
  GROUP BY
    `site_no`
), `parts` AS (
  SELECT
    `p`.*,
    (
      CASE
        WHEN CAST(1073741824.0 AS DOUBLE) = 0
        THEN CAST(ROUND(
          (
            LEAST(
              `p`.`n`,
              CASE
                WHEN (
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) = 0
                THEN CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) / CAST((
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) AS DOUBLE)
              END
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(ROUND(
          (
            LEAST(
              `p`.`n`,
              CASE
                WHEN (
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) = 0
                THEN CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) / CAST((
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) AS DOUBLE)
              END
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
      END
    ) AS `expected`
  FROM (
    SELECT
      `site_no`,
      `component`,
      COUNT(*) AS `n`,
      MAX(`size`) AS `size`
    FROM `site_ties`
    WHERE
      `is_tied`
    GROUP BY
      `site_no`,
      `component`
  ) AS `p`
  JOIN `degrees` AS `d`
    ON `d`.`site_no` = `p`.`site_no`
), `tied` AS (
  SELECT
    `site_no`,
    CAST(RINT(SUM(`n`)) AS BIGINT) AS `n`,
    SUM(`expected`) AS `expected`
  FROM `parts`
  GROUP BY
    `site_no`
), `further` AS (
  SELECT
    `site_no`,
    SUM(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) AS `n`
  FROM `site_untied`
  GROUP BY
    `site_no`
  UNION ALL
  SELECT
    `site_no`,
    COUNT(DISTINCT `account_no`)
  FROM `site_holders`
  WHERE
    `account_no` IN (
      SELECT
        `account_no`
      FROM `owners`
    )
    AND NOT `site_no` IN (
      SELECT
        `site_no`
      FROM `tied`
    )
  GROUP BY
    `site_no`
)
SELECT
  `d`.`site_no`,
  COALESCE(`t`.`n`, 0) AS `n_tied`,
  COALESCE(`t`.`n`, 0) + COALESCE(`f`.`n`, 0) AS `n_shown`,
  COALESCE(`t`.`expected`, CAST(0.0 AS DOUBLE)) AS `expected`
FROM `degrees` AS `d`
LEFT JOIN `tied` AS `t`
  ON `t`.`site_no` = `d`.`site_no`
LEFT JOIN `further` AS `f`
  ON `f`.`site_no` = `d`.`site_no`

-- make domain_holder_ties
SELECT
  `m`.`identifier_no`,
  `t`.`account_no`,
  `t`.`component`,
  `t`.`is_tied`,
  `t`.`n_there`,
  `t`.`size`,
  `t`.`part`
FROM (
  SELECT DISTINCT
    `identifier_no`,
    `site_no`,
    `account_no`
  FROM `site_holdings`
) AS `m`
JOIN `site_ties` AS `t`
  ON `t`.`site_no` = `m`.`site_no` AND `t`.`account_no` = `m`.`account_no`

-- make domain_untied_holders
SELECT
  `m`.`identifier_no`,
  `t`.`account_no`,
  `t`.`shows`
FROM (
  SELECT DISTINCT
    `identifier_no`,
    `site_no`,
    `account_no`
  FROM `site_holdings`
) AS `m`
JOIN `site_untied` AS `t`
  ON `t`.`site_no` = `m`.`site_no` AND `t`.`account_no` = `m`.`account_no`

-- make domain_coverage
WITH `parts` AS (
  SELECT
    `identifier_no`,
    `component`,
    COUNT(*) AS `n`
  FROM `domain_holder_ties`
  WHERE
    `is_tied`
  GROUP BY
    `identifier_no`,
    `component`
), `evenness` AS (
  SELECT
    `identifier_no`,
    CASE
      WHEN CAST(SUM(`n`) AS DOUBLE) = 0
      THEN CAST(COALESCE(SUM(`n`) FILTER(WHERE
        `n` > 2), 0) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(COALESCE(SUM(`n`) FILTER(WHERE
        `n` > 2), 0) AS DOUBLE) / CAST(SUM(`n`) AS DOUBLE)
    END AS `in_parts`,
    CASE
      WHEN GREATEST(CAST(1.0 AS DOUBLE), SUM(`n`) * (
        SUM(`n`) - CAST(1.0 AS DOUBLE)
      )) = 0
      THEN CAST(SUM(`n` * (
        `n` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(SUM(`n` * (
        `n` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), SUM(`n`) * (
        SUM(`n`) - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE)
    END AS `in_one`
  FROM `parts`
  GROUP BY
    `identifier_no`
), `separate` AS (
  SELECT
    `identifier_no`,
    COUNT(*) AS `n`
  FROM (
    SELECT
      `identifier_no`
    FROM `domain_holder_ties`
    WHERE
      `is_tied`
    GROUP BY
      `identifier_no`,
      `part`
    HAVING
      COUNT(*) > 2
  )
  GROUP BY
    `identifier_no`
), `counted` AS (
  SELECT
    `i`.`identifier_no`,
    `i`.`kind_no`,
    `i`.`degree` AS `n_holders`,
    COALESCE(`c`.`n_tied`, 0) AS `n_tied`,
    COALESCE(`c`.`n_shown`, 0) AS `n_shown`,
    COALESCE(`c`.`expected`, CAST(0.0 AS DOUBLE)) AS `expected`,
    COALESCE(`e`.`in_parts`, CAST(0.0 AS DOUBLE)) AS `in_parts`,
    COALESCE(`p`.`n`, 0) AS `n_parts`,
    COALESCE(`e`.`in_one`, CAST(0.0 AS DOUBLE)) AS `in_one`
  FROM `shared_identifiers` AS `i`
  JOIN `sites` AS `s`
    ON `s`.`identifier_no` = `i`.`identifier_no`
  LEFT JOIN `site_coverage` AS `c`
    ON `c`.`site_no` = `s`.`site_no`
  LEFT JOIN `evenness` AS `e`
    ON `e`.`identifier_no` = `i`.`identifier_no`
  LEFT JOIN `separate` AS `p`
    ON `p`.`identifier_no` = `i`.`identifier_no`
)
SELECT
  *,
  CASE
    WHEN GREATEST(CAST(1.0 AS DOUBLE), `n_shown`) = 0
    THEN CAST(`expected` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(`expected` AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), `n_shown`) AS DOUBLE)
  END AS `by_chance`
FROM `counted`

-- arrow
SELECT
  `c`.`identifier_no`,
  `c`.`n_shown`,
  `c`.`n_tied`,
  `c`.`by_chance`
FROM `domain_coverage` AS `c`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `c`.`kind_no`
WHERE
  `k`.`kind` = 'email_domain'
ORDER BY
  `c`.`identifier_no` NULLS LAST

-- make domain_ratios
SELECT
  *
FROM `arriving`

-- make facet_bits
SELECT
  `u`.`l`,
  `u`.`r`,
  `k`.`facet`,
  MAX(
    (
      CASE
        WHEN CAST(1073741824.0 AS DOUBLE) = 0
        THEN CAST(ROUND(
          (
            LEAST(
              `k`.`most_bits`,
              GREATEST(CAST(0.0 AS DOUBLE), `u`.`odds` - (
                -CAST(12.0 AS DOUBLE)
              ))
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(ROUND(
          (
            LEAST(
              `k`.`most_bits`,
              GREATEST(CAST(0.0 AS DOUBLE), `u`.`odds` - (
                -CAST(12.0 AS DOUBLE)
              ))
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
      END
    )
  ) AS `bits`
FROM (
  SELECT
    `u`.`l`,
    `u`.`r`,
    `u`.`identifier_no`,
    `u`.`kind_no`,
    `u`.`baseline` + COALESCE(
      LOG(
        2,
        (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        )
      ),
      CASE
        WHEN (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS `odds`
  FROM `baselines` AS `u`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `u`.`kind_no`
  LEFT JOIN `concentration` AS `c`
    ON `c`.`identifier_no` = `u`.`identifier_no`
  WHERE
    `k`.`is_declared`
    AND `k`.`facet` IN ('payment', 'identity')
    AND `k`.`kind` <> 'email_domain'
  UNION ALL
  SELECT
    `u`.`l`,
    `u`.`r`,
    `u`.`identifier_no`,
    `u`.`kind_no`,
    `u`.`baseline` + COALESCE(
      LOG(
        2,
        (
          CAST(0.3 AS DOUBLE) * EXP(
            GREATEST(
              -CAST(20.0 AS DOUBLE),
              LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
            )
          ) + CAST(0.7 AS DOUBLE)
        ) * `d`.`ratio`
      ),
      CASE
        WHEN (
          (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) * `d`.`ratio`
        ) = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN (
          (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) * `d`.`ratio`
        ) < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS `odds`
  FROM `baselines` AS `u`
  JOIN `domain_ratios` AS `d`
    ON `d`.`identifier_no` = `u`.`identifier_no`
  LEFT JOIN `concentration` AS `c`
    ON `c`.`identifier_no` = `u`.`identifier_no`
) AS `u`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `u`.`kind_no`
GROUP BY
  `u`.`l`,
  `u`.`r`,
  `k`.`facet`

-- rows
SELECT
  MAX(`account_no`)
FROM `account_numbers`

-- arrow
SELECT
  `l`,
  `r`,
  SUM(`facet_bits`.`bits`) + (
    -CAST(12.0 AS DOUBLE)
  ) AS `odds`
FROM `facet_bits`
GROUP BY
  `l`,
  `r`
HAVING
  SUM(`facet_bits`.`bits`) + (
    -CAST(12.0 AS DOUBLE)
  ) > -CAST(6.0 AS DOUBLE)

-- make owned_components
SELECT
  *
FROM `arriving`

-- make tying_kinds
WITH `ties` AS (
  SELECT
    `u`.`l`,
    `u`.`r`,
    `u`.`kind_no`
  FROM (
    SELECT
      `u`.`l`,
      `u`.`r`,
      `u`.`identifier_no`,
      `u`.`kind_no`,
      `u`.`baseline` + COALESCE(
        LOG(
          2,
          (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          )
        ),
        CASE
          WHEN (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      ) AS `odds`
    FROM `baselines` AS `u`
    JOIN `kinds` AS `k`
      ON `k`.`kind_no` = `u`.`kind_no`
    LEFT JOIN `concentration` AS `c`
      ON `c`.`identifier_no` = `u`.`identifier_no`
    WHERE
      `k`.`is_declared`
      AND `k`.`facet` IN ('payment', 'identity')
      AND `k`.`kind` <> 'email_domain'
    UNION ALL
    SELECT
      `u`.`l`,
      `u`.`r`,
      `u`.`identifier_no`,
      `u`.`kind_no`,
      `u`.`baseline` + COALESCE(
        LOG(
          2,
          (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) * `d`.`ratio`
        ),
        CASE
          WHEN (
            (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            ) * `d`.`ratio`
          ) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN (
            (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            ) * `d`.`ratio`
          ) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      ) AS `odds`
    FROM `baselines` AS `u`
    JOIN `domain_ratios` AS `d`
      ON `d`.`identifier_no` = `u`.`identifier_no`
    LEFT JOIN `concentration` AS `c`
      ON `c`.`identifier_no` = `u`.`identifier_no`
  ) AS `u`
  JOIN `owned_components` AS `x`
    ON `x`.`account_no` = `u`.`l`
  JOIN `owned_components` AS `y`
    ON `y`.`account_no` = `u`.`r` AND `y`.`component` = `x`.`component`
  WHERE
    `u`.`odds` > -CAST(6.0 AS DOUBLE)
)
SELECT DISTINCT
  EXPLODE(ARRAY(`l`, `r`)) AS `account_no`,
  `kind_no`
FROM `ties`

-- make site_holdings
SELECT
  `h`.`identifier_no`,
  `s`.`site_no`,
  `h`.`window_no`,
  `h`.`account_no`
FROM `window_incidence` AS `h`
JOIN `sites` AS `s`
  ON `s`.`identifier_no` = `h`.`identifier_no`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `h`.`identifier_no`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `i`.`kind_no`
WHERE
  (
    NOT (
      `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity')
    )
  )

-- make site_holders
SELECT DISTINCT
  `site_no`,
  `window_no`,
  `account_no`
FROM `site_holdings`

-- make site_ties
WITH `placed` AS (
  SELECT
    `h`.`site_no`,
    `h`.`window_no`,
    `h`.`account_no`,
    `p`.`component`,
    `p`.`size`,
    `p`.`part`
  FROM `site_holders` AS `h`
  JOIN `owned_components` AS `p`
    ON `p`.`account_no` = `h`.`account_no`
  WHERE
    `h`.`site_no` IN (
      SELECT
        `s`.`site_no`
      FROM `sites` AS `s`
      JOIN `shared_identifiers` AS `i`
        ON `i`.`identifier_no` = `s`.`identifier_no`
      JOIN `kinds` AS `k`
        ON `k`.`kind_no` = `i`.`kind_no`
      WHERE
        `k`.`is_declared`
    )
), `counted` AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY `site_no`, `window_no`, `component`) AS `n_there`
  FROM `placed`
)
SELECT
  `site_no`,
  `account_no`,
  MIN(`component`) AS `component`,
  MAX(`n_there`) > 1 AS `is_tied`,
  MAX(`n_there`) AS `n_there`,
  MAX(`size`) AS `size`,
  MIN(`part`) AS `part`
FROM `counted`
GROUP BY
  `site_no`,
  `account_no`

-- make site_untied
WITH `owned` AS (
  SELECT
    `a`.`account_no`,
    `a`.`kind_no`
  FROM `account_kinds` AS `a`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity')
), `rates` AS (
  SELECT
    `t`.`site_no`,
    `o`.`kind_no`,
    CASE
      WHEN (
        COUNT(*) + CAST(1.0 AS DOUBLE)
      ) = 0
      THEN CAST((
        COUNT(`y`.`kind_no`) + CAST(1.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        COUNT(`y`.`kind_no`) + CAST(1.0 AS DOUBLE)
      ) AS DOUBLE) / CAST((
        COUNT(*) + CAST(1.0 AS DOUBLE)
      ) AS DOUBLE)
    END AS `share`
  FROM `site_ties` AS `t`
  JOIN `owned` AS `o`
    ON `o`.`account_no` = `t`.`account_no`
  LEFT JOIN `tying_kinds` AS `y`
    ON `y`.`account_no` = `t`.`account_no` AND `y`.`kind_no` = `o`.`kind_no`
  WHERE
    `t`.`is_tied`
  GROUP BY
    `t`.`site_no`,
    `o`.`kind_no`
), `usual` AS (
  SELECT
    `r`.`site_no`,
    EXP(
      SUM(
        (
          CASE
            WHEN CAST(1073741824.0 AS DOUBLE) = 0
            THEN CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CAST(1.0 AS DOUBLE) - CASE
                        WHEN `n`.`n` = 0
                        THEN CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`r`.`share` * `z`.`n_accounts` AS DOUBLE) / CAST(`n`.`n` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
          END
        )
      )
    ) AS `hidden`
  FROM `rates` AS `r`
  JOIN `kind_sizes` AS `z`
    ON `z`.`kind_no` = `r`.`kind_no`
  CROSS JOIN (
    SELECT
      CAST(COUNT(*) AS DOUBLE) AS `n`
    FROM `account_numbers`
  ) AS `n`
  GROUP BY
    `r`.`site_no`
), `parts` AS (
  SELECT DISTINCT
    `site_no`,
    `component`
  FROM `site_ties`
  WHERE
    `is_tied`
), `untied` AS (
  SELECT DISTINCT
    `h`.`site_no`,
    `h`.`account_no`
  FROM `site_holders` AS `h`
  JOIN `usual` AS `d`
    ON `d`.`site_no` = `h`.`site_no`
  LEFT JOIN `site_ties` AS `t`
    ON `t`.`site_no` = `h`.`site_no` AND `t`.`account_no` = `h`.`account_no`
  LEFT JOIN `parts` AS `p`
    ON `p`.`site_no` = `h`.`site_no` AND `p`.`component` = `t`.`component`
  WHERE
    `p`.`component` IS NULL
), `weighed` AS (
  SELECT
    `u`.`site_no`,
    `u`.`account_no`,
    CAST(1.0 AS DOUBLE) - EXP(
      SUM(
        (
          CASE
            WHEN CAST(1073741824.0 AS DOUBLE) = 0
            THEN CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
            ELSE CAST(ROUND(
              (
                COALESCE(
                  LN(
                    GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(0.# AS DOUBLE),
                      CASE
                        WHEN `o`.`kind_no` IS NULL
                        THEN CAST(1.0 AS DOUBLE)
                        ELSE CAST(1.0 AS DOUBLE) - COALESCE(`r`.`share`, CAST(1.0 AS DOUBLE))
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              ) * CAST(1073741824.0 AS DOUBLE)
            ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
          END
        )
      )
    ) AS `shows`
  FROM `untied` AS `u`
  LEFT JOIN `owned` AS `o`
    ON `o`.`account_no` = `u`.`account_no`
  LEFT JOIN `rates` AS `r`
    ON `r`.`site_no` = `u`.`site_no` AND `r`.`kind_no` = `o`.`kind_no`
  GROUP BY
    `u`.`site_no`,
    `u`.`account_no`
), `counted` AS (
  SELECT
    `site_no`,
    `account_no`,
    `shows`,
    SUM(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) OVER (PARTITION BY `site_no`) AS `n_shown`,
    SUM(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            CAST(1.0 AS DOUBLE) - `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            CAST(1.0 AS DOUBLE) - `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) OVER (PARTITION BY `site_no`) AS `n_hidden`
  FROM `weighed`
)
SELECT
  `c`.`site_no`,
  `c`.`account_no`,
  `c`.`shows` + (
    CAST(1.0 AS DOUBLE) - `c`.`shows`
  ) * LEAST(
    CAST(1.0 AS DOUBLE),
    CASE
      WHEN GREATEST(CAST(0.# AS DOUBLE), (
        CAST(1.0 AS DOUBLE) - `u`.`hidden`
      ) * `c`.`n_hidden`) = 0
      THEN CAST((
        `c`.`n_shown` + CAST(1.0 AS DOUBLE)
      ) * `u`.`hidden` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        `c`.`n_shown` + CAST(1.0 AS DOUBLE)
      ) * `u`.`hidden` AS DOUBLE) / CAST(GREATEST(CAST(0.# AS DOUBLE), (
        CAST(1.0 AS DOUBLE) - `u`.`hidden`
      ) * `c`.`n_hidden`) AS DOUBLE)
    END
  ) AS `shows`
FROM `counted` AS `c`
JOIN `usual` AS `u`
  ON `u`.`site_no` = `c`.`site_no`

-- make site_coverage
WITH `owners` AS (
  SELECT
    `a`.`account_no`
  FROM `account_kinds` AS `a`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity')
), `degrees` AS (
  SELECT
    `site_no`,
    COUNT(DISTINCT `account_no`) AS `degree`
  FROM `site_holders`
  GROUP BY
    `site_no`
), `parts` AS (
  SELECT
    `p`.*,
    (
      CASE
        WHEN CAST(1073741824.0 AS DOUBLE) = 0
        THEN CAST(ROUND(
          (
            LEAST(
              `p`.`n`,
              CASE
                WHEN (
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) = 0
                THEN CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) / CAST((
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) AS DOUBLE)
              END
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(ROUND(
          (
            LEAST(
              `p`.`n`,
              CASE
                WHEN (
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) = 0
                THEN CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`d`.`degree` * CAST(`p`.`size` AS DOUBLE) AS DOUBLE) / CAST((
                  SELECT
                    COUNT(*)
                  FROM `account_numbers`
                ) AS DOUBLE)
              END
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
      END
    ) AS `expected`
  FROM (
    SELECT
      `site_no`,
      `component`,
      COUNT(*) AS `n`,
      MAX(`size`) AS `size`
    FROM `site_ties`
    WHERE
      `is_tied`
    GROUP BY
      `site_no`,
      `component`
  ) AS `p`
  JOIN `degrees` AS `d`
    ON `d`.`site_no` = `p`.`site_no`
), `tied` AS (
  SELECT
    `site_no`,
    CAST(RINT(SUM(`n`)) AS BIGINT) AS `n`,
    SUM(`expected`) AS `expected`
  FROM `parts`
  GROUP BY
    `site_no`
), `further` AS (
  SELECT
    `site_no`,
    SUM(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND((
            `shows`
          ) * CAST(1073741824.0 AS DOUBLE)) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) AS `n`
  FROM `site_untied`
  GROUP BY
    `site_no`
  UNION ALL
  SELECT
    `site_no`,
    COUNT(DISTINCT `account_no`)
  FROM `site_holders`
  WHERE
    `account_no` IN (
      SELECT
        `account_no`
      FROM `owners`
    )
    AND NOT `site_no` IN (
      SELECT
        `site_no`
      FROM `tied`
    )
  GROUP BY
    `site_no`
)
SELECT
  `d`.`site_no`,
  COALESCE(`t`.`n`, 0) AS `n_tied`,
  COALESCE(`t`.`n`, 0) + COALESCE(`f`.`n`, 0) AS `n_shown`,
  COALESCE(`t`.`expected`, CAST(0.0 AS DOUBLE)) AS `expected`
FROM `degrees` AS `d`
LEFT JOIN `tied` AS `t`
  ON `t`.`site_no` = `d`.`site_no`
LEFT JOIN `further` AS `f`
  ON `f`.`site_no` = `d`.`site_no`

-- make holder_ties
SELECT
  `m`.`identifier_no`,
  `t`.`account_no`,
  `t`.`component`,
  `t`.`is_tied`,
  `t`.`n_there`,
  `t`.`size`,
  `t`.`part`
FROM (
  SELECT DISTINCT
    `identifier_no`,
    `site_no`,
    `account_no`
  FROM `site_holdings`
) AS `m`
JOIN `site_ties` AS `t`
  ON `t`.`site_no` = `m`.`site_no` AND `t`.`account_no` = `m`.`account_no`

-- make untied_holders
SELECT
  `m`.`identifier_no`,
  `t`.`account_no`,
  `t`.`shows`
FROM (
  SELECT DISTINCT
    `identifier_no`,
    `site_no`,
    `account_no`
  FROM `site_holdings`
) AS `m`
JOIN `site_untied` AS `t`
  ON `t`.`site_no` = `m`.`site_no` AND `t`.`account_no` = `m`.`account_no`

-- make coverage
WITH `parts` AS (
  SELECT
    `identifier_no`,
    `component`,
    COUNT(*) AS `n`
  FROM `holder_ties`
  WHERE
    `is_tied`
  GROUP BY
    `identifier_no`,
    `component`
), `evenness` AS (
  SELECT
    `identifier_no`,
    CASE
      WHEN CAST(SUM(`n`) AS DOUBLE) = 0
      THEN CAST(COALESCE(SUM(`n`) FILTER(WHERE
        `n` > 2), 0) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(COALESCE(SUM(`n`) FILTER(WHERE
        `n` > 2), 0) AS DOUBLE) / CAST(SUM(`n`) AS DOUBLE)
    END AS `in_parts`,
    CASE
      WHEN GREATEST(CAST(1.0 AS DOUBLE), SUM(`n`) * (
        SUM(`n`) - CAST(1.0 AS DOUBLE)
      )) = 0
      THEN CAST(SUM(`n` * (
        `n` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(SUM(`n` * (
        `n` - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), SUM(`n`) * (
        SUM(`n`) - CAST(1.0 AS DOUBLE)
      )) AS DOUBLE)
    END AS `in_one`
  FROM `parts`
  GROUP BY
    `identifier_no`
), `separate` AS (
  SELECT
    `identifier_no`,
    COUNT(*) AS `n`
  FROM (
    SELECT
      `identifier_no`
    FROM `holder_ties`
    WHERE
      `is_tied`
    GROUP BY
      `identifier_no`,
      `part`
    HAVING
      COUNT(*) > 2
  )
  GROUP BY
    `identifier_no`
), `counted` AS (
  SELECT
    `i`.`identifier_no`,
    `i`.`kind_no`,
    `i`.`degree` AS `n_holders`,
    COALESCE(`c`.`n_tied`, 0) AS `n_tied`,
    COALESCE(`c`.`n_shown`, 0) AS `n_shown`,
    COALESCE(`c`.`expected`, CAST(0.0 AS DOUBLE)) AS `expected`,
    COALESCE(`e`.`in_parts`, CAST(0.0 AS DOUBLE)) AS `in_parts`,
    COALESCE(`p`.`n`, 0) AS `n_parts`,
    COALESCE(`e`.`in_one`, CAST(0.0 AS DOUBLE)) AS `in_one`
  FROM `shared_identifiers` AS `i`
  JOIN `sites` AS `s`
    ON `s`.`identifier_no` = `i`.`identifier_no`
  LEFT JOIN `site_coverage` AS `c`
    ON `c`.`site_no` = `s`.`site_no`
  LEFT JOIN `evenness` AS `e`
    ON `e`.`identifier_no` = `i`.`identifier_no`
  LEFT JOIN `separate` AS `p`
    ON `p`.`identifier_no` = `i`.`identifier_no`
)
SELECT
  *,
  CASE
    WHEN GREATEST(CAST(1.0 AS DOUBLE), `n_shown`) = 0
    THEN CAST(`expected` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(`expected` AS DOUBLE) / CAST(GREATEST(CAST(1.0 AS DOUBLE), `n_shown`) AS DOUBLE)
  END AS `by_chance`
FROM `counted`

-- make held_domains
WITH `own` AS (
  SELECT
    `u`.`identifier_no`
  FROM (
    SELECT
      `u`.`l`,
      `u`.`r`,
      `u`.`identifier_no`,
      `u`.`kind_no`,
      `u`.`baseline` + COALESCE(
        LOG(
          2,
          (
            CAST(0.3 AS DOUBLE) * EXP(
              GREATEST(
                -CAST(20.0 AS DOUBLE),
                LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
              )
            ) + CAST(0.7 AS DOUBLE)
          ) * `d`.`ratio`
        ),
        CASE
          WHEN (
            (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            ) * `d`.`ratio`
          ) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN (
            (
              CAST(0.3 AS DOUBLE) * EXP(
                GREATEST(
                  -CAST(20.0 AS DOUBLE),
                  LEAST(CAST(20.0 AS DOUBLE), COALESCE(`c`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
                )
              ) + CAST(0.7 AS DOUBLE)
            ) * `d`.`ratio`
          ) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      ) AS `odds`
    FROM `baselines` AS `u`
    JOIN `domain_ratios` AS `d`
      ON `d`.`identifier_no` = `u`.`identifier_no`
    LEFT JOIN `concentration` AS `c`
      ON `c`.`identifier_no` = `u`.`identifier_no`
  ) AS `u`
  GROUP BY
    `u`.`identifier_no`
  HAVING
    MAX(`u`.`odds`) > 0
  UNION
  SELECT
    `t`.`identifier_no`
  FROM `domain_holder_ties` AS `t`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `t`.`identifier_no` AND `i`.`kind` = 'email_domain'
  WHERE
    `t`.`is_tied`
  GROUP BY
    `t`.`identifier_no`,
    `i`.`degree`
  HAVING
    COUNT(*) = `i`.`degree` AND MIN(`t`.`component`) = MAX(`t`.`component`)
)
SELECT
  `h`.`account_no`,
  MAX(`h`.`identifier_no`) AS `domain_no`
FROM `own` AS `d`
JOIN `window_incidence` AS `h`
  ON `h`.`identifier_no` = `d`.`identifier_no`
GROUP BY
  `h`.`account_no`
HAVING
  COUNT(DISTINCT `h`.`identifier_no`) = 1

-- arrow
WITH `paid` AS (
  SELECT DISTINCT
    `h`.`identifier_no`,
    `d`.`domain_no`
  FROM `held_domains` AS `d`
  JOIN `window_incidence` AS `h`
    ON `h`.`account_no` = `d`.`account_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  WHERE
    `k`.`is_declared`
    AND `k`.`facet` IN ('payment', 'identity')
    AND `k`.`kind` <> 'email_domain'
), `counted` AS (
  SELECT
    *,
    COUNT(*) OVER (PARTITION BY `identifier_no`) AS `n_domains`
  FROM `paid`
)
SELECT
  `x`.`domain_no` AS `l`,
  `y`.`domain_no` AS `r`
FROM `counted` AS `x`
JOIN `counted` AS `y`
  ON `y`.`identifier_no` = `x`.`identifier_no` AND `y`.`domain_no` > `x`.`domain_no`
WHERE
  `x`.`n_domains` <= 30
GROUP BY
  `x`.`domain_no`,
  `y`.`domain_no`
HAVING
  COUNT(*) >= 2

-- rows
SELECT
  MAX(`identifier_no`)
FROM `shared_identifiers`

-- make joined_domains
SELECT
  *
FROM `arriving`

-- make own_domains
SELECT
  `d`.`account_no`,
  COALESCE(`j`.`least_no`, `d`.`domain_no`) AS `domain_no`
FROM `held_domains` AS `d`
LEFT JOIN `joined_domains` AS `j`
  ON `j`.`domain_no` = `d`.`domain_no`

-- make shared_sites
SELECT
  `identifier_no`
FROM (
  SELECT
    `h`.`identifier_no`,
    `d`.`domain_no`
  FROM `window_incidence` AS `h`
  JOIN `own_domains` AS `d`
    ON `d`.`account_no` = `h`.`account_no`
  GROUP BY
    `h`.`identifier_no`,
    `d`.`domain_no`
  HAVING
    COUNT(DISTINCT `h`.`account_no`) > 1
) AS `summed`
GROUP BY
  `identifier_no`
HAVING
  COUNT(*) > 1

-- make mean_baselines
SELECT
  `identifier_no`,
  AVG(
    (
      CASE
        WHEN CAST(1073741824.0 AS DOUBLE) = 0
        THEN CAST(ROUND(
          (
            (
              CASE
                WHEN (
                  CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                    `baseline`
                  ))
                ) = 0
                THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(1.0 AS DOUBLE) / CAST((
                  CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                    `baseline`
                  ))
                ) AS DOUBLE)
              END
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(ROUND(
          (
            (
              CASE
                WHEN (
                  CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                    `baseline`
                  ))
                ) = 0
                THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(1.0 AS DOUBLE) / CAST((
                  CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                    `baseline`
                  ))
                ) AS DOUBLE)
              END
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
      END
    )
  ) AS `baseline`
FROM `baselines`
GROUP BY
  `identifier_no`

-- arrow
SELECT
  `c`.`n_shown`,
  `c`.`n_tied`,
  `c`.`by_chance`,
  `b`.`baseline`,
  `l`.`bits` AS `listed_bits`,
  COALESCE(`w`.`network_no`, `t`.`site_no`) AS `unit_no`
FROM `coverage` AS `c`
JOIN `mean_baselines` AS `b`
  ON `b`.`identifier_no` = `c`.`identifier_no`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `c`.`kind_no`
JOIN `listed_identifiers` AS `l`
  ON `l`.`identifier_no` = `c`.`identifier_no`
JOIN `sites` AS `t`
  ON `t`.`identifier_no` = `c`.`identifier_no`
LEFT JOIN `networks` AS `w`
  ON `w`.`identifier_no` = `t`.`site_no`
WHERE
  `k`.`is_declared`
  AND NOT `c`.`kind_no` IN (
    SELECT
      `wider_no`
    FROM `generalizations`
  )
  AND `c`.`n_shown` > 2
  AND `c`.`n_tied` > 2
  AND TRUE
ORDER BY
  `c`.`identifier_no` NULLS LAST

-- make tied_shares
SELECT
  *
FROM `arriving`

-- arrow
WITH `held` AS (
  SELECT DISTINCT
    `h`.`identifier_no`,
    `i`.`kind_no`,
    `s`.`site_no`,
    `h`.`account_no`
  FROM `window_incidence` AS `h`
  JOIN `sites` AS `s`
    ON `s`.`identifier_no` = `h`.`identifier_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  WHERE
    `k`.`is_declared`
    AND `k`.`facet` = 'network'
    AND NOT `k`.`kind_no` IN (
      SELECT
        `wider_no`
      FROM `generalizations`
    )
), `visits` AS (
  SELECT
    `account_no`,
    `kind_no`,
    COUNT(DISTINCT `site_no`) AS `n`
  FROM `held`
  GROUP BY
    `account_no`,
    `kind_no`
)
SELECT
  `c`.`identifier_no`,
  `c`.`kind_no`,
  `c`.`n_holders`,
  `c`.`n_shown`,
  `c`.`n_tied`,
  `c`.`by_chance`,
  `c`.`in_parts`,
  `c`.`n_parts`,
  `c`.`in_one`,
  `k`.`is_declared`,
  CASE
    WHEN NOT `k`.`kind_no` IS NULL
    THEN ARRAY_CONTAINS(
      (
        SELECT
          COLLECT_SET(`listed`)
        FROM (
          SELECT
            `wider_no`
          FROM `generalizations`
        ) AS `one`(`listed`)
        WHERE
          NOT `listed` IS NULL
      ),
      `k`.`kind_no`
    )
  END AS `is_network`,
  `k`.`is_declared` AND `k`.`facet` IN ('payment', 'identity') AS `is_owned`,
  `l`.`bits` AS `listed_bits`,
  NOT `t`.`identifier_no` IS NULL AS `is_shared_site`,
  CASE
    WHEN `c`.`n_holders` > 2
    THEN (
      CAST(0.3 AS DOUBLE) * EXP(
        GREATEST(
          -CAST(20.0 AS DOUBLE),
          LEAST(CAST(20.0 AS DOUBLE), COALESCE(`g`.`log_ratio`, -CAST(20.0 AS DOUBLE)))
        )
      ) + CAST(0.7 AS DOUBLE)
    ) * COALESCE(`d`.`ratio`, CAST(1.0 AS DOUBLE))
    ELSE CAST(1.0 AS DOUBLE)
  END AS `gathered`,
  COALESCE(`r`.`share`, CAST(0.0 AS DOUBLE)) AS `roams`
FROM `coverage` AS `c`
JOIN `kinds` AS `k`
  ON `k`.`kind_no` = `c`.`kind_no`
JOIN `listed_identifiers` AS `l`
  ON `l`.`identifier_no` = `c`.`identifier_no`
LEFT JOIN `concentration` AS `g`
  ON `g`.`identifier_no` = `c`.`identifier_no`
LEFT JOIN `domain_ratios` AS `d`
  ON `d`.`identifier_no` = `c`.`identifier_no`
LEFT JOIN (
  SELECT
    `h`.`identifier_no`,
    AVG(
      (
        CASE
          WHEN CAST(1073741824.0 AS DOUBLE) = 0
          THEN CAST(ROUND(
            (
              GREATEST(
                CAST(0.0 AS DOUBLE),
                CAST(1.0 AS DOUBLE) - CASE
                  WHEN `v`.`n` = 0
                  THEN CAST(2.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(2.0 AS DOUBLE) / CAST(`v`.`n` AS DOUBLE)
                END
              )
            ) * CAST(1073741824.0 AS DOUBLE)
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(ROUND(
            (
              GREATEST(
                CAST(0.0 AS DOUBLE),
                CAST(1.0 AS DOUBLE) - CASE
                  WHEN `v`.`n` = 0
                  THEN CAST(2.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(2.0 AS DOUBLE) / CAST(`v`.`n` AS DOUBLE)
                END
              )
            ) * CAST(1073741824.0 AS DOUBLE)
          ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
        END
      )
    ) AS `share`
  FROM `held` AS `h`
  JOIN `visits` AS `v`
    ON `v`.`account_no` = `h`.`account_no` AND `v`.`kind_no` = `h`.`kind_no`
  GROUP BY
    `h`.`identifier_no`
) AS `r`
  ON `r`.`identifier_no` = `c`.`identifier_no`
LEFT JOIN `shared_sites` AS `t`
  ON `t`.`identifier_no` = `c`.`identifier_no`
ORDER BY
  `c`.`identifier_no` NULLS LAST

-- arrow
SELECT
  `weight`
FROM `tied_shares`
ORDER BY
  `share` NULLS LAST

-- make identifier_states
SELECT
  *
FROM `arriving`

-- arrow
SELECT
  `s`.`kind_no`,
  `s`.`degree_bin`,
  COALESCE(`w`.`network_no`, `t`.`site_no`) AS `unit_no`,
  `s`.`one_operator`,
  `s`.`among_others`,
  `b`.`baseline`,
  `s`.`listed_bits`
FROM `identifier_states` AS `s`
JOIN `mean_baselines` AS `b`
  ON `b`.`identifier_no` = `s`.`identifier_no`
JOIN `sites` AS `t`
  ON `t`.`identifier_no` = `s`.`identifier_no`
LEFT JOIN `networks` AS `w`
  ON `w`.`identifier_no` = `t`.`site_no`
WHERE
  NOT `s`.`is_network` AND `s`.`among_others` > 0
ORDER BY
  `s`.`identifier_no` NULLS LAST

-- rows
SELECT
  `kind_no`
FROM `kinds`
ORDER BY
  `kind_no` NULLS LAST

-- make exclusivity_shares
SELECT
  *
FROM `arriving`

-- make states
SELECT
  `s`.*,
  CASE WHEN `s`.`is_network` THEN CAST(0.3 AS DOUBLE) ELSE `e`.`among_others` END AS `among_share`
FROM `identifier_states` AS `s`
JOIN `exclusivity_shares` AS `e`
  ON `e`.`kind_no` = `s`.`kind_no` AND `e`.`degree_bin` = `s`.`degree_bin`

-- make estimated
WITH `weighed` AS (
  SELECT
    `m`.`identifier_no`,
    `m`.`baseline`,
    `s`.`n_holders`,
    `s`.`n_tied`,
    (
      `baseline` * `one_operator`
    ) AS `w_one`,
    (
      (
        CASE
          WHEN `is_network`
          THEN CAST(1.0 AS DOUBLE)
          ELSE (
            CASE
              WHEN (
                `baseline` + (
                  1 - `baseline`
                ) * POWER(CAST(2.0 AS DOUBLE), `listed_bits`)
              ) = 0
              THEN CAST(`baseline` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(`baseline` AS DOUBLE) / CAST((
                `baseline` + (
                  1 - `baseline`
                ) * POWER(CAST(2.0 AS DOUBLE), `listed_bits`)
              ) AS DOUBLE)
            END
          )
        END
      ) * `among_share` * `among_others`
    ) AS `w_among`,
    (
      1 - `baseline`
    ) AS `w_public`,
    `s`.`belongs_among` * `s`.`belongs_among` * `s`.`tied_of_one` AS `p_among`
  FROM `mean_baselines` AS `m`
  JOIN `states` AS `s`
    ON `s`.`identifier_no` = `m`.`identifier_no`
)
SELECT
  `identifier_no`,
  GREATEST(CAST(0.# AS DOUBLE), LEAST(CAST(0.995 AS DOUBLE), `baseline`)) AS `baseline`,
  `n_holders`,
  `n_tied`,
  GREATEST(
    CAST(0.# AS DOUBLE),
    LEAST(
      CAST(0.995 AS DOUBLE),
      CASE
        WHEN (
          `w_one` + `w_among` + `w_public`
        ) = 0
        THEN CAST((
          `w_one` + `w_among` * `p_among`
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST((
          `w_one` + `w_among` * `p_among`
        ) AS DOUBLE) / CAST((
          `w_one` + `w_among` + `w_public`
        ) AS DOUBLE)
      END
    )
  ) AS `p_exclusive`
FROM `weighed`

-- make activity
WITH `joint` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`kind_no`,
    `s`.`identifier_no`,
    `i`.`degree`,
    CAST(RINT(
      CAST(FLOOR(
        COALESCE(
          LOG(2, `i`.`degree` - 1),
          CASE
            WHEN (
              `i`.`degree` - 1
            ) = 0
            THEN CAST('-Infinity' AS DOUBLE)
            WHEN (
              `i`.`degree` - 1
            ) < 0
            THEN CAST('NaN' AS DOUBLE)
          END
        )
      ) AS DOUBLE)
    ) AS INT) AS `degree_bin`
  FROM `copresence_pairs` AS `s`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `s`.`kind_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `s`.`identifier_no`
  WHERE
    NOT `k`.`is_declared`
), `of_values` AS (
  SELECT
    `identifier_no`,
    `kind_no`,
    `degree_bin`,
    CASE
      WHEN CAST(2.0 AS DOUBLE) = 0
      THEN CAST(ANY_VALUE(`degree`) IGNORE NULLS * (
        ANY_VALUE(`degree`) IGNORE NULLS - CAST(1.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(ANY_VALUE(`degree`) IGNORE NULLS * (
        ANY_VALUE(`degree`) IGNORE NULLS - CAST(1.0 AS DOUBLE)
      ) AS DOUBLE) / CAST(2.0 AS DOUBLE)
    END AS `n_pairs`
  FROM `joint`
  GROUP BY
    `identifier_no`,
    `kind_no`,
    `degree_bin`
), `held` AS (
  SELECT
    `v`.`kind_no`,
    `v`.`degree_bin`,
    `h`.`account_no`,
    COUNT(DISTINCT `h`.`identifier_no`) AS `n`
  FROM `window_incidence` AS `h`
  JOIN `of_values` AS `v`
    ON `v`.`identifier_no` = `h`.`identifier_no`
  GROUP BY
    `v`.`kind_no`,
    `v`.`degree_bin`,
    `h`.`account_no`
), `as_rare` AS (
  SELECT
    `kind_no`,
    `degree_bin`,
    `account_no`,
    SUM(`n`) OVER (PARTITION BY `kind_no`, `account_no` ORDER BY `degree_bin` NULLS LAST) AS `n`
  FROM `held`
), `rates` AS (
  SELECT
    `p`.`kind_no`,
    `p`.`degree_bin`,
    CASE
      WHEN (
        POWER(
          (
            SUM(`h`.`n`) OVER (PARTITION BY `p`.`kind_no` ORDER BY `p`.`degree_bin` NULLS LAST)
          ),
          2
        )
      ) = 0
      THEN CAST(CAST(2.0 AS DOUBLE) * SUM(`p`.`n_pairs`) OVER (PARTITION BY `p`.`kind_no` ORDER BY `p`.`degree_bin` NULLS LAST) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(CAST(2.0 AS DOUBLE) * SUM(`p`.`n_pairs`) OVER (PARTITION BY `p`.`kind_no` ORDER BY `p`.`degree_bin` NULLS LAST) AS DOUBLE) / CAST(POWER(
        (
          SUM(`h`.`n`) OVER (PARTITION BY `p`.`kind_no` ORDER BY `p`.`degree_bin` NULLS LAST)
        ),
        2
      ) AS DOUBLE)
    END AS `rate`
  FROM (
    SELECT
      `kind_no`,
      `degree_bin`,
      CAST(SUM(`n_pairs`) AS DOUBLE) AS `n_pairs`
    FROM `of_values`
    GROUP BY
      `kind_no`,
      `degree_bin`
  ) AS `p`
  JOIN (
    SELECT
      `kind_no`,
      `degree_bin`,
      CAST(SUM(`n`) AS DOUBLE) AS `n`
    FROM `held`
    GROUP BY
      `kind_no`,
      `degree_bin`
  ) AS `h`
    ON `h`.`kind_no` = `p`.`kind_no` AND `h`.`degree_bin` = `p`.`degree_bin`
), `shared` AS (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `degree_bin`,
    SUM(COUNT(*)) OVER (PARTITION BY `l`, `r`, `kind_no` ORDER BY `degree_bin` NULLS LAST) AS `n`
  FROM `joint`
  GROUP BY
    `l`,
    `r`,
    `kind_no`,
    `degree_bin`
), `expected` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`kind_no`,
    `s`.`degree_bin`,
    (
      `x`.`n` - `s`.`n`
    ) * (
      `y`.`n` - `s`.`n`
    ) * `q`.`rate` AS `n`
  FROM `shared` AS `s`
  JOIN `as_rare` AS `x`
    ON `x`.`account_no` = `s`.`l`
    AND `x`.`kind_no` = `s`.`kind_no`
    AND `x`.`degree_bin` = `s`.`degree_bin`
  JOIN `as_rare` AS `y`
    ON `y`.`account_no` = `s`.`r`
    AND `y`.`kind_no` = `s`.`kind_no`
    AND `y`.`degree_bin` = `s`.`degree_bin`
  JOIN `rates` AS `q`
    ON `q`.`kind_no` = `s`.`kind_no` AND `q`.`degree_bin` = `s`.`degree_bin`
  WHERE
    `x`.`n` > `s`.`n` AND `y`.`n` > `s`.`n`
)
SELECT
  `l`,
  `r`,
  `kind_no`,
  `degree_bin`,
  (
    CASE
      WHEN CAST(1073741824.0 AS DOUBLE) = 0
      THEN CAST(ROUND(
        (
          -COALESCE(
            LOG(2, CAST(1.0 AS DOUBLE) - EXP(-`n`)),
            CASE
              WHEN (
                CAST(1.0 AS DOUBLE) - EXP(-`n`)
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN (
                CAST(1.0 AS DOUBLE) - EXP(-`n`)
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          )
        ) * CAST(1073741824.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(ROUND(
        (
          -COALESCE(
            LOG(2, CAST(1.0 AS DOUBLE) - EXP(-`n`)),
            CASE
              WHEN (
                CAST(1.0 AS DOUBLE) - EXP(-`n`)
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN (
                CAST(1.0 AS DOUBLE) - EXP(-`n`)
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          )
        ) * CAST(1073741824.0 AS DOUBLE)
      ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
    END
  ) AS `most_bits`
FROM `expected`

-- make standalone
WITH `placed` AS (
  SELECT
    `u`.`l`,
    `u`.`r`,
    `u`.`identifier_no`,
    `u`.`kind_no`,
    `k`.`most_bits`,
    (
      CASE
        WHEN (
          CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
            `u`.`baseline`
          ))
        ) = 0
        THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(1.0 AS DOUBLE) / CAST((
          CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
            `u`.`baseline`
          ))
        ) AS DOUBLE)
      END
    ) AS `p`,
    (
      CASE
        WHEN (
          CAST(1.0 AS DOUBLE) + POWER(
            CAST(2.0 AS DOUBLE),
            -(
              (
                -CAST(12.0 AS DOUBLE)
              ) + (
                COALESCE(
                  LOG(
                    2,
                    GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                ) + CAST(2.0 AS DOUBLE) * COALESCE(
                  LOG(
                    2,
                    GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              )
            )
          )
        ) = 0
        THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(1.0 AS DOUBLE) / CAST((
          CAST(1.0 AS DOUBLE) + POWER(
            CAST(2.0 AS DOUBLE),
            -(
              (
                -CAST(12.0 AS DOUBLE)
              ) + (
                COALESCE(
                  LOG(
                    2,
                    GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          SELECT
                            COUNT(*)
                          FROM `account_numbers`
                        ) AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                ) + CAST(2.0 AS DOUBLE) * COALESCE(
                  LOG(
                    2,
                    GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    )
                  ),
                  CASE
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) = 0
                    THEN CAST('-Infinity' AS DOUBLE)
                    WHEN GREATEST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN CAST(`i`.`degree` AS DOUBLE) = 0
                        THEN CAST(32.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(32.0 AS DOUBLE) / CAST(`i`.`degree` AS DOUBLE)
                      END
                    ) < 0
                    THEN CAST('NaN' AS DOUBLE)
                  END
                )
              )
            )
          )
        ) AS DOUBLE)
      END
    ) AS `most_among`,
    `s`.`is_network`,
    `s`.`listed_bits`,
    `s`.`one_operator`,
    `s`.`among_others`,
    `s`.`one_operator_without`,
    `s`.`among_others_without`,
    `s`.`among_share`,
    `s`.`parts_of_one`,
    `s`.`tied_of_one`,
    (
      CASE
        WHEN COALESCE(`x`.`is_tied`, FALSE)
        THEN CAST(1.0 AS DOUBLE)
        ELSE `s`.`belongs_alone` + (
          `s`.`untied_alone` - `s`.`belongs_alone`
        ) * COALESCE(`v`.`shows`, CAST(0.0 AS DOUBLE))
      END
    ) AS `l_alone`,
    (
      CASE
        WHEN COALESCE(`y`.`is_tied`, FALSE)
        THEN CAST(1.0 AS DOUBLE)
        ELSE `s`.`belongs_alone` + (
          `s`.`untied_alone` - `s`.`belongs_alone`
        ) * COALESCE(`w`.`shows`, CAST(0.0 AS DOUBLE))
      END
    ) AS `r_alone`,
    (
      CASE
        WHEN COALESCE(`x`.`is_tied`, FALSE)
        THEN CAST(1.0 AS DOUBLE)
        ELSE `s`.`belongs_among` + (
          `s`.`untied_among` - `s`.`belongs_among`
        ) * COALESCE(`v`.`shows`, CAST(0.0 AS DOUBLE))
      END
    ) AS `l_among`,
    (
      CASE
        WHEN COALESCE(`y`.`is_tied`, FALSE)
        THEN CAST(1.0 AS DOUBLE)
        ELSE `s`.`belongs_among` + (
          `s`.`untied_among` - `s`.`belongs_among`
        ) * COALESCE(`w`.`shows`, CAST(0.0 AS DOUBLE))
      END
    ) AS `r_among`,
    COALESCE(`x`.`is_tied`, FALSE) AS `l_tied`,
    COALESCE(`y`.`is_tied`, FALSE) AS `r_tied`,
    COALESCE(`a`.`domain_no` <> `b`.`domain_no`, FALSE) AS `is_of_two`,
    COALESCE(`x`.`component` = `y`.`component`, FALSE) AS `is_in_part`,
    COALESCE(`x`.`component` = `y`.`component` AND `x`.`n_there` = 2, FALSE) AS `is_part`
  FROM `baselines` AS `u`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `u`.`kind_no`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `u`.`identifier_no`
  JOIN `states` AS `s`
    ON `s`.`identifier_no` = `u`.`identifier_no`
  LEFT JOIN `holder_ties` AS `x`
    ON `x`.`identifier_no` = `u`.`identifier_no` AND `x`.`account_no` = `u`.`l`
  LEFT JOIN `holder_ties` AS `y`
    ON `y`.`identifier_no` = `u`.`identifier_no` AND `y`.`account_no` = `u`.`r`
  LEFT JOIN `untied_holders` AS `v`
    ON `v`.`identifier_no` = `u`.`identifier_no` AND `v`.`account_no` = `u`.`l`
  LEFT JOIN `untied_holders` AS `w`
    ON `w`.`identifier_no` = `u`.`identifier_no` AND `w`.`account_no` = `u`.`r`
  LEFT JOIN `own_domains` AS `a`
    ON `a`.`account_no` = `u`.`l`
  LEFT JOIN `own_domains` AS `b`
    ON `b`.`account_no` = `u`.`r`
), `weighed` AS (
  SELECT
    `l`,
    `r`,
    `identifier_no`,
    `kind_no`,
    `most_bits`,
    CASE
      WHEN `is_part`
      THEN (
        `p` * `one_operator_without`
      )
      ELSE (
        `p` * `one_operator`
      )
    END * CASE WHEN `is_of_two` THEN CAST(0.05 AS DOUBLE) ELSE CAST(1.0 AS DOUBLE) END AS `w_one`,
    CASE
      WHEN `is_part`
      THEN (
        (
          CASE
            WHEN `is_network`
            THEN CAST(1.0 AS DOUBLE)
            ELSE (
              CASE
                WHEN (
                  `p` + (
                    1 - `p`
                  ) * POWER(CAST(2.0 AS DOUBLE), `listed_bits`)
                ) = 0
                THEN CAST(`p` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`p` AS DOUBLE) / CAST((
                  `p` + (
                    1 - `p`
                  ) * POWER(CAST(2.0 AS DOUBLE), `listed_bits`)
                ) AS DOUBLE)
              END
            )
          END
        ) * `among_share` * `among_others_without`
      )
      ELSE (
        (
          CASE
            WHEN `is_network`
            THEN CAST(1.0 AS DOUBLE)
            ELSE (
              CASE
                WHEN (
                  `p` + (
                    1 - `p`
                  ) * POWER(CAST(2.0 AS DOUBLE), `listed_bits`)
                ) = 0
                THEN CAST(`p` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`p` AS DOUBLE) / CAST((
                  `p` + (
                    1 - `p`
                  ) * POWER(CAST(2.0 AS DOUBLE), `listed_bits`)
                ) AS DOUBLE)
              END
            )
          END
        ) * `among_share` * `among_others`
      )
    END AS `w_among`,
    (
      1 - `p`
    ) AS `w_public`,
    LEAST(
      `most_among`,
      CASE
        WHEN `is_part`
        THEN CAST(0.0 AS DOUBLE)
        WHEN `is_in_part`
        THEN CAST(0.5 AS DOUBLE)
        WHEN `l_tied` AND `r_tied` AND `is_of_two`
        THEN CASE
          WHEN (
            CAST(0.05 AS DOUBLE) * `parts_of_one` + 1 - `parts_of_one`
          ) = 0
          THEN CAST(CAST(0.05 AS DOUBLE) * `parts_of_one` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(CAST(0.05 AS DOUBLE) * `parts_of_one` AS DOUBLE) / CAST((
            CAST(0.05 AS DOUBLE) * `parts_of_one` + 1 - `parts_of_one`
          ) AS DOUBLE)
        END
        WHEN `l_tied` AND `r_tied`
        THEN `parts_of_one`
        ELSE `tied_of_one` * `l_among` * `r_among`
      END
    ) AS `p_among`,
    `l_alone` * `r_alone` AS `p_alone`
  FROM `placed`
)
SELECT
  `s`.`l`,
  `s`.`r`,
  `s`.`identifier_no`,
  `s`.`kind_no`,
  CASE
    WHEN NOT `o`.`p_exclusive` IS NULL
    THEN ROUND(
      GREATEST(
        CAST(0.0 AS DOUBLE),
        COALESCE(
          LOG(
            2,
            CASE
              WHEN (
                1 - `o`.`p_exclusive`
              ) = 0
              THEN CAST(`o`.`p_exclusive` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(`o`.`p_exclusive` AS DOUBLE) / CAST((
                1 - `o`.`p_exclusive`
              ) AS DOUBLE)
            END
          ),
          CASE
            WHEN CASE
              WHEN (
                1 - `o`.`p_exclusive`
              ) = 0
              THEN CAST(`o`.`p_exclusive` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(`o`.`p_exclusive` AS DOUBLE) / CAST((
                1 - `o`.`p_exclusive`
              ) AS DOUBLE)
            END = 0
            THEN CAST('-Infinity' AS DOUBLE)
            WHEN CASE
              WHEN (
                1 - `o`.`p_exclusive`
              ) = 0
              THEN CAST(`o`.`p_exclusive` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(`o`.`p_exclusive` AS DOUBLE) / CAST((
                1 - `o`.`p_exclusive`
              ) AS DOUBLE)
            END < 0
            THEN CAST('NaN' AS DOUBLE)
          END
        ) - (
          -CAST(12.0 AS DOUBLE)
        )
      ),
      6
    )
    ELSE LEAST(`s`.`bits`, ROUND(COALESCE(`a`.`most_bits`, `s`.`bits`), 6))
  END AS `bits`
FROM (
  SELECT
    `l`,
    `r`,
    `identifier_no`,
    `kind_no`,
    ROUND(
      LEAST(
        `most_bits`,
        GREATEST(
          CAST(0.0 AS DOUBLE),
          COALESCE(
            LOG(
              2,
              CASE
                WHEN (
                  `w_one` * (
                    1 - `p_alone`
                  ) + `w_among` * (
                    1 - `p_among`
                  ) + `w_public`
                ) = 0
                THEN CAST((
                  `w_one` * `p_alone` + `w_among` * `p_among`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  `w_one` * `p_alone` + `w_among` * `p_among`
                ) AS DOUBLE) / CAST((
                  `w_one` * (
                    1 - `p_alone`
                  ) + `w_among` * (
                    1 - `p_among`
                  ) + `w_public`
                ) AS DOUBLE)
              END
            ),
            CASE
              WHEN CASE
                WHEN (
                  `w_one` * (
                    1 - `p_alone`
                  ) + `w_among` * (
                    1 - `p_among`
                  ) + `w_public`
                ) = 0
                THEN CAST((
                  `w_one` * `p_alone` + `w_among` * `p_among`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  `w_one` * `p_alone` + `w_among` * `p_among`
                ) AS DOUBLE) / CAST((
                  `w_one` * (
                    1 - `p_alone`
                  ) + `w_among` * (
                    1 - `p_among`
                  ) + `w_public`
                ) AS DOUBLE)
              END = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN CASE
                WHEN (
                  `w_one` * (
                    1 - `p_alone`
                  ) + `w_among` * (
                    1 - `p_among`
                  ) + `w_public`
                ) = 0
                THEN CAST((
                  `w_one` * `p_alone` + `w_among` * `p_among`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  `w_one` * `p_alone` + `w_among` * `p_among`
                ) AS DOUBLE) / CAST((
                  `w_one` * (
                    1 - `p_alone`
                  ) + `w_among` * (
                    1 - `p_among`
                  ) + `w_public`
                ) AS DOUBLE)
              END < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          ) - (
            -CAST(12.0 AS DOUBLE)
          )
        )
      ),
      6
    ) AS `bits`
  FROM `weighed`
) AS `s`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `s`.`identifier_no`
LEFT JOIN `activity` AS `a`
  ON `a`.`l` = `s`.`l`
  AND `a`.`r` = `s`.`r`
  AND `a`.`kind_no` = `s`.`kind_no`
  AND `a`.`degree_bin` = CAST(RINT(
    CAST(FLOOR(
      COALESCE(
        LOG(2, `i`.`degree` - 1),
        CASE
          WHEN (
            `i`.`degree` - 1
          ) = 0
          THEN CAST('-Infinity' AS DOUBLE)
          WHEN (
            `i`.`degree` - 1
          ) < 0
          THEN CAST('NaN' AS DOUBLE)
        END
      )
    ) AS DOUBLE)
  ) AS INT)
LEFT JOIN `overridden` AS `o`
  ON `o`.`identifier_no` = `s`.`identifier_no`

-- arrow
WITH `held` AS (
  SELECT DISTINCT
    `h`.`identifier_no`,
    `h`.`account_no`,
    CASE
      WHEN `k`.`facet` = 'network'
      THEN 'network'
      WHEN `k`.`facet` = 'client'
      THEN 'client'
      WHEN `k`.`facet` IN ('payment', 'identity')
      THEN 'card'
      ELSE 'open'
    END AS `sort`
  FROM `window_incidence` AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  WHERE
    NOT (
      `k`.`facet` IN ('payment', 'identity')
    )
    OR `k`.`facet` = 'payment'
    AND `i`.`degree` <= 5
), `joint` AS (
  SELECT
    `x`.`identifier_no` AS `by_no`,
    `y`.`identifier_no`,
    COUNT(*) AS `n_both`,
    ANY_VALUE(`x`.`sort`) IGNORE NULLS = 'card' AS `is_by_card`
  FROM `held` AS `x`
  JOIN `held` AS `y`
    ON `y`.`account_no` = `x`.`account_no`
  WHERE
    `x`.`sort` = 'network'
    AND `y`.`sort` IN ('client', 'open')
    OR `x`.`sort` IN ('client', 'card')
    AND `y`.`sort` = 'open'
  GROUP BY
    `x`.`identifier_no`,
    `y`.`identifier_no`
  HAVING
    COUNT(*) > 1
)
SELECT
  `j`.`identifier_no`,
  `j`.`by_no`,
  `i`.`degree` AS `n`,
  `j`.`n_both`,
  CASE
    WHEN (
      SELECT
        COUNT(*)
      FROM `account_numbers`
    ) = 0
    THEN CAST(`y`.`degree` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
    ELSE CAST(`y`.`degree` AS DOUBLE) / CAST((
      SELECT
        COUNT(*)
      FROM `account_numbers`
    ) AS DOUBLE)
  END AS `share`
FROM `joint` AS `j`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `j`.`by_no`
JOIN `shared_identifiers` AS `y`
  ON `y`.`identifier_no` = `j`.`identifier_no`
WHERE
  2 * `j`.`n_both` > `i`.`degree`
  AND (
    NOT `j`.`is_by_card` OR 2 * `j`.`n_both` > `y`.`degree`
  )
ORDER BY
  `j`.`identifier_no` NULLS LAST,
  `j`.`by_no` NULLS LAST

-- make determined
SELECT
  *
FROM `arriving`

-- make settable
SELECT
  `b`.`l`,
  `b`.`r`,
  `d`.`identifier_no`,
  MIN(`d`.`most_bits`) AS `most_bits`,
  MAX(`b`.`bits`) AS `network_bits`
FROM `determined` AS `d`
JOIN `standalone` AS `b`
  ON `b`.`identifier_no` = `d`.`by_no`
GROUP BY
  `b`.`l`,
  `b`.`r`,
  `d`.`identifier_no`

-- make exclusivity_bits
WITH `ranked` AS (
  SELECT
    `s`.`l`,
    `s`.`r`,
    `s`.`identifier_no`,
    `d`.`most_bits`,
    `d`.`network_bits`,
    CAST(ROW_NUMBER() OVER (
      PARTITION BY `s`.`l`, `s`.`r`
      ORDER BY LEAST(`s`.`bits`, `d`.`most_bits`) DESC, `s`.`identifier_no` NULLS LAST
    ) AS BIGINT) AS `place`
  FROM `settable` AS `d`
  JOIN `standalone` AS `s`
    ON `s`.`l` = `d`.`l`
    AND `s`.`r` = `d`.`r`
    AND `s`.`identifier_no` = `d`.`identifier_no`
)
SELECT
  `s`.`l`,
  `s`.`r`,
  `s`.`identifier_no`,
  `s`.`kind_no`,
  ROUND(
    CASE
      WHEN `d`.`l` IS NULL
      THEN `s`.`bits`
      ELSE GREATEST(
        `s`.`bits` - `d`.`network_bits`,
        CASE
          WHEN `d`.`place` = 1
          THEN LEAST(`s`.`bits`, `d`.`most_bits`)
          ELSE CAST(0.0 AS DOUBLE)
        END
      )
    END,
    6
  ) AS `bits`
FROM `standalone` AS `s`
LEFT JOIN `ranked` AS `d`
  ON `d`.`l` = `s`.`l`
  AND `d`.`r` = `s`.`r`
  AND `d`.`identifier_no` = `s`.`identifier_no`

-- make exclusivity
SELECT
  `p`.`identifier_no`,
  COALESCE(`o`.`p_exclusive`, `p`.`baseline`) AS `baseline`,
  `p`.`n_holders`,
  `p`.`n_tied`,
  COALESCE(`o`.`p_exclusive`, `p`.`p_exclusive`) AS `p_exclusive`
FROM `estimated` AS `p`
LEFT JOIN `overridden` AS `o`
  ON `o`.`identifier_no` = `p`.`identifier_no`

-- rows
SELECT
  COUNT(*)
FROM `exclusivity`
WHERE
  `n_tied` > 1

-- rows
DESCRIBE `exclusivity`

-- rows
SELECT
  `identifier_no`
FROM `exclusivity`
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
    NOT COALESCE(NOT `baseline` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(
      `baseline` IS NULL
      OR (
        `baseline` >= 0
        AND `baseline` <= 1
        AND ABS(`baseline`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    )),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_holders` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `n_tied` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `p_exclusive` IS NULL, FALSE)),
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
FROM `exclusivity`

-- rows
DESCRIBE `exclusivity_bits`

-- rows
SELECT
  `l`,
  `r`,
  `identifier_no`
FROM `exclusivity_bits`
GROUP BY
  `l`,
  `r`,
  `identifier_no`
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
    NOT COALESCE(NOT `identifier_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `bits` IS NULL, FALSE))
FROM `exclusivity_bits`

-- rows
DESCRIBE `exclusivity_shares`

-- rows
SELECT
  `kind_no`,
  `degree_bin`
FROM `exclusivity_shares`
GROUP BY
  `kind_no`,
  `degree_bin`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `kind_no` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `degree_bin` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `among_others` IS NULL, FALSE))
FROM `exclusivity_shares`

-- rows
DESCRIBE `tied_shares`

-- rows
SELECT
  `share`
FROM `tied_shares`
GROUP BY
  `share`
HAVING
  COUNT(*) > 1
LIMIT 1

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `share` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `weight` IS NULL, FALSE))
FROM `tied_shares`

-- rows
SELECT
  `kind`
FROM `kinds`
ORDER BY
  `kind_no` NULLS LAST

-- arrow
SELECT
  `kind_no`,
  `degree_bin`,
  `among_others`
FROM `exclusivity_shares`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST,
  3 NULLS LAST

-- arrow
SELECT
  `share`,
  `weight`
FROM `tied_shares`
ORDER BY
  1 NULLS LAST,
  2 NULLS LAST

-- rows
SELECT
  COUNT(*)
FROM `exclusivity`
