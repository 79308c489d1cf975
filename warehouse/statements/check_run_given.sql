SELECT ${columns}
FROM main.${table}
WHERE run_id IS NULL
