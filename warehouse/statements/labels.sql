-- name: known_saes
SELECT sae.sae_id || '@' || coalesce(left(sae.sha256, 16), run_id) AS sae_key, sae.sae_id, sae.layer, sae.n_features, run_id
FROM sae
JOIN run USING (run_id)
ORDER BY run.finished DESC, run_id, sae.layer, sae.sae_id
