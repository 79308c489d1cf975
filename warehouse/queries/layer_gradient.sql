-- Does steering do more at later layers, and do controls as well?
-- Columns: kind, arm, multiplier, measure, scope, n_features, n_layers, rho, p, q, last_layer, last_mean, earlier_mean, p_last
SELECT
    kind, arm, multiplier, measure, scope, n_features, n_layers, rho, p, q, last_layer, last_mean, earlier_mean, p_last
FROM layer_gradient
WHERE run_id = $run_id AND readout = $readout
ORDER BY measure = 'per_dose' DESC, measure, scope DESC, multiplier DESC, kind DESC, arm
