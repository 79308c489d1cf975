-- What share of edges joins features that share a term, and what share does by chance, by pair of layers and null?
-- Columns: effect, criterion, source_layer, target_layer, rule, n_edges, n_pairs, n_shared, share, null_mean, null_sd, fold, p, q, n_bins, movable, share_identical, n_null
SELECT
    coherence.effect, coherence.criterion, source.layer AS source_layer, target.layer AS target_layer, coherence.rule,
    coherence.n_edges, coherence.n_pairs, coherence.n_shared, coherence.share, coherence.null_mean, coherence.null_sd,
    coherence.fold, coherence.p, coherence.q, coherence.n_bins, coherence.movable, coherence.share_identical,
    coherence.n_null
FROM coherence
JOIN sae AS source ON source.run_id = coherence.run_id AND source.sae_id = coherence.source_sae
JOIN sae AS target ON target.run_id = coherence.run_id AND target.sae_id = coherence.target_sae
WHERE coherence.run_id = $run_id
    AND ($source_sae IS NULL OR coherence.source_sae = $source_sae)
ORDER BY
    source_layer, target_layer, list_position(['matched', 'unmatched', 'published', 'shuffled'], coherence.rule),
    coherence.source_sae, coherence.target_sae
