-- How far do effects of the same sources agree in two draws of cells, by size of the draws and by cell type?
-- Columns: kind, n_cells, criterion, target_layer, first, second, n_sources, n_both, jaccard, jaccard_chance, sign_agreement, sign_chance, r, r_se, r_chance
SELECT
    found.kind, found.n_cells, found.criterion, target.layer AS target_layer, found.first, found.second, found.n_sources,
    found.n_both, found.jaccard, found.jaccard_chance, found.sign_agreement, found.sign_chance, found.r, found.r_se,
    found.r_chance
FROM run_pair_stability AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae AND found.kind <> 'study'
ORDER BY
    found.kind, found.n_cells,
    list_position(['calibrated', 'published', 'published_capped', 'tested'], found.criterion), target_layer,
    found.target_sae, found.first, found.second
