-- Which edges join two features that share a significant term, and which terms are these?
-- Columns: source_layer, source_feature, source_genes, target_layer, target_feature, target_genes, g, q, shared_terms, n_source_terms, n_target_terms, n_matching
SELECT
    found.source_layer, found.source_feature, source.top_genes AS source_genes, found.target_layer, found.target_feature,
    target.top_genes AS target_genes, found.g, found.q, array_to_string(found.shared_terms[:5], '; ')
        || CASE WHEN len(found.shared_terms) > 5 THEN format('; and {} more', len(found.shared_terms) - 5) ELSE '' END
        AS shared_terms,
    found.n_source_terms, found.n_target_terms, count(*) OVER () AS n_matching
FROM edge_shared_term AS found
JOIN feature AS source ON source.run_id = found.run_id
    AND source.sae_id = found.source_sae AND source.feature = found.source_feature
JOIN feature AS target ON target.run_id = found.run_id
    AND target.sae_id = found.target_sae AND target.feature = found.target_feature
WHERE found.run_id = $run_id AND found.criterion = $criterion AND found.effect = $effect
    AND ($source_sae IS NULL OR found.source_sae = $source_sae)
ORDER BY abs(found.g) DESC, found.source_sae, found.source_feature, found.target_sae, found.target_feature
LIMIT $n_rows
