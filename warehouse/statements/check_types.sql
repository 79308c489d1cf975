WITH found AS (
    SELECT column_name, data_type
    FROM duckdb_columns()
    WHERE database_name = current_database() AND schema_name = 'main' AND table_name = ${table}
),
wanted AS (
    SELECT * FROM (VALUES ${columns}) AS wanted (column_name, data_type)
)
SELECT column_name, found.data_type AS found_type, wanted.data_type AS wanted_type
FROM found
FULL JOIN wanted USING (column_name)
WHERE found.data_type IS DISTINCT FROM wanted.data_type
