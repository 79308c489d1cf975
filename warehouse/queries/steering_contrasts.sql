-- Do features that rise or fall along the trajectory move cells otherwise than each other, and than controls?
-- Columns: layer, contrast, multiplier, n_first, n_second, mean_first, mean_second, fraction_first, fraction_second, p, q, degenerate
SELECT
    layer, contrast, multiplier, n_first, n_second, mean_first, mean_second, fraction_first, fraction_second, p, q,
    degenerate
FROM steering_contrast
WHERE run_id = $run_id AND readout = $readout
ORDER BY layer, multiplier, list_position(['on_off'], contrast) NULLS LAST, contrast
