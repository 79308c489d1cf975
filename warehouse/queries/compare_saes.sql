-- Which autoencoders has a run, what are they, and how good are they on held-out cells?
-- Columns: sae_id, layer, variant, n_features, k, sparsity, seed, described, l0, fvu, dead_fraction, loss_recovered, embedding_recovered, dense_fraction, cosine, n_steps
SELECT
    sae_id, layer, variant, n_features, k, sparsity, seed, described, l0, fvu, dead_fraction, loss_recovered,
    embedding_recovered, dense_fraction, cosine, n_steps
FROM sae
WHERE run_id = $run_id
ORDER BY layer, NOT described, variant, n_features, l0, sae_id
