-- name: create_schema
CREATE SCHEMA IF NOT EXISTS stored;
CREATE TABLE IF NOT EXISTS stored.schema_version (sha256 VARCHAR, applied TIMESTAMP);

-- name: create_table
CREATE TABLE stored.${table} (
    ${columns}
);

-- name: add_column
ALTER TABLE stored.${table} ADD COLUMN ${column} ${type};

-- name: create_checked_step
CREATE OR REPLACE VIEW stored.checked_step AS
SELECT run_id, step_key FROM stored.run_step
UNION ALL
SELECT run_id, run_id FROM stored.run
UNION ALL
SELECT DISTINCT run_id, run_id FROM stored.refused_step ANTI JOIN stored.run USING (run_id);

-- name: create_view
CREATE OR REPLACE VIEW main.${table} AS
${rows};
COMMENT ON VIEW main.${table} IS ${meaning};

-- name: view_of_runs
SELECT ${columns}
FROM stored.${table}

-- name: view_of_steps
SELECT ${distinct}${columns}
FROM stored.${table}
JOIN (SELECT run_id, step_key FROM stored.${through}) USING (step_key)

-- name: comment_on_column
COMMENT ON COLUMN main.${table}.${column} IS ${meaning};

-- name: stored_columns
SELECT table_name, column_name, data_type
FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = 'stored' AND table_name IN (
    SELECT table_name FROM duckdb_tables() WHERE schema_name = 'stored' AND table_name <> 'schema_version'
)
ORDER BY table_name, column_index

-- name: all_tables
SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database() AND NOT internal

-- name: schema_sha
SELECT arg_max(sha256, applied) FROM stored.schema_version

-- name: record_schema
INSERT INTO stored.schema_version (sha256, applied) VALUES ($$sha256, $$applied)

-- name: all_views
SELECT view_name
FROM duckdb_views()
WHERE database_name = current_database() AND schema_name = 'main' AND NOT internal

-- name: drop_view
DROP VIEW main.${view};
