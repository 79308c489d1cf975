-- kind: Layers, modules and axes
-- question: Does another seed find the same features?
-- claim: The features are the model's, not the autoencoder's.
-- level: agreement
-- rule: P7
-- needs: sae_overlap
-- next: Train a second seed: `compare.seeds = [1]`.
--
-- Half of the living features, and nearer than random directions.
SELECT
    run_id,
    sae_id || ' in ' || other_sae AS part,
    true AS sound,
    matched_fraction >= 0.5 AND mean_cosine > chance_cosine AS passed,
    matched_fraction AS observed,
    0.5 AS bound,
    format('{:.0f} % of {} features found again; mean cosine {:.2f}, of random directions {:.2f}',
        100 * matched_fraction, n_living, mean_cosine, chance_cosine) AS why
FROM sae_overlap
JOIN sae AS own USING (run_id, sae_id)
JOIN sae AS other ON other.run_id = sae_overlap.run_id AND other.sae_id = other_sae
WHERE own.described
    AND own.variant = other.variant
    AND own.n_features = other.n_features
    AND own.k IS NOT DISTINCT FROM other.k
