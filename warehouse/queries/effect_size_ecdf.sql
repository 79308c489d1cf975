-- What share of all tested pairs has an effect larger than so much, and what share under sign flips?
-- Columns: effect, target_layer, d_min, n_tested, n_above, share, null_share
SELECT found.effect, target.layer AS target_layer, found.d_min, found.n_tested, found.n_above, found.share, found.null_share
FROM effect_size_ecdf AS found
JOIN sae AS target ON target.run_id = found.run_id AND target.sae_id = found.target_sae
WHERE found.run_id = $run_id AND found.source_sae = $source_sae
ORDER BY target_layer, found.target_sae, found.d_min
