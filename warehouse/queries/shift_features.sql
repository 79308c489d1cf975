-- Which features are changed together, the best first, and what are they about?
-- Columns: sae_id, layer, feature, rank, score, ceiling, top_genes
SELECT chosen.sae_id, feature.layer, chosen.feature, chosen.rank, chosen.score, chosen.ceiling, feature.top_genes
FROM shift_feature AS chosen
JOIN feature USING (run_id, sae_id, feature)
WHERE run_id = $run_id AND chosen.sae_id = $sae_id AND chosen.selector = $selector AND chosen.arm = 'feature'
ORDER BY chosen.rank
