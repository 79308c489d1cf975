SELECT count(*) AS n_rows, coalesce(sum(md5_number_lower(CAST(row(${columns}) AS VARCHAR))), 0) AS digest
FROM ${table}
WHERE $$run_id IS NULL OR run_id = $$run_id
