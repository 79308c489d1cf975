SELECT * FROM main.${table} WHERE run_id = ${run_id}
