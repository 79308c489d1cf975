-- How much variance does an autoencoder rebuild, and how much do singular vectors, or principal axes, of its layer?
-- Columns: layer, svd_variance, sae_variance, gain, n_aligned, n_novel, n_active, pca_equal_l0, pca_best, neurons_best, rank_equal_variance, rank_equal_parameters, pca_equal_parameters, rank_tested, share_mean, share_expected, share_matched, n_significant, n_matched
SELECT
    layer, svd_variance, sae_variance, gain, n_aligned, n_novel, n_active, pca_equal_l0, pca_best, neurons_best,
    rank_equal_variance, rank_equal_parameters, pca_equal_parameters, rank_tested, share_mean, share_expected,
    share_matched, n_significant, n_matched
FROM svd_layer
JOIN sae USING (run_id, sae_id)
WHERE run_id = $run_id
ORDER BY layer
