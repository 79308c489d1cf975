-- Which features of the other autoencoders of the layer, such as those of other seeds, have a feature's direction?
-- Columns: variant, n_features, k, seed, other_sae, other_feature, cosine, chance_cosine, mutual
SELECT other.variant, other.n_features, other.k, other.seed, other_sae, other_feature, feature_twin.cosine AS cosine,
    chance_cosine, mutual
FROM feature_twin
JOIN sae AS other ON other.run_id = feature_twin.run_id AND other.sae_id = other_sae
WHERE feature_twin.run_id = $run_id AND feature_twin.sae_id = $sae_id AND feature = $feature::UINTEGER
ORDER BY feature_twin.cosine DESC, other_sae
