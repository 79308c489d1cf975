-- Are the edges found again in another study's cells, and how many by chance?
-- Columns: effect, criterion, other, target_layer, n_sources, n_own, n_other, n_both, jaccard, jaccard_chance, ceiling, ceiling_there, rho, rho_given_frequency, p
SELECT
    found.effect, found.criterion, found.other, target.layer AS target_layer, found.n_sources, found.n_own, found.n_other,
    found.n_both, found.jaccard, found.jaccard_chance, found.ceiling, found.ceiling_there, found.rho,
    found.rho_given_frequency, found.p
FROM transfer_edge AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY found.other, target_layer, found.target_sae
