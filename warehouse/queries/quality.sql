-- What did every expectation see? NULL takes every table.
-- Columns: table_name, check_name, step, layer, column_name, expectation, meaning, success, observed, n_unexpected, sample_rows, seconds
SELECT
    table_name,
    check_name,
    run_step.step,
    run_step.layer,
    column_name,
    expectation,
    meaning,
    success,
    observed,
    n_unexpected,
    sample_rows,
    seconds
FROM quality_result
LEFT JOIN run_step USING (run_id, step_key)
WHERE run_id = $run_id
    AND (NOT $failed_only OR NOT success)
    AND ($table_name IS NULL OR table_name = $table_name)
ORDER BY success, table_name, check_name, step, layer
