-- rows
DESCRIBE accounts

-- make marked_accounts
SELECT * FROM (
    SELECT 'own_domain' AS mark, h.account_no, i.value, i.degree
    FROM (SELECT DISTINCT w.account_no, w.identifier_no FROM window_incidence w
          JOIN (SELECT identifier_no FROM shared_identifiers WHERE kind IN ('email_domain')) s
               ON s.identifier_no = w.identifier_no) h
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    UNION ALL
    SELECT 'own_domain', a.account_no, NULL, NULL
    FROM account_kinds a JOIN evidence_kinds k ON k.kind_no = a.kind_no
    WHERE k.kind IN ('email_domain', 'email')
) UNION ALL SELECT * FROM (
    SELECT 'one_billing_parent' AS mark, h.account_no, i.value, i.degree
    FROM (SELECT DISTINCT w.account_no, w.identifier_no FROM window_incidence w
          JOIN (SELECT identifier_no FROM shared_identifiers WHERE kind IN ('billing_parent', 'organisation', 'organization')) s
               ON s.identifier_no = w.identifier_no) h
    JOIN shared_identifiers i ON i.identifier_no = h.identifier_no
    UNION ALL
    SELECT 'one_billing_parent', a.account_no, NULL, NULL
    FROM account_kinds a JOIN evidence_kinds k ON k.kind_no = a.kind_no
    WHERE k.kind IN ('billing_parent', 'organisation', 'organization')
)

-- rows
SELECT count(DISTINCT account_no) FROM marked_accounts

-- rows
DESCRIBE marked_accounts

-- rows
SELECT count(*) FILTER (WHERE NOT coalesce(mark IS NOT NULL, false)), count(*) FILTER (WHERE NOT coalesce(account_no IS NOT NULL, false)) FROM marked_accounts

-- rows
SELECT count(*) FROM marked_accounts
