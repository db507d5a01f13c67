-- make overridden
SELECT * FROM arriving

-- rows
DESCRIBE overridden

-- rows
SELECT identifier_no FROM overridden GROUP BY identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NULL OR (p_exclusive >= 0 AND p_exclusive <= 1 AND isfinite(p_exclusive)), false)) FROM overridden

-- rows
SELECT count(*) FROM overridden
