-- How did the autoencoders of all layers train?
-- Columns: layer, sae_id, metric, split, step, value
SELECT sae.layer, sae_id, curve.metric, curve.split, curve.step, curve.value
FROM sae_metric AS curve
JOIN sae USING (run_id, sae_id)
WHERE curve.run_id = $run_id AND described
ORDER BY curve.metric, sae.layer, sae_id, curve.split, curve.step
