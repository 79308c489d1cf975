-- How many features of each autoencoder of a layer has each other one as well?
-- Columns: sae_id, other_sae, n_living, mean_cosine, chance_cosine, matched_fraction
SELECT sae_id, other_sae, n_living, mean_cosine, chance_cosine, matched_fraction
FROM sae_overlap
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id AND layer = $layer
ORDER BY sae_id, other_sae
