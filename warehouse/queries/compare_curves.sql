-- How did all autoencoders of a layer train, described or not?
-- Columns: sae_id, metric, split, step, value
SELECT sae_id, curve.metric, curve.split, curve.step, curve.value
FROM sae_metric AS curve
JOIN sae USING (run_id, sae_id)
WHERE curve.run_id = $run_id AND layer = $layer
ORDER BY curve.metric, NOT described, sae_id, curve.split, curve.step
