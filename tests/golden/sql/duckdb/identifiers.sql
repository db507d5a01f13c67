-- rows
SELECT DISTINCT kind FROM observed_values ORDER BY kind

-- make kinds
SELECT * FROM arriving

-- make generalizations
SELECT * FROM arriving

-- make value_holders
SELECT value_no, min(account_no) AS least, max(account_no) AS greatest FROM incidence GROUP BY value_no

-- make value_spans
SELECT v.value_no, v.kind, v.value, h.least, h.greatest FROM observed_values v JOIN kinds k ON k.kind = v.kind JOIN value_holders h ON h.value_no = v.value_no WHERE h.least < h.greatest OR v.kind IN ('email_domain', 'ip_64', 'ip_prefix', 'email', 'ip')

-- arrow
SELECT value_no, value, least, greatest FROM value_spans WHERE kind = 'email' AND NOT ((regexp_full_match(value, '[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}') OR length(value) <= 254 AND regexp_full_match(value, '[a-z0-9_-]+([.][a-z0-9_-]+)*@([a-z0-9-]{1,63}[.])+[a-z]{2,63}') AND NOT regexp_matches(value, '[.].*@gmail[.]com$|@googlemail[.]com$') AND (NOT regexp_matches(value, '[0-9](?:[^0-9A-Za-z]*[0-9]){12}') OR (contains(value, '-') AND regexp_full_match(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'))) AND NOT regexp_full_match(value, '(no-?_?reply|do-?_?not-?_?reply)@.*|(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email)@(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email|email)[.]com|a@a[.]com|(user|email|name)@(domain|email)[.]com|.*@(.*[.])?(example[.](com|net|org)|test|invalid|localhost)')))

-- make wider_rest_email
SELECT * FROM arriving

-- arrow
SELECT value_no, value, least, greatest FROM value_spans WHERE kind = 'ip' AND NOT (CASE WHEN contains(value, ':') THEN regexp_full_match(value, '[23][0-9a-f]{3}(:(([1-9a-f][0-9a-f]{0,3})|0)){7}|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){0}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){1}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){2}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,2})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){3}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,1})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){4}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,0})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){5}::') AND NOT contains(value, ':0:0') AND (NOT regexp_matches(value, '[0-9](?:[^0-9A-Za-z]*[0-9]){12}') OR (contains(value, '-') AND regexp_full_match(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'))) ELSE regexp_full_match(value, '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}') AND NOT regexp_matches(value, '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]') END)

-- make wider_rest_ip
SELECT * FROM arriving

-- make generalized_values
SELECT NULL::INTEGER AS value_no, NULL::VARCHAR AS wider_kind, NULL::VARCHAR AS wider_value, NULL::INTEGER AS least, NULL::INTEGER AS greatest WHERE false UNION ALL SELECT value_no, 'email_domain', CASE WHEN contains(value, '@') THEN regexp_extract(value, '@(.*)$', 1) END, least, greatest FROM value_spans WHERE kind = 'email' AND ((regexp_full_match(value, '[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}') OR length(value) <= 254 AND regexp_full_match(value, '[a-z0-9_-]+([.][a-z0-9_-]+)*@([a-z0-9-]{1,63}[.])+[a-z]{2,63}') AND NOT regexp_matches(value, '[.].*@gmail[.]com$|@googlemail[.]com$') AND (NOT regexp_matches(value, '[0-9](?:[^0-9A-Za-z]*[0-9]){12}') OR (contains(value, '-') AND regexp_full_match(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'))) AND NOT regexp_full_match(value, '(no-?_?reply|do-?_?not-?_?reply)@.*|(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email)@(none|no|na|null|nil|nobody|unknown|test|noemail|no-?email|email)[.]com|a@a[.]com|(user|email|name)@(domain|email)[.]com|.*@(.*[.])?(example[.](com|net|org)|test|invalid|localhost)'))) AND (CASE WHEN contains(value, '@') THEN regexp_extract(value, '@(.*)$', 1) END) IS NOT NULL UNION ALL SELECT value_no, wider_kind, wider_value, least, greatest FROM wider_rest_email UNION ALL SELECT value_no, 'ip_64', CASE WHEN contains(value, ':') THEN regexp_replace(regexp_extract(split_part(value, '::', 1) || ':', '^([^:]+:){1,4}'), '(:0)?:$', '') || '::/64' END, least, greatest FROM value_spans WHERE kind = 'ip' AND (CASE WHEN contains(value, ':') THEN regexp_full_match(value, '[23][0-9a-f]{3}(:(([1-9a-f][0-9a-f]{0,3})|0)){7}|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){0}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){1}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){2}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,2})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){3}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,1})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){4}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,0})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){5}::') AND NOT contains(value, ':0:0') AND (NOT regexp_matches(value, '[0-9](?:[^0-9A-Za-z]*[0-9]){12}') OR (contains(value, '-') AND regexp_full_match(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'))) ELSE regexp_full_match(value, '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}') AND NOT regexp_matches(value, '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]') END) AND (CASE WHEN contains(value, ':') THEN regexp_replace(regexp_extract(split_part(value, '::', 1) || ':', '^([^:]+:){1,4}'), '(:0)?:$', '') || '::/64' END) IS NOT NULL UNION ALL SELECT value_no, 'ip_prefix', CASE WHEN contains(value, ':') THEN regexp_replace(regexp_extract(split_part(value, '::', 1) || ':', '^([^:]+:){1,3}'), '(:0)?:$', '') || '::/48' ELSE regexp_extract(value, '^.*[.]') || '0/24' END, least, greatest FROM value_spans WHERE kind = 'ip' AND (CASE WHEN contains(value, ':') THEN regexp_full_match(value, '[23][0-9a-f]{3}(:(([1-9a-f][0-9a-f]{0,3})|0)){7}|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){0}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){1}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,3})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){2}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,2})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){3}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,1})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){4}::(([1-9a-f][0-9a-f]{0,3})(:([1-9a-f][0-9a-f]{0,3})){0,0})?|[23][0-9a-f]{3}(:([1-9a-f][0-9a-f]{0,3})){5}::') AND NOT contains(value, ':0:0') AND (NOT regexp_matches(value, '[0-9](?:[^0-9A-Za-z]*[0-9]){12}') OR (contains(value, '-') AND regexp_full_match(value, '[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}'))) ELSE regexp_full_match(value, '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])([.](25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])){3}') AND NOT regexp_matches(value, '^(0|10|127|22[4-9]|2[345][0-9])[.]|^100[.](6[4-9]|[789][0-9]|1[01][0-9]|12[0-7])[.]|^169[.]254[.]|^172[.](1[6-9]|2[0-9]|3[01])[.]|^192[.]168[.]|^192[.]0[.]0[.]|^198[.]1[89][.]') END) AND (CASE WHEN contains(value, ':') THEN regexp_replace(regexp_extract(split_part(value, '::', 1) || ':', '^([^:]+:){1,3}'), '(:0)?:$', '') || '::/48' ELSE regexp_extract(value, '^.*[.]') || '0/24' END) IS NOT NULL UNION ALL SELECT value_no, wider_kind, wider_value, least, greatest FROM wider_rest_ip

