SELECT ${columns}
FROM main.${table}
WHERE run_id IS NULL OR run_id NOT IN (SELECT run_id FROM main.run)
