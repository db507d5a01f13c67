-- make facet_bits
WITH `per_kind` AS (
  SELECT
    `u`.`l`,
    `u`.`r`,
    `k`.`facet_no`,
    (
      CASE
        WHEN CAST(1073741824.0 AS DOUBLE) = 0
        THEN CAST(ROUND(
          (
            LEAST(
              `k`.`most_bits`,
              GREATEST(CAST(0.0 AS DOUBLE), `u`.`baseline` - (
                -CAST(12.0 AS DOUBLE)
              ))
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(ROUND(
          (
            LEAST(
              `k`.`most_bits`,
              GREATEST(CAST(0.0 AS DOUBLE), `u`.`baseline` - (
                -CAST(12.0 AS DOUBLE)
              ))
            )
          ) * CAST(1073741824.0 AS DOUBLE)
        ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
      END
    ) AS `bits`,
    NOT `m`.`l` IS NULL AS `has_more`
  FROM (
    SELECT
      `s`.`l`,
      `s`.`r`,
      `s`.`identifier_no`,
      `s`.`kind_no`,
      `s`.`is_blocking_value`,
      `t`.`log_odds` + CASE `i`.`label_type`
        WHEN 'router'
        THEN -CAST(4.0 AS DOUBLE)
        WHEN 'vpn'
        THEN -CAST(4.0 AS DOUBLE)
        WHEN 'proxy'
        THEN -CAST(4.0 AS DOUBLE)
        WHEN 'residential_proxy'
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
      END AS `baseline`
    FROM (
      SELECT
        `l`,
        `r`,
        `only_no` AS `identifier_no`,
        `kind_no`,
        `is_blocking_value`,
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
        `s`.`is_blocking_value`,
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
    ) AS `s`
    JOIN `match_weights` AS `t`
      ON `t`.`kind_no` = `s`.`kind_no`
      AND `t`.`degree_bin` = `s`.`degree_bin`
      AND `t`.`repeat_bin` = `s`.`repeat_bin`
    JOIN `shared_identifiers` AS `i`
      ON `i`.`identifier_no` = `s`.`identifier_no`
  ) AS `u`
  JOIN (
    SELECT
      `kind_no`,
      `most_bits`,
      MIN(`kind_no`) OVER (PARTITION BY `facet`) AS `facet_no`
    FROM `kinds`
  ) AS `k`
    ON `k`.`kind_no` = `u`.`kind_no`
  LEFT JOIN `many_kinds` AS `m`
    ON `m`.`l` = `u`.`l` AND `m`.`r` = `u`.`r`
)
SELECT
  `l`,
  `r`,
  `facet_no`,
  MAX(`bits`) AS `bits`,
  BOOL_OR(`has_more`) AS `has_more`
FROM `per_kind`
WHERE
  `has_more` OR `bits` > CAST(0.# AS DOUBLE)
GROUP BY
  `l`,
  `r`,
  `facet_no`

-- rows
SELECT
  MAX(`account_no`)
FROM `account_numbers`

-- rows
SELECT
  `facet`,
  MIN(`kind_no`)
FROM `kinds`
GROUP BY
  `facet`
ORDER BY
  `facet` NULLS LAST

-- arrow
SELECT
  `l`,
  `r`,
  COALESCE(SUM(`facet_bits`.`bits`) FILTER(WHERE
    `facet_no` = 4), CAST(0.0 AS DOUBLE)) AS `bits_4`,
  COALESCE(SUM(`facet_bits`.`bits`) FILTER(WHERE
    `facet_no` = 7), CAST(0.0 AS DOUBLE)) AS `bits_7`,
  COALESCE(SUM(`facet_bits`.`bits`) FILTER(WHERE
    `facet_no` = 0), CAST(0.0 AS DOUBLE)) AS `bits_0`
FROM `facet_bits`
GROUP BY
  `l`,
  `r`
HAVING
  SUM(`facet_bits`.`bits`) > CAST(0.# AS DOUBLE)

-- make facet_components
SELECT
  *
FROM `arriving`

-- make given_stronger
SELECT
  `l`,
  `r`,
  `facet_no`,
  SUM(`bits`) OVER (PARTITION BY `l`, `r`) - `bits` AS `bits`
FROM `facet_bits`
WHERE
  `has_more`

-- rows
SELECT
  `facet`,
  MIN(`kind_no`)
FROM `kinds`
GROUP BY
  `facet`
ORDER BY
  `facet` NULLS LAST

-- make ties
WITH `placed` AS (
  SELECT
    `a`.`account_no`,
    `p`.`component_1`,
    `p`.`component_0`,
    `p`.`component_4`,
    `p`.`component_7`
  FROM `account_numbers` AS `a`
  LEFT JOIN `facet_components` AS `p`
    ON `p`.`account_no` = `a`.`account_no`
)
SELECT
  `l`,
  `r`,
  `identifier_no`,
  `kind_no`,
  `is_blocking_value`,
  `baseline`,
  (
    CASE
      WHEN CAST(1073741824.0 AS DOUBLE) = 0
      THEN CAST(ROUND(
        (
          GREATEST(
            CASE
              WHEN `bits` IS NULL
              THEN (
                CASE
                  WHEN (
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      -CAST(12.0 AS DOUBLE)
                    ))
                  ) = 0
                  THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(1.0 AS DOUBLE) / CAST((
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      -CAST(12.0 AS DOUBLE)
                    ))
                  ) AS DOUBLE)
                END
              )
              ELSE (
                CASE
                  WHEN (
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      `bits` + (
                        -CAST(12.0 AS DOUBLE)
                      )
                    ))
                  ) = 0
                  THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(1.0 AS DOUBLE) / CAST((
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      `bits` + (
                        -CAST(12.0 AS DOUBLE)
                      )
                    ))
                  ) AS DOUBLE)
                END
              )
            END,
            CASE
              WHEN `l_component` = `r_component`
              THEN CAST(0.9 AS DOUBLE)
              ELSE CAST(0.0 AS DOUBLE)
            END
          )
        ) * CAST(1073741824.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST(ROUND(
        (
          GREATEST(
            CASE
              WHEN `bits` IS NULL
              THEN (
                CASE
                  WHEN (
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      -CAST(12.0 AS DOUBLE)
                    ))
                  ) = 0
                  THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(1.0 AS DOUBLE) / CAST((
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      -CAST(12.0 AS DOUBLE)
                    ))
                  ) AS DOUBLE)
                END
              )
              ELSE (
                CASE
                  WHEN (
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      `bits` + (
                        -CAST(12.0 AS DOUBLE)
                      )
                    ))
                  ) = 0
                  THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(1.0 AS DOUBLE) / CAST((
                    CAST(1.0 AS DOUBLE) + POWER(CAST(2.0 AS DOUBLE), -(
                      `bits` + (
                        -CAST(12.0 AS DOUBLE)
                      )
                    ))
                  ) AS DOUBLE)
                END
              )
            END,
            CASE
              WHEN `l_component` = `r_component`
              THEN CAST(0.9 AS DOUBLE)
              ELSE CAST(0.0 AS DOUBLE)
            END
          )
        ) * CAST(1073741824.0 AS DOUBLE)
      ) AS DOUBLE) / CAST(1073741824.0 AS DOUBLE)
    END
  ) AS `tie`,
  COALESCE(`l_component` <> `r_component`, FALSE) AS `is_apart`
