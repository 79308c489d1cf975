-- Do edges repeat in the other half of the cells, and do those of other sources as much?
-- Columns: effect, criterion, target_layer, n_sources, n_first, n_second, n_both, jaccard, jaccard_chance, sign_agreement, sign_chance, r, r_chance
SELECT
    found.effect, found.criterion, target.layer AS target_layer, found.n_sources, found.n_first, found.n_second,
    found.n_both, found.jaccard, found.jaccard_chance, found.sign_agreement, found.sign_chance, found.r, found.r_chance
FROM split_half AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY
    list_position(['specific', 'calibrated', 'published', 'published_capped', 'tested'], found.criterion),
    target_layer, found.target_sae
