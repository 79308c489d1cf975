-- Published atlas: which patched features change their own genes' predictions most, compared with other genes'?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, patch.feature, round(specificity, 2) AS specificity, target_effect, other_effect, top_genes, patch.label
FROM causal_patch AS patch
JOIN newest USING (run_id)
JOIN feature USING (run_id, sae_id, feature)
ORDER BY specificity DESC, patch.feature
LIMIT 20
