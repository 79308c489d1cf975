-- Which read-outs were steered, and how well does each tell early from late cells that it did not learn from?
-- Columns: readout, metric, value, sd, null_mean, null_high, unit, n_folds, n_cells, n_early, n_late
SELECT readout, metric, value, sd, null_mean, null_high, unit, n_folds, n_cells, n_early, n_late
FROM (SELECT DISTINCT readout FROM steering_summary WHERE run_id = $run_id)
LEFT JOIN (SELECT * FROM probe WHERE run_id = $run_id) USING (readout)
ORDER BY list_position(['pseudotime', 'probability', 'signature_centred', 'signature', 'marker'], readout) NULLS LAST, readout
