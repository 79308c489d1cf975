-- Which features of two layers fire together most strongly, and how often would they by chance? With a feature, its links; with two layers, theirs.
-- Columns: source_sae, source_layer, source_feature, source_genes, source_label, target_sae, target_layer, target_feature, target_genes, target_label, n_together, expected, z, q, pmi, rule
SELECT
    source_sae, source.layer AS source_layer, source_feature, source.top_genes AS source_genes,
    source.label AS source_label,
    target_sae, target.layer AS target_layer, target_feature, target.top_genes AS target_genes,
    target.label AS target_label, n_both AS n_together, expected, z, q, pmi, rule
FROM cross_layer_link AS link
JOIN feature AS source
    ON source.run_id = link.run_id AND source.sae_id = source_sae AND source.feature = source_feature
JOIN feature AS target
    ON target.run_id = link.run_id AND target.sae_id = target_sae AND target.feature = target_feature
WHERE link.run_id = $run_id
    AND ($sae_id IS NULL OR (source_sae, source_feature) = ($sae_id, $feature)
        OR (target_sae, target_feature) = ($sae_id, $feature))
    AND ($source_layer IS NULL OR (source.layer, target.layer) = ($source_layer, $target_layer))
ORDER BY CASE WHEN q IS NULL THEN pmi ELSE z END DESC, source_sae, source_feature, target_sae, rank
LIMIT $n_rows
