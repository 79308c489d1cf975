-- Which steps is the run made of, in what order, and how many other published runs share each of them?
-- Columns: step, title, layer, step_key, n_other_runs
SELECT
    run_step.step,
    run_analysis.title,
    run_step.layer,
    run_step.step_key,
    (
        SELECT count(*)
        FROM run_step AS other
        WHERE other.step_key = run_step.step_key AND other.run_id <> run_step.run_id
    ) AS n_other_runs
FROM run_step
LEFT JOIN run_analysis USING (run_id, step)
WHERE run_step.run_id = $run_id
ORDER BY run_step.place