-- make identifier_numbers
SELECT (row_number() OVER (ORDER BY kind_no, value))::INTEGER AS identifier_no, * FROM (
SELECT k.kind_no, s.kind, s.value
FROM (
    SELECT kind, value FROM value_spans WHERE least < greatest AND kind NOT IN ('email_domain', 'ip_64', 'ip_prefix')
    UNION ALL
    SELECT kind, value FROM (
        SELECT kind, value, least, greatest FROM value_spans WHERE kind IN ('email_domain', 'ip_64', 'ip_prefix') UNION ALL
        SELECT wider_kind, wider_value, least, greatest FROM generalized_values)
    GROUP BY kind, value HAVING min(least) < max(greatest)
) s JOIN kinds k ON k.kind = s.kind
)

-- make value_numbers
SELECT o.value_no, i.identifier_no, i.kind_no FROM value_spans o JOIN identifier_numbers i ON i.kind = o.kind AND i.value = o.value UNION ALL SELECT w.value_no, i.identifier_no, i.kind_no FROM generalized_values w JOIN identifier_numbers i ON i.kind = w.wider_kind AND i.value = w.wider_value

-- make window_incidence
SELECT identifier_no, window_no, account_no, min(first_s) AS first_s, max(last_s) AS last_s,
       sum(n)::BIGINT AS n
