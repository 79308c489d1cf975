-- Which features of a layer answer which perturbation, by test or by the published rule?
-- Columns: line, perturbation, rule, sae_id, layer, feature, auroc, p, q, n_firings, effect, top_genes, label
SELECT
    line, perturbation, rule, answer.sae_id, layer, answer.feature, auroc, p, q, n_firings, effect, top_genes, label
FROM feature_answer AS answer
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND sae_id = $sae_id
ORDER BY rule, p NULLS LAST, abs(effect) DESC, line, perturbation, feature
LIMIT $n_rows
