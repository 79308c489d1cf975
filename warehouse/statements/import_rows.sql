SELECT table_name, sum(n_rows)::BIGINT AS n_rows
FROM work_unit
WHERE run_id = $$run_id AND n_rows > 0
GROUP BY table_name
ORDER BY table_name
