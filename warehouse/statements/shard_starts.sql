SELECT
    file_name,
    path_in_schema,
    min(coalesce(stats_min_value, stats_min)) AS lowest_text,
    min(TRY_CAST(coalesce(stats_min_value, stats_min) AS BIGINT)) AS lowest_number
FROM parquet_metadata($$paths)
GROUP BY ALL
