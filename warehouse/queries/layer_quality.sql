-- How good is each layer's autoencoder on held-out cells?
-- Columns: sae_id, layer, variant, n_features, k, variance_explained, dead_fraction, loss_recovered, embedding_recovered, l0
SELECT
    sae_id, layer, variant, n_features, k, 1 - fvu AS variance_explained, dead_fraction, loss_recovered,
    embedding_recovered, l0
FROM sae
WHERE run_id = $run_id AND described
ORDER BY layer, sae_id
