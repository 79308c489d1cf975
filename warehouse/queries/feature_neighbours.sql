-- Which features of the same autoencoder point in nearly the same direction?
-- Columns: rank, sae_id, feature, cosine, top_genes, label, frequency, name
SELECT near.rank, near.sae_id, near.neighbour AS feature, near.cosine, other.top_genes, other.label, other.frequency,
    coalesce(other.name, other.label) AS name
FROM feature_neighbour AS near
JOIN feature AS other
    ON other.run_id = near.run_id AND other.sae_id = near.sae_id AND other.feature = near.neighbour
WHERE near.run_id = $run_id AND near.sae_id = $sae_id AND near.feature = $feature::UINTEGER
ORDER BY near.rank
