-- How does a metric of the benchmark change with the number of features that are changed?
-- Columns: sae_id, layer, embedding, setting, selector, arm, draw, mode, value, n_features, metric, score, low, high, change, change_low, change_high, reason
SELECT
    own.sae_id, sae.layer, own.embedding, own.setting, setting.selector, setting.arm, setting.draw, setting.mode,
    setting.value, setting.n_features, own.metric, own.value AS score, own.low, own.high, own.change, own.change_low,
    own.change_high, own.reason
FROM integration_metric AS own
JOIN shift_setting AS setting USING (run_id, sae_id, setting)
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id AND ($metric IS NULL OR own.metric = $metric)
ORDER BY sae.layer, own.sae_id, own.embedding, setting.place, own.metric
