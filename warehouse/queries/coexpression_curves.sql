-- How large are effects where the genes of both features are co-expressed so much?
-- Columns: target_layer, rule, low, n_pairs, coexpression, mean_abs_g, sd
SELECT
    target.layer AS target_layer, found.rule, found.low, found.n_pairs, found.coexpression, found.mean_abs_g, found.sd
FROM edge_coexpression AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY target_layer, found.target_sae, list_position(['partial', 'disjoint', 'edges'], found.rule), found.low
