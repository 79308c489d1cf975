-- How much variance do an autoencoder and the first fifty singular vectors of its layer hold?
-- Columns: layer, svd_variance, sae_variance, gain, n_aligned, n_novel
SELECT layer, svd_variance, sae_variance, gain, n_aligned, n_novel
FROM svd_layer
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
ORDER BY layer
