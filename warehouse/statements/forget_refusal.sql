DELETE FROM main.${table} WHERE run_id IN (SELECT run_id FROM staging.run);
