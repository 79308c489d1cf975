-- Published atlas: how much more of a layer's variance do the features rebuild than as many singular vectors?
WITH newest AS (
    SELECT run_id FROM run WHERE imported ORDER BY finished DESC LIMIT 1
)
SELECT layer, round(svd_variance, 3) AS svd_variance, round(sae_variance, 3) AS sae_variance, gain, n_aligned, n_novel
FROM svd_layer
JOIN newest USING (run_id)
JOIN sae USING (run_id, sae_id)
ORDER BY layer
