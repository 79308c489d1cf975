SELECT count(*)
FROM ${table} AS before
JOIN ${table} AS after ON after.rowid = before.rowid + 1
WHERE before.rowid IN (SELECT unnest($$ends)) AND row(${before}) > row(${after})
