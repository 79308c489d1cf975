-- Which tables and views can be queried, and what do their columns mean?
-- Columns: table_name, table_comment, column_name, data_type, column_comment
WITH relations AS (
    SELECT view_name AS name, comment FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
)
SELECT
    relations.name AS table_name,
    coalesce(relations.comment, '') AS table_comment,
    cols.column_name,
    cols.data_type,
    coalesce(cols.comment, '') AS column_comment
FROM relations
JOIN duckdb_columns() AS cols ON cols.schema_name = 'main' AND cols.table_name = relations.name
ORDER BY relations.name, cols.column_index
