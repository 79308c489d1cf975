-- Do the degrees of a source layer follow a power law far out?
-- Columns: effect, criterion, sae_id, layer, what, rule, n_features, n_zero, median, largest, x_max, x_min, n_tail, alpha, alpha_low, alpha_high, distance, gof_p, curvature_z, curvature_p, power, verdict
SELECT
    tail_fit.effect, tail_fit.criterion, tail_fit.sae_id, sae.layer, tail_fit.what, tail_fit.rule, tail_fit.n_features,
    tail_fit.n_zero, tail_fit.median, tail_fit.largest, tail_fit.x_max, tail_fit.x_min, tail_fit.n_tail, tail_fit.alpha,
    tail_fit.alpha_low, tail_fit.alpha_high, tail_fit.distance, tail_fit.gof_p, tail_fit.curvature_z,
    tail_fit.curvature_p, tail_fit.power, tail_fit.verdict
FROM tail_fit
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
    AND ($source_sae IS NULL OR tail_fit.sae_id = $source_sae)
ORDER BY sae.layer, tail_fit.sae_id, tail_fit.what DESC, tail_fit.rule
