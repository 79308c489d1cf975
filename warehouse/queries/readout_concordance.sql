-- Do two read-outs agree on which features steer cells?
-- Columns: multiplier, scope, readout, other_readout, n_features, rho, p, sign_agreement
SELECT multiplier, scope, readout, other_readout, n_features, rho, p, sign_agreement
FROM readout_concordance
WHERE run_id = $run_id
ORDER BY multiplier, scope <> 'all', scope, readout, other_readout
