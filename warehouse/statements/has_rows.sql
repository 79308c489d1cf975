SELECT run_id FROM main.${table} WHERE run_id = $$run_id LIMIT 1
