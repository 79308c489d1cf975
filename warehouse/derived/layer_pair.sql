-- What was measured from each autoencoder to each later one, in sums that need no further look at single pairs.
-- Integers are added (units of 2^-40), since a sum of fractions depends on the order in which threads add them.
SELECT
    step_key,
    effect,
    source_sae,
    source_layer,
    target_sae,
    target_layer,
    count(*) AS n_pairs,
    count(DISTINCT source_feature)::UINTEGER AS n_sources,
    count(DISTINCT target_feature)::UINTEGER AS n_targets,
    sum((abs(mean::DOUBLE) * 1099511627776)::HUGEINT) / 1099511627776 AS sum_abs_mean
FROM stored.edge_stat
WHERE step_key = $step_key
GROUP BY ALL
