-- Which features have most edges for how often they fire?
-- Columns: sae_id, layer, rank, feature, degree, frequency, residual, annotated, top_genes, label
SELECT
    hub.sae_id, feature.layer, hub.rank, hub.feature, hub.degree, hub.frequency, hub.residual, hub.annotated,
    feature.top_genes, feature.label
FROM residual_hub AS hub
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id
    AND sae_id = $sae_id
ORDER BY hub.rank
