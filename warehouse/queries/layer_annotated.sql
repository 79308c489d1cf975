-- How many features of an autoencoder have gene sets?
-- Columns: n_features
SELECT count(DISTINCT feature) AS n_features
FROM annotation
WHERE run_id = $run_id AND sae_id = $sae_id
