-- By which keys do people's labels name the run's autoencoders?
-- Columns: sae_id, layer, n_features, sae_key
SELECT sae_id, layer, n_features, sae_id || '@' || coalesce(left(sha256, 16), run_id) AS sae_key
FROM sae
WHERE run_id = $run_id
ORDER BY layer, described DESC, sae_id
