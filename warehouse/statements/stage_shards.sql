INSERT INTO ${table} BY NAME
SELECT $$run_id AS run_id, *
FROM read_parquet($$paths)
ORDER BY ${key};
