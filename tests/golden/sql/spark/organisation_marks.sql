-- rows
DESCRIBE `accounts`

-- make marked_accounts
SELECT
  *
FROM (
  SELECT
    'own_domain' AS `mark`,
    `h`.`account_no`,
    `i`.`value`,
    `i`.`degree`
  FROM (
    SELECT DISTINCT
      `w`.`account_no`,
      `w`.`identifier_no`
    FROM `window_incidence` AS `w`
    JOIN (
      SELECT
        `identifier_no`
      FROM `shared_identifiers`
      WHERE
        `kind` IN ('email_domain')
    ) AS `s`
      ON `s`.`identifier_no` = `w`.`identifier_no`
  ) AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  UNION ALL
  SELECT
    'own_domain',
    `a`.`account_no`,
    NULL,
    NULL
  FROM `account_kinds` AS `a`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`kind` IN ('email_domain', 'email')
)
UNION ALL
SELECT
  *
FROM (
  SELECT
    'one_billing_parent' AS `mark`,
    `h`.`account_no`,
    `i`.`value`,
    `i`.`degree`
  FROM (
    SELECT DISTINCT
      `w`.`account_no`,
      `w`.`identifier_no`
    FROM `window_incidence` AS `w`
    JOIN (
      SELECT
        `identifier_no`
      FROM `shared_identifiers`
      WHERE
        `kind` IN ('billing_parent', 'organisation', 'organization')
    ) AS `s`
      ON `s`.`identifier_no` = `w`.`identifier_no`
  ) AS `h`
  JOIN `shared_identifiers` AS `i`
    ON `i`.`identifier_no` = `h`.`identifier_no`
  UNION ALL
  SELECT
    'one_billing_parent',
    `a`.`account_no`,
    NULL,
    NULL
  FROM `account_kinds` AS `a`
  JOIN `evidence_kinds` AS `k`
    ON `k`.`kind_no` = `a`.`kind_no`
  WHERE
    `k`.`kind` IN ('billing_parent', 'organisation', 'organization')
)

-- rows
SELECT
  COUNT(DISTINCT `account_no`)
FROM `marked_accounts`

-- rows
DESCRIBE `marked_accounts`

-- rows
SELECT
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `mark` IS NULL, FALSE)),
  COUNT(*) FILTER(WHERE
    NOT COALESCE(NOT `account_no` IS NULL, FALSE))
FROM `marked_accounts`

-- rows
SELECT
  COUNT(*)
FROM `marked_accounts`
