-- name: count_rows
SELECT count(*) FROM ${table} WHERE run_id = $$run_id

-- name: hash_table
SELECT count(*) AS n_rows, coalesce(sum(md5_number_lower(CAST(row(${columns}) AS VARCHAR))), 0) AS digest
FROM ${table}
WHERE $$run_id IS NULL OR run_id = $$run_id

-- name: ledger_of_steps
SELECT step_key, path, sha256 FROM stored.work_unit WHERE step_key IN (SELECT unnest($$step_keys))

-- name: run_ids
SELECT run_id FROM run

-- name: quality_of_run
SELECT DISTINCT ON (table_name, check_name)
    run_id,
    step_key,
    table_name,
    check_name,
    column_name,
    expectation,
    meaning,
    success,
    observed,
    n_unexpected,
    sample_rows,
    seconds,
    checked_at
FROM quality_result
WHERE run_id = $$run_id
ORDER BY table_name, check_name, success, step_key

-- name: run_summary
WITH edges AS (
    SELECT
        coalesce(sum(degree) FILTER (effect = 'total' AND criterion = 'calibrated'), 0)::BIGINT AS total_calibrated,
        (sum(degree) FILTER (effect = 'total' AND criterion = 'specific'))::BIGINT AS total_specific,
        coalesce(sum(degree) FILTER (effect = 'total' AND criterion = 'published'), 0)::BIGINT AS total_published,
        coalesce(sum(degree) FILTER (effect = 'direct' AND criterion = 'calibrated'), 0)::BIGINT AS direct_calibrated,
        (sum(degree) FILTER (effect = 'direct' AND criterion = 'specific'))::BIGINT AS direct_specific,
        coalesce(sum(degree) FILTER (effect = 'direct' AND criterion = 'published'), 0)::BIGINT AS direct_published
    FROM feature_degree
    WHERE run_id = $$run_id AND direction = 'out'
),
audited AS (  -- a check passes if it passes on the rows of every step
    SELECT count(*) FILTER (success) AS checks_passed, count(*) AS checks
    FROM (
        SELECT table_name, check_name, bool_and(success) AS success
        FROM quality_result
        WHERE run_id = $$run_id
        GROUP BY ALL
    )
),
measured AS (
    SELECT
        coalesce(sum(n_pairs) FILTER (effect = 'total'), 0)::BIGINT AS total_effects,
        coalesce(sum(n_pairs) FILTER (effect = 'direct'), 0)::BIGINT AS direct_effects
    FROM layer_pair
    WHERE run_id = $$run_id
)
SELECT
    (SELECT count(*) FROM cell WHERE run_id = run.run_id AND chosen) AS cells,
    (SELECT count(*) FROM sae WHERE run_id = run.run_id AND described) AS saes,
    (SELECT count(*) FROM feature WHERE run_id = run.run_id AND alive) AS living_features,
    total_effects,
    total_specific,
    total_calibrated,
    total_published,
    direct_effects,
    direct_specific,
    direct_calibrated,
    direct_published,
    checks_passed,
    checks
FROM run, edges, measured, audited
WHERE run_id = $$run_id

-- name: published_size
SELECT (SELECT count(*) FROM run) AS n_runs, (SELECT coalesce(sum(estimated_size), 0) FROM duckdb_tables() WHERE schema_name = 'stored') AS n_rows

-- name: refusals
SELECT run_id, study, any_value(first_failure), list(step || '-' || step_key ORDER BY step, step_key), max(refused) AS last
FROM refused_step
GROUP BY run_id, study
ORDER BY last DESC, run_id

-- name: import_gaps
SELECT file, reason, lost
FROM import_gap
WHERE run_id = $$run_id
ORDER BY file

-- name: import_rows
SELECT table_name, sum(n_rows)::BIGINT AS n_rows
FROM work_unit
WHERE run_id = $$run_id AND n_rows > 0
GROUP BY table_name
ORDER BY table_name

-- name: parity_counts
SELECT state, count(*) AS n
FROM parity
WHERE run_id = $$run_id
GROUP BY state
ORDER BY state

-- name: count_step
SELECT count(*) FROM stored.${table} WHERE step_key = $$step_key

-- name: studies
SELECT run_id, study FROM stored.run
UNION
SELECT run_id, study FROM stored.refused_step

-- name: stored_steps
SELECT DISTINCT step, step_key, step_key IN (SELECT step_key FROM stored.run_step) AS used
FROM stored.work_unit
ORDER BY step, step_key

-- name: rule_of_run
SELECT rule_of($$run_id)

-- name: runs_in_view
-- The runs that a worked question sees: the chosen one, and those of the other kind.
CREATE OR REPLACE TEMP TABLE run AS
SELECT *
FROM main.run
WHERE run_id = $$run_id OR imported <> (SELECT imported FROM main.run WHERE run_id = $$run_id)
