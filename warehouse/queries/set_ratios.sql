-- Do the effects of each set of features add up, by raw effects and by the published ratio of effect sizes?
-- Columns: combination, design, pathway, control, target_sae, target_layer, n_members, n_targets, ratio, low, high, ratio_additive, r2, r3, n_sub, n_add, n_super, energy, energy_null, p, q
SELECT
    combination, design, pathway, control, target_sae, target_layer, n_members, n_targets, ratio, low, high, ratio_additive, r2,
    r3, n_sub, n_add, n_super, energy, energy_null, p, q
FROM combination_ratio
JOIN combination USING (run_id, combination)
WHERE run_id = $run_id AND member = 1
ORDER BY target_layer, control NULLS FIRST, design NULLS LAST, combination
