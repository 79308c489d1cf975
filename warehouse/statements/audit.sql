-- name: rows_of_run
SELECT * FROM stored.${table} WHERE run_id = ${run_id}

-- name: rows_of_steps
SELECT ${run_id} AS run_id, * FROM stored.${table} WHERE step_key IN (${step_keys})

-- name: rows_of_all_steps
SELECT ${run_id} AS run_id, * FROM stored.${table}

-- name: distinct_rows
SELECT DISTINCT * EXCLUDE step_key FROM (${rows})

-- name: other_table
,
${table} AS NOT MATERIALIZED (${rows})

-- name: rows_that_break
WITH batch AS NOT MATERIALIZED (${rows})${others}
SELECT * FROM (
${query}
)

-- name: rows_with_values
SELECT * FROM (${rows}) AS batch WHERE ${condition}

-- name: unexpected_rows
WITH asset AS NOT MATERIALIZED (SELECT 1 FROM {batch})
SELECT * FROM (
${query}
)

-- name: count_broken
SELECT ${check} AS check_name, count(*) AS n_rows
FROM (
${query}
)

-- name: count_broken_values
count(*) FILTER (WHERE ${condition})

-- name: count_all_broken_values
SELECT unnest([${checks}]) AS check_name, unnest([${counts}]) AS n_rows
FROM (${rows}) AS batch

-- name: steps_that_break
SELECT DISTINCT step_key FROM (
${query}
)

-- name: audited_runs
SELECT run_id FROM stored.run
UNION
SELECT run_id FROM stored.refused_step
ORDER BY run_id

-- name: steps_of_run
SELECT step_key, step FROM stored.run_step WHERE run_id = $$run_id

-- name: steps_of_runs
SELECT run_id, list(step_key) FROM stored.run_step GROUP BY run_id ORDER BY run_id

-- name: tables_of_steps
SELECT step_key, list(DISTINCT table_name) FILTER (table_name IS NOT NULL) FROM stored.work_unit GROUP BY step_key

-- name: rows_by_step
SELECT step_key, count(*) FROM stored.${table} GROUP BY step_key

-- name: rows_by_run
SELECT run_id, count(*) FROM stored.${table} GROUP BY run_id

-- name: check_finite
SELECT * FROM batch WHERE ${condition}

-- name: check_key
WITH suspect AS MATERIALIZED (
    SELECT *
    FROM (
        SELECT
            ${columns},
            lag(row(${columns})) OVER () AS row_before,
            row_before[1] IS DISTINCT FROM step_key AS is_first
        FROM stored.${table}
    )
    WHERE step_key IN (${step_keys}) AND (is_first OR row(${columns}) <= row_before)
)
SELECT *
FROM suspect
QUALIFY NOT is_first OR count(*) FILTER (is_first) OVER (PARTITION BY step_key) > 1

-- name: check_own_rows
SELECT *
FROM batch
WHERE ${condition} AND step_key NOT IN (${imported})

-- name: check_reference
SELECT batch.*
FROM batch
ANTI JOIN ${table} AS referred ON ${same}
WHERE ${given}

-- name: check_reference_again
SELECT batch.*
FROM batch
SEMI JOIN (
    SELECT earlier.*
    FROM (${rows}) AS earlier
    ANTI JOIN ${table} AS referred ON ${kept}
) AS lost ON ${lost}

-- name: check_own_rows_of_run
SELECT * FROM batch WHERE ${condition} AND NOT batch.imported

-- name: check_row_count
WITH loaded AS (
    SELECT step_key, count(*) AS n_loaded FROM batch GROUP BY step_key
),
promised AS (
    SELECT step_key, sum(n_rows) AS n_promised
    FROM work_unit
    WHERE table_name = ${table} AND step_key IN (${step_keys})
    GROUP BY step_key
)
SELECT step_key, n_loaded, n_promised
FROM loaded
FULL JOIN promised USING (step_key)
WHERE coalesce(n_loaded, 0) <> coalesce(n_promised, 0)

-- name: check_step
SELECT ${columns}
FROM stored.${table}
WHERE step_key IS NULL OR step_key NOT IN (SELECT step_key FROM stored.${through})

-- name: check_run
SELECT ${columns}
FROM stored.${table}
WHERE run_id IS NULL OR run_id NOT IN (SELECT run_id FROM stored.run)

-- name: check_run_given
SELECT ${columns}
FROM stored.${table}
WHERE run_id IS NULL

-- name: check_types
WITH found AS (
    SELECT name AS column_name, type AS data_type FROM pragma_table_info(${table})
),
wanted AS (
    SELECT * FROM (VALUES ${columns}) AS wanted (column_name, data_type)
)
SELECT column_name, found.data_type AS found_type, wanted.data_type AS wanted_type
FROM found
FULL JOIN wanted USING (column_name)
WHERE found.data_type IS DISTINCT FROM wanted.data_type

-- name: check_unique_among_steps
WITH met AS MATERIALIZED (
    SELECT ${leading} FROM batch GROUP BY ALL HAVING min(step_key) <> max(step_key)
)
SELECT ${columns}, count(*) AS n_rows
FROM batch
SEMI JOIN met USING (${leading})
GROUP BY ALL
HAVING count(*) > 1

-- name: check_unique
SELECT ${columns}, count(*) AS n_rows
FROM batch
GROUP BY ALL
HAVING count(*) > 1
