-- Have the sources of this study other edges than those of another one of the same autoencoders?
-- Columns: other, target_layer, statistic, own, own_low, own_high, theirs, theirs_low, theirs_high, p, n_own, n_theirs, n_both, same_cells
SELECT
    found.other, target.layer AS target_layer, found.statistic, found.own, found.own_low, found.own_high, found.theirs,
    found.theirs_low, found.theirs_high, found.p, found.n_own, found.n_theirs, found.n_both, found.same_cells
FROM source_contrast AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY
    found.other, target_layer, found.target_sae,
    list_position(
        ['n_edges', 'mean_abs_g', 'above_1', 'share_negative', 'shared_term', 'frequency'], found.statistic
    )
