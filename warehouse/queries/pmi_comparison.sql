-- Are features that fire together the ones that act on each other? Links beside causal edges, with what chance gives.
-- Columns: source_layer, target_layer, criterion, effect, n_links, n_edges, n_overlap, expected_overlap, n_edge_targets, n_target_overlap, expected, p
SELECT
    source.layer AS source_layer, target.layer AS target_layer, criterion, effect, n_links, n_edges, n_overlap,
    expected_overlap, n_edge_targets, n_target_overlap, expected, p
FROM pmi_comparison
JOIN sae AS source ON source.run_id = pmi_comparison.run_id AND source.sae_id = source_sae
JOIN sae AS target ON target.run_id = pmi_comparison.run_id AND target.sae_id = target_sae
WHERE pmi_comparison.run_id = $run_id
ORDER BY source.layer, target.layer, criterion, effect
