-- What did taking one feature out do to hidden genes, and what did its controls do?
-- Columns: target_kind, treatment, matched_feature, n_cells, target_effect, other_effect, difference, sd, per_unit, kl, p, p_direction
SELECT
    target_kind, treatment, matched_feature, n_cells, target_effect, other_effect, difference, sd, per_unit, kl, p,
    p_direction
FROM (
    SELECT *, 'this feature' AS treatment, NULL::UINTEGER AS matched_feature FROM causal_patch WHERE rule = 'paired'
    UNION ALL BY NAME
    SELECT *, control AS treatment FROM patch_control
)
WHERE run_id = $run_id AND sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY target_kind, treatment <> 'this feature', treatment
