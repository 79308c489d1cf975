-- Are effects of the same sources as large, and of one sign, in another study?
-- Columns: other, criterion, target_layer, n_sources, n_first, n_second, n_both, jaccard, jaccard_chance, sign_agreement, sign_chance, r, r_se, r_chance
SELECT
    found.second AS other, found.criterion, target.layer AS target_layer, found.n_sources, found.n_first, found.n_second,
    found.n_both, found.jaccard, found.jaccard_chance, found.sign_agreement, found.sign_chance, found.r, found.r_se,
    found.r_chance
FROM run_pair_stability AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae AND found.kind = 'study'
ORDER BY other, found.criterion = 'tested', found.criterion, target_layer, found.target_sae