FROM (
    SELECT v.identifier_no, coalesce(floor(epoch(s.seen_at) / k.window_s), 0)::INTEGER AS window_no,
           s.account_no, epoch(s.seen_at)::BIGINT AS first_s, epoch(s.seen_at)::BIGINT AS last_s, s.n
    FROM sightings s
    JOIN value_numbers v ON v.value_no = s.value_no
    JOIN kinds k ON k.kind_no = v.kind_no
    WHERE k.window_s IS NOT NULL
    UNION ALL
    SELECT v.identifier_no, 0 AS window_no, h.account_no, epoch(h.first_seen)::BIGINT,
           epoch(h.last_seen)::BIGINT, h.n
    FROM incidence h
    JOIN value_numbers v ON v.value_no = h.value_no
    JOIN kinds k ON k.kind_no = v.kind_no
    WHERE k.window_s IS NULL
)
GROUP BY identifier_no, window_no, account_no

-- make blocks
SELECT identifier_no, window_no, count(*) AS degree FROM window_incidence GROUP BY identifier_no, window_no HAVING count(*) > 1

-- make sizes
SELECT identifier_no, count(DISTINCT account_no) AS degree, min(first_s) AS first_s, max(last_s) AS last_s FROM window_incidence GROUP BY identifier_no

-- make shared_identifiers
SELECT i.identifier_no, i.kind_no, i.kind, i.value, s.degree, s.first_s, s.last_s, l.label,
       l.label_type
FROM identifier_numbers i
JOIN sizes s USING (identifier_no)
LEFT JOIN identifier_labels l ON l.kind = i.kind AND l.value = i.value

-- make account_kinds
SELECT h.account_no, k.kind_no, count(*) = 1 AS is_single
FROM incidence h JOIN observed_values v ON v.value_no = h.value_no JOIN kinds k ON k.kind = v.kind
GROUP BY h.account_no, k.kind_no

-- make kind_sizes
SELECT kind_no, count(*) AS n_accounts, count(*) FILTER (is_single) AS n_single FROM account_kinds GROUP BY kind_no

-- make networks
SELECT v.identifier_no, max(w.identifier_no) AS network_no FROM value_numbers v JOIN value_numbers w ON w.value_no = v.value_no AND w.kind_no = 6 WHERE v.kind_no IN (4, 5) GROUP BY v.identifier_no

-- rows
SELECT count(*) FROM shared_identifiers

-- rows
SELECT count(*) FROM window_incidence

-- rows
DESCRIBE shared_identifiers

-- rows
SELECT identifier_no FROM shared_identifiers GROUP BY identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(value IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(degree IS NOT NULL, false)) FROM shared_identifiers

-- rows
DESCRIBE window_incidence

-- rows
SELECT identifier_no, window_no, account_no FROM window_incidence GROUP BY identifier_no, window_no, account_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(window_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n IS NOT NULL, false)) FROM window_incidence

-- rows
DESCRIBE blocks

-- rows
SELECT identifier_no, window_no FROM blocks GROUP BY identifier_no, window_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(window_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(degree IS NOT NULL, false)) FROM blocks

-- rows
DESCRIBE kinds

-- rows
SELECT kind_no FROM kinds GROUP BY kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(facet IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(is_declared IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(p_exclusive IS NULL OR (p_exclusive >= 0 AND p_exclusive <= 1 AND isfinite(p_exclusive)), false)) FROM kinds

-- rows
DESCRIBE generalizations

-- rows
SELECT kind_no, wider_no FROM generalizations GROUP BY kind_no, wider_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(wider_no IS NOT NULL, false)) FROM generalizations

-- rows
DESCRIBE account_kinds

-- rows
SELECT account_no, kind_no FROM account_kinds GROUP BY account_no, kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(is_single IS NOT NULL, false)) FROM account_kinds

-- rows
DESCRIBE kind_sizes

-- rows
SELECT kind_no FROM kind_sizes GROUP BY kind_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(kind_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_accounts IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(n_single IS NOT NULL, false)) FROM kind_sizes

-- rows
DESCRIBE networks

-- rows
SELECT identifier_no FROM networks GROUP BY identifier_no HAVING count(*) > 1 LIMIT 1

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(identifier_no IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(network_no IS NOT NULL, false)) FROM networks

-- rows
SELECT count(*) FROM shared_identifiers

-- rows
SELECT count(*) FROM window_incidence
