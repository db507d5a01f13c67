-- make overridden
SELECT
  *
FROM `arriving`

-- rows
DESCRIBE `overridden`

-- rows
SELECT
  `identifier_no`
FROM `overridden`
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
    NOT COALESCE(
      `p_exclusive` IS NULL
      OR (
        `p_exclusive` >= 0
        AND `p_exclusive` <= 1
        AND ABS(`p_exclusive`) < CAST('Infinity' AS DOUBLE)
      ),
      FALSE
    ))
FROM `overridden`

-- rows
SELECT
  COUNT(*)
FROM `overridden`