FROM (
  SELECT
    `u`.*,
    `b`.`bits`,
    CASE `k`.`facet_no`
      WHEN 1
      THEN `x`.`component_1`
      WHEN 0
      THEN `x`.`component_0`
      WHEN 4
      THEN `x`.`component_4`
      WHEN 7
      THEN `x`.`component_7`
    END AS `l_component`,
    CASE `k`.`facet_no`
      WHEN 1
      THEN `y`.`component_1`
      WHEN 0
      THEN `y`.`component_0`
      WHEN 4
      THEN `y`.`component_4`
      WHEN 7
      THEN `y`.`component_7`
    END AS `r_component`
  FROM (
    SELECT
      `s`.`l`,
      `s`.`r`,
      `s`.`identifier_no`,
      `s`.`kind_no`,
      `s`.`is_blocking_value`,
      `t`.`log_odds` + CASE `i`.`label_type`
        WHEN 'router'
        THEN -CAST(4.0 AS DOUBLE)
        WHEN 'vpn'
        THEN -CAST(4.0 AS DOUBLE)
        WHEN 'proxy'
        THEN -CAST(4.0 AS DOUBLE)
        WHEN 'residential_proxy'
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
      END AS `baseline`
    FROM (
      SELECT
        `l`,
        `r`,
        `only_no` AS `identifier_no`,
        `kind_no`,
        `is_blocking_value`,
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
        `s`.`is_blocking_value`,
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
    ) AS `s`
    JOIN `match_weights` AS `t`
      ON `t`.`kind_no` = `s`.`kind_no`
      AND `t`.`degree_bin` = `s`.`degree_bin`
      AND `t`.`repeat_bin` = `s`.`repeat_bin`
    JOIN `shared_identifiers` AS `i`
      ON `i`.`identifier_no` = `s`.`identifier_no`
  ) AS `u`
  JOIN (
    SELECT
      `kind_no`,
      `most_bits`,
      MIN(`kind_no`) OVER (PARTITION BY `facet`) AS `facet_no`
    FROM `kinds`
  ) AS `k`
    ON `k`.`kind_no` = `u`.`kind_no`
  JOIN `placed` AS `x`
    ON `x`.`account_no` = `u`.`l`
  JOIN `placed` AS `y`
    ON `y`.`account_no` = `u`.`r`
  LEFT JOIN `given_stronger` AS `b`
    ON `b`.`l` = `u`.`l` AND `b`.`r` = `u`.`r` AND `b`.`facet_no` = `k`.`facet_no`
)

