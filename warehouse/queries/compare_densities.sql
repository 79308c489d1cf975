-- How many features of each autoencoder of a layer fire how often? Bin edges are powers of ten.
-- Columns: sae_id, bin, low, high, n_features
SELECT sae_id, bin, low, high, density.n_features
FROM sae_density AS density
JOIN sae USING (run_id, sae_id)
WHERE density.run_id = $run_id AND layer = $layer
ORDER BY NOT described, sae_id, bin
