SELECT
    file_name,
    path_in_schema,
    min(coalesce(stats_min_value, stats_min)) AS lowest_text,
    max(coalesce(stats_max_value, stats_max)) AS highest_text,
    min(TRY_CAST(coalesce(stats_min_value, stats_min) AS BIGINT)) AS lowest_number
FROM parquet_metadata($$paths)
WHERE path_in_schema IN (SELECT unnest($$columns))
GROUP BY ALL