-- make tie_rates
WITH `lines` AS (
  SELECT
    `kind_no`,
    ROUND(
      CASE
        WHEN REGR_SXX(`tie`, `baseline_share`) = 0
        THEN CAST('NaN' AS DOUBLE)
        ELSE REGR_SLOPE(`tie`, `baseline_share`)
      END,
      9
    ) AS `slope`,
    ROUND(REGR_INTERCEPT(`tie`, `baseline_share`), 9) AS `start`
  FROM (
    SELECT
      `kind_no`,
      `tie`,
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
      ) AS `baseline_share`
    FROM `ties`
    WHERE
      `is_blocking_value`
  )
  GROUP BY
    `kind_no`
)
SELECT
  `kind_no`,
  GREATEST(
    CAST(0.0 AS DOUBLE),
    LEAST(CAST(0.5 AS DOUBLE), COALESCE(`start`, CAST(0.0 AS DOUBLE)))
  ) AS `chance`,
  GREATEST(
    CAST(0.25 AS DOUBLE),
    LEAST(CAST(0.5 AS DOUBLE), COALESCE(`start` + `slope`, CAST(0.0 AS DOUBLE)))
  ) AS `same`,
  CASE
    WHEN NOT `kind_no` IS NULL
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
      `kind_no`
    )
  END AS `is_generalization`
FROM `lines`
WHERE
  NOT CASE
    WHEN NOT COALESCE(`slope`, CAST(0.0 AS DOUBLE)) IS NULL
    THEN ISNAN(COALESCE(`slope`, CAST(0.0 AS DOUBLE)))
  END
  AND NOT CASE
    WHEN NOT COALESCE(`start`, CAST(0.0 AS DOUBLE)) IS NULL
    THEN ISNAN(COALESCE(`start`, CAST(0.0 AS DOUBLE)))
  END

