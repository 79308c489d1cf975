-- What does steering each feature of the panel do to one read-out, beside what controls in its place do?
-- Columns: sae_id, layer, feature, kind, rank, d, arm, multiplier, n_cells, mean, sd, fraction_positive, mean_dose, per_dose, degenerate, p_cells, q_published, q_cells, p, q, top_genes
SELECT
    summary.sae_id, summary.layer, summary.feature, summary.kind, panel.rank, panel.d, summary.arm, summary.multiplier,
    summary.n_cells, summary.mean, summary.sd, summary.fraction_positive, summary.mean_dose, summary.per_dose,
    summary.degenerate, summary.p_cells, summary.q_published, summary.q_cells, summary.p, summary.q, top_genes
FROM steering_summary AS summary
JOIN steering_feature AS panel USING (run_id, sae_id, feature)
LEFT JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND summary.readout = $readout
ORDER BY summary.layer, panel.kind DESC, panel.rank, summary.arm, summary.multiplier
