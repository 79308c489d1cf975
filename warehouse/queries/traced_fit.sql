-- How much of the traced cells do the autoencoders explain, and how much of held-out cells?
-- Columns: layer, sae_id, positions, n_cells, n_positions, explained, heldout
SELECT
    traced_fit.layer, traced_fit.sae_id, traced_fit.positions, traced_fit.n_cells, traced_fit.n_positions,
    traced_fit.explained, CASE WHEN sae.n_heldout_positions > 0 THEN 1 - sae.fvu END AS heldout
FROM traced_fit
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id AND traced_fit.source_sae = $source_sae
ORDER BY traced_fit.layer, traced_fit.sae_id, traced_fit.positions
