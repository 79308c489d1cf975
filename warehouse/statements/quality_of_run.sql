SELECT
    run_id,
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
ORDER BY table_name, check_name
