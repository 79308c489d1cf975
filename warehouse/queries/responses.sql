-- Which features answered to a gene that was switched off in real cells, and how often do they fire?
-- Columns: sae_id, layer, feature, effect, fire_count, tier, top_genes, label
SELECT
    sae_id, layer, response.feature, effect, fire_count, tier, top_genes, coalesce(response.label, feature.label) AS label
FROM perturbation_feature AS response
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND gene = $gene
ORDER BY rank
