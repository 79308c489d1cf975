-- name: stage_step
INSERT INTO stored.${table} BY NAME
SELECT $$step_key AS step_key, *
FROM read_parquet($$paths, hive_partitioning = false, union_by_name = true)
ORDER BY ${key};

-- name: stage_steps
INSERT INTO stored.${table} BY NAME
SELECT made.step_key, shard.* EXCLUDE filename
FROM read_parquet($$paths, hive_partitioning = false, union_by_name = true, filename = true) AS shard
JOIN (SELECT unnest($$files) AS filename, unnest($$step_keys) AS step_key) AS made USING (filename)
ORDER BY ${key};

-- name: stage_rows
INSERT INTO stored.${table} (${columns}) SELECT ${values};

-- name: last_row
SELECT coalesce(max(rowid), -1) FROM stored.${table}

-- name: misplaced_rows
SELECT count(*)
FROM stored.${table} AS before
JOIN stored.${table} AS after ON after.rowid = before.rowid + 1
WHERE before.rowid IN (SELECT unnest($$ends)) AND row(${before}) > row(${after})

-- name: shard_bounds
SELECT
    file_name,
    path_in_schema,
    min(coalesce(stats_min_value, stats_min)) AS lowest_text,
    max(coalesce(stats_max_value, stats_max)) AS highest_text,
    min(TRY_CAST(coalesce(stats_min_value, stats_min) AS BIGINT)) AS lowest_number
FROM parquet_metadata($$paths)
WHERE path_in_schema IN (SELECT unnest($$columns))
GROUP BY ALL

-- name: shard_columns
SELECT column_name, column_type
FROM (DESCRIBE SELECT * FROM read_parquet($$paths, hive_partitioning = false))

-- name: memory_limit
SET memory_limit = ${size}

-- name: plain_compression
SET disabled_compression_methods = 'fsst,zstd,chimp,patas,roaring,alp,alprd'

-- name: any_compression
RESET disabled_compression_methods

-- name: fill_derived
INSERT INTO stored.${table} BY NAME
SELECT * FROM (
${query}
)
ORDER BY ${key}

-- name: compared_pairs
SELECT source_sae, source_layer, target_sae, target_layer
FROM stored.layer_pair
WHERE step_key = $$step_key
GROUP BY ALL
HAVING count(*) = 2
ORDER BY ALL

-- name: delete_run
DELETE FROM stored.${table} WHERE run_id = $$run_id

-- name: delete_step
DELETE FROM stored.${table} WHERE step_key = $$step_key

-- name: attach_old
ATTACH ${path} AS old (READ_ONLY)

-- name: detach_old
DETACH old

-- name: copy_rows
INSERT INTO stored.${table} BY NAME
SELECT * FROM old.stored.${table} WHERE ${owner} NOT IN (SELECT unnest($$gone))
