-- Which macros, functions and words of the language can the editor complete?
-- Columns: kind, word, detail
WITH callable AS (
    SELECT function_name, function_type, parameters, internal, starts_with(function_type, 'table') AS gives_rows
    FROM duckdb_functions()
    WHERE regexp_full_match(function_name, '[a-z][a-z0-9_]*') AND function_type <> 'pragma'
)
SELECT 'macro' AS kind, function_name AS word, any_value(concat('(', array_to_string(parameters, ', '), ')')) AS detail
FROM callable
WHERE NOT internal
GROUP BY function_name
UNION ALL
SELECT 'function', function_name, any_value(function_type)
FROM callable
WHERE internal AND function_type IN ('aggregate', 'scalar')
GROUP BY function_name
UNION ALL
SELECT 'keyword', upper(keyword_name), ''
FROM duckdb_keywords()
WHERE
    keyword_category IN ('reserved', 'type_function')
    OR keyword_name IN ('by', 'over', 'partition', 'recursive', 'values', 'exclude', 'replace', 'filter', 'nulls', 'first', 'last')
ORDER BY kind, word