-- make estimated
WITH `means` AS (
  SELECT
    `identifier_no`,
    ANY_VALUE(`kind_no`) IGNORE NULLS AS `kind_no`,
    COUNT(*) AS `n_pairs`,
    SUM(`tie`) AS `n_tied`,
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
    ) AS `avg_baseline`,
    AVG(`tie`) AS `avg_tie`
  FROM `ties`
  WHERE
    `is_blocking_value`
  GROUP BY
    `identifier_no`
)
SELECT
  `m`.`identifier_no`,
  GREATEST(CAST(0.# AS DOUBLE), LEAST(CAST(0.995 AS DOUBLE), `m`.`avg_baseline`)) AS `baseline`,
  `m`.`n_pairs`,
  `m`.`n_tied`,
  GREATEST(
    CAST(0.# AS DOUBLE),
    LEAST(
      CAST(0.995 AS DOUBLE),
      CASE
        WHEN (
          (
            CASE
              WHEN (
                `degree` * `same` + CAST(2.0 AS DOUBLE)
              ) = 0
              THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                `degree` * `same` + CAST(2.0 AS DOUBLE)
              ) AS DOUBLE)
            END
          ) * GREATEST(
            CAST(0.0 AS DOUBLE),
            LEAST(
              CAST(1.0 AS DOUBLE),
              CASE
                WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                THEN CAST((
                  (
                    `avg_tie`
                  ) - `chance`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  (
                    `avg_tie`
                  ) - `chance`
                ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
              END
            )
          ) + (
            1 - (
              CASE
                WHEN (
                  `degree` * `same` + CAST(2.0 AS DOUBLE)
                ) = 0
                THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                  `degree` * `same` + CAST(2.0 AS DOUBLE)
                ) AS DOUBLE)
              END
            )
          ) * `avg_baseline`
        ) < `avg_baseline`
        THEN (
          `avg_baseline` * POWER(
            CASE
              WHEN `avg_baseline` = 0
              THEN CAST(GREATEST(
                CAST(0.# AS DOUBLE),
                (
                  (
                    CASE
                      WHEN (
                        `degree` * `same` + CAST(2.0 AS DOUBLE)
                      ) = 0
                      THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                      ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                        `degree` * `same` + CAST(2.0 AS DOUBLE)
                      ) AS DOUBLE)
                    END
                  ) * GREATEST(
                    CAST(0.0 AS DOUBLE),
                    LEAST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                        THEN CAST((
                          (
                            `avg_tie`
                          ) - `chance`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          (
                            `avg_tie`
                          ) - `chance`
                        ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
                      END
                    )
                  ) + (
                    1 - (
                      CASE
                        WHEN (
                          `degree` * `same` + CAST(2.0 AS DOUBLE)
                        ) = 0
                        THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                          `degree` * `same` + CAST(2.0 AS DOUBLE)
                        ) AS DOUBLE)
                      END
                    )
                  ) * `avg_baseline`
                )
              ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(GREATEST(
                CAST(0.# AS DOUBLE),
                (
                  (
                    CASE
                      WHEN (
                        `degree` * `same` + CAST(2.0 AS DOUBLE)
                      ) = 0
                      THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                      ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                        `degree` * `same` + CAST(2.0 AS DOUBLE)
                      ) AS DOUBLE)
                    END
                  ) * GREATEST(
                    CAST(0.0 AS DOUBLE),
                    LEAST(
                      CAST(1.0 AS DOUBLE),
                      CASE
                        WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                        THEN CAST((
                          (
                            `avg_tie`
                          ) - `chance`
                        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST((
                          (
                            `avg_tie`
                          ) - `chance`
                        ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
                      END
                    )
                  ) + (
                    1 - (
                      CASE
                        WHEN (
                          `degree` * `same` + CAST(2.0 AS DOUBLE)
                        ) = 0
                        THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                        ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                          `degree` * `same` + CAST(2.0 AS DOUBLE)
                        ) AS DOUBLE)
                      END
                    )
                  ) * `avg_baseline`
                )
              ) AS DOUBLE) / CAST(`avg_baseline` AS DOUBLE)
            END,
            CAST(0.5 AS DOUBLE) * LEAST(
              CAST(1.0 AS DOUBLE),
              POWER(
                CASE
                  WHEN CAST(6.0 AS DOUBLE) = 0
                  THEN CAST(COALESCE(
                    LOG(2, GREATEST(2, `degree`) - 1),
                    CASE
                      WHEN (
                        GREATEST(2, `degree`) - 1
                      ) = 0
                      THEN CAST('-Infinity' AS DOUBLE)
                      WHEN (
                        GREATEST(2, `degree`) - 1
                      ) < 0
                      THEN CAST('NaN' AS DOUBLE)
                    END
                  ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(COALESCE(
                    LOG(2, GREATEST(2, `degree`) - 1),
                    CASE
                      WHEN (
                        GREATEST(2, `degree`) - 1
                      ) = 0
                      THEN CAST('-Infinity' AS DOUBLE)
                      WHEN (
                        GREATEST(2, `degree`) - 1
                      ) < 0
                      THEN CAST('NaN' AS DOUBLE)
                    END
                  ) AS DOUBLE) / CAST(6.0 AS DOUBLE)
                END,
                2
              )
            )
          )
        )
        ELSE (
          (
            CASE
              WHEN (
                `degree` * `same` + CAST(2.0 AS DOUBLE)
              ) = 0
              THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
              ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                `degree` * `same` + CAST(2.0 AS DOUBLE)
              ) AS DOUBLE)
            END
          ) * GREATEST(
            CAST(0.0 AS DOUBLE),
            LEAST(
              CAST(1.0 AS DOUBLE),
              CASE
                WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                THEN CAST((
                  (
                    `avg_tie`
                  ) - `chance`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  (
                    `avg_tie`
                  ) - `chance`
                ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
              END
            )
          ) + (
            1 - (
              CASE
                WHEN (
                  `degree` * `same` + CAST(2.0 AS DOUBLE)
                ) = 0
                THEN CAST(`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST(`degree` * `same` AS DOUBLE) / CAST((
                  `degree` * `same` + CAST(2.0 AS DOUBLE)
                ) AS DOUBLE)
              END
            )
          ) * `avg_baseline`
        )
      END
    )
  ) AS `p_exclusive`
FROM `means` AS `m`
JOIN `tie_rates` AS `r`
  ON `r`.`kind_no` = `m`.`kind_no`
JOIN `shared_identifiers` AS `i`
  ON `i`.`identifier_no` = `m`.`identifier_no`

-- make account_ties
SELECT
  `identifier_no`,
  `account_no`,
  COUNT(*) AS `n_pairs`,
  SUM(`tie`) AS `n_tied`
FROM (
  SELECT
    `identifier_no`,
    `l` AS `account_no`,
    `tie`
  FROM `ties`
  WHERE
    `is_blocking_value`
  UNION ALL
  SELECT
    `identifier_no`,
    `r`,
    `tie`
  FROM `ties`
  WHERE
    `is_blocking_value`
)
GROUP BY
  `identifier_no`,
  `account_no`

-- rows
SELECT
  COUNT(*)
FROM `overridden`

-- make exclusivity_bits
WITH `known` AS (
  SELECT
    `i`.`identifier_no`,
    `k`.`is_declared`,
    `k`.`most_bits`,
    `r`.`same`,
    `r`.`chance`,
    `r`.`is_generalization`,
    `p`.`baseline` AS `v_baseline`,
    `p`.`n_pairs` AS `v_pairs`,
    `p`.`n_tied` AS `v_tied`,
    COALESCE(
      LOG(
        2,
        CASE
          WHEN (
            1 - (
              `p`.`baseline`
            )
          ) = 0
          THEN CAST((
            `p`.`baseline`
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `p`.`baseline`
          ) AS DOUBLE) / CAST((
            1 - (
              `p`.`baseline`
            )
          ) AS DOUBLE)
        END
      ),
      CASE
        WHEN CASE
          WHEN (
            1 - (
              `p`.`baseline`
            )
          ) = 0
          THEN CAST((
            `p`.`baseline`
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `p`.`baseline`
          ) AS DOUBLE) / CAST((
            1 - (
              `p`.`baseline`
            )
          ) AS DOUBLE)
        END = 0
        THEN CAST('-Infinity' AS DOUBLE)
        WHEN CASE
          WHEN (
            1 - (
              `p`.`baseline`
            )
          ) = 0
          THEN CAST((
            `p`.`baseline`
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST((
            `p`.`baseline`
          ) AS DOUBLE) / CAST((
            1 - (
              `p`.`baseline`
            )
          ) AS DOUBLE)
        END < 0
        THEN CAST('NaN' AS DOUBLE)
      END
    ) AS `v_odds`,
    (
      CASE
        WHEN (
          `i`.`degree` * `same` + CAST(2.0 AS DOUBLE)
        ) = 0
        THEN CAST(`i`.`degree` * `same` AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`i`.`degree` * `same` AS DOUBLE) / CAST((
          `i`.`degree` * `same` + CAST(2.0 AS DOUBLE)
        ) AS DOUBLE)
      END
    ) AS `weight`,
    CAST(0.5 AS DOUBLE) * LEAST(
      CAST(1.0 AS DOUBLE),
      POWER(
        CASE
          WHEN CAST(6.0 AS DOUBLE) = 0
          THEN CAST(COALESCE(
            LOG(2, GREATEST(2, `i`.`degree`) - 1),
            CASE
              WHEN (
                GREATEST(2, `i`.`degree`) - 1
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN (
                GREATEST(2, `i`.`degree`) - 1
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
          ELSE CAST(COALESCE(
            LOG(2, GREATEST(2, `i`.`degree`) - 1),
            CASE
              WHEN (
                GREATEST(2, `i`.`degree`) - 1
              ) = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN (
                GREATEST(2, `i`.`degree`) - 1
              ) < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          ) AS DOUBLE) / CAST(6.0 AS DOUBLE)
        END,
        2
      )
    ) AS `absence`,
    GREATEST(CAST(0.1 AS DOUBLE), CAST(1.0 AS DOUBLE) - SQRT(`same`)) * LEAST(
      CAST(1.0 AS DOUBLE),
      CASE
        WHEN CAST(4.0 AS DOUBLE) = 0
        THEN CAST(COALESCE(
          LOG(2, GREATEST(2, `i`.`degree`) - 1),
          CASE
            WHEN (
              GREATEST(2, `i`.`degree`) - 1
            ) = 0
            THEN CAST('-Infinity' AS DOUBLE)
            WHEN (
              GREATEST(2, `i`.`degree`) - 1
            ) < 0
            THEN CAST('NaN' AS DOUBLE)
          END
        ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(COALESCE(
          LOG(2, GREATEST(2, `i`.`degree`) - 1),
          CASE
            WHEN (
              GREATEST(2, `i`.`degree`) - 1
            ) = 0
            THEN CAST('-Infinity' AS DOUBLE)
            WHEN (
              GREATEST(2, `i`.`degree`) - 1
            ) < 0
            THEN CAST('NaN' AS DOUBLE)
          END
        ) AS DOUBLE) / CAST(4.0 AS DOUBLE)
      END
    ) AS `missed`
  FROM `shared_identifiers` AS `i`
  JOIN `kinds` AS `k`
    ON `k`.`kind_no` = `i`.`kind_no`
  LEFT JOIN `tie_rates` AS `r`
    ON `r`.`kind_no` = `i`.`kind_no`
  LEFT JOIN `estimated` AS `p`
    ON `p`.`identifier_no` = `i`.`identifier_no`
), `others` AS (
  SELECT
    `t`.*,
    CAST(`t`.`is_blocking_value` AS INT) AS `own`,
    `v`.`is_declared`,
    `v`.`most_bits`,
    `v`.`same`,
    `v`.`chance`,
    `v`.`is_generalization`,
    `v`.`v_baseline`,
    `v`.`v_pairs`,
    `v`.`v_tied`,
    `v`.`v_odds`,
    `v`.`weight`,
    `v`.`absence`,
    `v`.`missed`,
    `x`.`n_pairs` AS `l_pairs`,
    `x`.`n_tied` AS `l_tied`,
    `y`.`n_pairs` AS `r_pairs`,
    `y`.`n_tied` AS `r_tied`
  FROM `ties` AS `t`
  JOIN `known` AS `v`
    ON `v`.`identifier_no` = `t`.`identifier_no`
  LEFT JOIN `account_ties` AS `x`
    ON `x`.`identifier_no` = `t`.`identifier_no` AND `x`.`account_no` = `t`.`l`
  LEFT JOIN `account_ties` AS `y`
    ON `y`.`identifier_no` = `t`.`identifier_no` AND `y`.`account_no` = `t`.`r`
), `means` AS (
  SELECT
    *,
    CASE
      WHEN (
        `v_pairs` - `own`
      ) = 0
      THEN CAST((
        `v_tied` - `own` * `tie`
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        `v_tied` - `own` * `tie`
      ) AS DOUBLE) / CAST((
        `v_pairs` - `own`
      ) AS DOUBLE)
    END AS `mean`
  FROM `others`
), `whole` AS (
  SELECT
    *,
    CASE
      WHEN `v_pairs` - `own` > 0 AND `is_declared` AND NOT `same` IS NULL
      THEN GREATEST(
        CAST(0.# AS DOUBLE),
        LEAST(
          CAST(0.995 AS DOUBLE),
          CASE
            WHEN (
              `weight` * GREATEST(
                CAST(0.0 AS DOUBLE),
                LEAST(
                  CAST(1.0 AS DOUBLE),
                  CASE
                    WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                    THEN CAST((
                      (
                        `mean`
                      ) - `chance`
                    ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                    ELSE CAST((
                      (
                        `mean`
                      ) - `chance`
                    ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
                  END
                )
              ) + (
                1 - `weight`
              ) * `v_baseline`
            ) < `v_baseline`
            THEN (
              `v_baseline` * POWER(
                CASE
                  WHEN `v_baseline` = 0
                  THEN CAST(GREATEST(
                    CAST(0.# AS DOUBLE),
                    (
                      `weight` * GREATEST(
                        CAST(0.0 AS DOUBLE),
                        LEAST(
                          CAST(1.0 AS DOUBLE),
                          CASE
                            WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                            THEN CAST((
                              (
                                `mean`
                              ) - `chance`
                            ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                            ELSE CAST((
                              (
                                `mean`
                              ) - `chance`
                            ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
                          END
                        )
                      ) + (
                        1 - `weight`
                      ) * `v_baseline`
                    )
                  ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                  ELSE CAST(GREATEST(
                    CAST(0.# AS DOUBLE),
                    (
                      `weight` * GREATEST(
                        CAST(0.0 AS DOUBLE),
                        LEAST(
                          CAST(1.0 AS DOUBLE),
                          CASE
                            WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                            THEN CAST((
                              (
                                `mean`
                              ) - `chance`
                            ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                            ELSE CAST((
                              (
                                `mean`
                              ) - `chance`
                            ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
                          END
                        )
                      ) + (
                        1 - `weight`
                      ) * `v_baseline`
                    )
                  ) AS DOUBLE) / CAST(`v_baseline` AS DOUBLE)
                END,
                `absence`
              )
            )
            ELSE (
              `weight` * GREATEST(
                CAST(0.0 AS DOUBLE),
                LEAST(
                  CAST(1.0 AS DOUBLE),
                  CASE
                    WHEN GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) = 0
                    THEN CAST((
                      (
                        `mean`
                      ) - `chance`
                    ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                    ELSE CAST((
                      (
                        `mean`
                      ) - `chance`
                    ) AS DOUBLE) / CAST(GREATEST(CAST(0.01 AS DOUBLE), `same` - `chance`) AS DOUBLE)
                  END
                )
              ) + (
                1 - `weight`
              ) * `v_baseline`
            )
          END
        )
      )
    END AS `whole_share`
  FROM `means`
), `holders` AS (
  SELECT
    *,
    CASE
      WHEN (
        COALESCE(`l_pairs` - `own`, 0) * `mean` + CAST(2.0 AS DOUBLE)
      ) = 0
      THEN CAST((
        COALESCE(`l_tied` - `own` * `tie`, CAST(0.0 AS DOUBLE)) + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        COALESCE(`l_tied` - `own` * `tie`, CAST(0.0 AS DOUBLE)) + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE) / CAST((
        COALESCE(`l_pairs` - `own`, 0) * `mean` + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE)
    END AS `of_l`,
    CASE
      WHEN (
        COALESCE(`r_pairs` - `own`, 0) * `mean` + CAST(2.0 AS DOUBLE)
      ) = 0
      THEN CAST((
        COALESCE(`r_tied` - `own` * `tie`, CAST(0.0 AS DOUBLE)) + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
      ELSE CAST((
        COALESCE(`r_tied` - `own` * `tie`, CAST(0.0 AS DOUBLE)) + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE) / CAST((
        COALESCE(`r_pairs` - `own`, 0) * `mean` + CAST(2.0 AS DOUBLE)
      ) AS DOUBLE)
    END AS `of_r`,
    (
      CASE
        WHEN (
          CAST(1.0 AS DOUBLE) - (
            CAST(1.0 AS DOUBLE) - `missed`
          ) * SQRT(`whole_share`)
        ) = 0
        THEN CAST(`missed` * SQRT(`whole_share`) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(`missed` * SQRT(`whole_share`) AS DOUBLE) / CAST((
          CAST(1.0 AS DOUBLE) - (
            CAST(1.0 AS DOUBLE) - `missed`
          ) * SQRT(`whole_share`)
        ) AS DOUBLE)
      END
    ) AS `untied`,
    CASE
      WHEN `is_generalization`
      THEN CAST(1.0 AS DOUBLE)
      ELSE CASE
        WHEN SQRT(`whole_share`) = 0
        THEN CAST(1.0 AS DOUBLE) * CAST('Infinity' AS DOUBLE)
        ELSE CAST(1.0 AS DOUBLE) / CAST(SQRT(`whole_share`) AS DOUBLE)
      END
    END AS `most`
  FROM `whole`
), `factors` AS (
  SELECT
    *,
    LEAST(`most`, GREATEST(`of_l`, `untied` * `most`)) * LEAST(`most`, GREATEST(`of_r`, `untied` * `most`)) * CASE
      WHEN `is_generalization`
      THEN GREATEST(CAST(1.0 AS DOUBLE), LEAST(`of_l`, `of_r`))
      ELSE CAST(1.0 AS DOUBLE)
    END AS `pull`
  FROM `holders`
), `moves` AS (
  SELECT
    `l`,
    `r`,
    `kind_no`,
    `identifier_no`,
    `most_bits`,
    `baseline`,
    `v_odds`,
    CASE
      WHEN NOT `whole_share` IS NULL
      THEN GREATEST(
        CAST(0.# AS DOUBLE),
        LEAST(
          CAST(0.995 AS DOUBLE),
          `whole_share` * CASE WHEN `is_apart` THEN LEAST(`pull`, `untied` * `most` * `most`) ELSE `pull` END
        )
      )
    END AS `moved`,
    CASE
      WHEN `is_apart` AND `is_declared`
      THEN -CAST(2.0 AS DOUBLE)
      ELSE CAST(0.0 AS DOUBLE)
    END AS `unmoved`
  FROM `factors`
)
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
        `baseline` - (
          -CAST(12.0 AS DOUBLE)
        ) + COALESCE(
          COALESCE(
            LOG(
              2,
              CASE
                WHEN (
                  1 - (
                    `moved`
                  )
                ) = 0
                THEN CAST((
                  `moved`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  `moved`
                ) AS DOUBLE) / CAST((
                  1 - (
                    `moved`
                  )
                ) AS DOUBLE)
              END
            ),
            CASE
              WHEN CASE
                WHEN (
                  1 - (
                    `moved`
                  )
                ) = 0
                THEN CAST((
                  `moved`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  `moved`
                ) AS DOUBLE) / CAST((
                  1 - (
                    `moved`
                  )
                ) AS DOUBLE)
              END = 0
              THEN CAST('-Infinity' AS DOUBLE)
              WHEN CASE
                WHEN (
                  1 - (
                    `moved`
                  )
                ) = 0
                THEN CAST((
                  `moved`
                ) AS DOUBLE) * CAST('Infinity' AS DOUBLE)
                ELSE CAST((
                  `moved`
                ) AS DOUBLE) / CAST((
                  1 - (
                    `moved`
                  )
                ) AS DOUBLE)
              END < 0
              THEN CAST('NaN' AS DOUBLE)
            END
          ) - `v_odds`,
          `unmoved`
        )
      )
    ),
    6
  ) AS `bits`
FROM `moves`

-- make exclusivity
SELECT
  `p`.`identifier_no`,
  COALESCE(`o`.`p_exclusive`, `p`.`baseline`) AS `baseline`,
  `p`.`n_pairs`,
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
  `n_tied` >= CAST(0.5 AS DOUBLE)

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
    NOT COALESCE(NOT `n_pairs` IS NULL, FALSE)),
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
SELECT
  COUNT(*)
FROM `exclusivity`
