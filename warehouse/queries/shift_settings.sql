-- What was done to cells whose embeddings are kept?
-- Columns: sae_id, layer, setting, selector, arm, draw, mode, value, n_features, frequency, activation, norm
SELECT
    setting.sae_id, sae.layer, setting.setting, setting.selector, setting.arm, setting.draw, setting.mode, setting.value,
    setting.n_features, setting.frequency, setting.activation, setting.norm
FROM shift_setting AS setting
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
ORDER BY sae.layer, setting.sae_id, setting.place
