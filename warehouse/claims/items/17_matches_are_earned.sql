-- kind: Data and machinery
-- question: Are features that are found again in another layer alive, and not alike from the start?
-- claim: Directions of two layers are alike because of what the layers do.
-- level: none
-- rule: P0
-- needs: feature_match, feature
-- next: Train each layer from a seed of its own (`scfm run` does; autoencoders from elsewhere may not).
--
-- Autoencoders that start from one matrix keep features of one number alike, dead ones most of all.
WITH matched AS (
    SELECT
        feature_match.run_id,
        from_sae,
        to_sae,
        count(*) AS n,
        count(*) FILTER (from_feature = to_feature) AS n_same,
        count(*) FILTER (NOT coalesce(alive, false)) AS n_dead
    FROM feature_match
    LEFT JOIN feature ON feature.run_id = feature_match.run_id
        AND feature.sae_id = feature_match.from_sae
        AND feature.feature = feature_match.from_feature
    WHERE matched
    GROUP BY ALL
)
SELECT
    matched.run_id,
    from_sae || ' to ' || to_sae AS part,
    n >= 10 AS sound,
    matched.n_dead = 0 AND n_same <= greatest(2, 10.0 * n / n_features) AS passed,
    n_same / n AS observed,
    10.0 / n_features AS bound,
    format('of {} features found again, {} have the same number and {} are dead', n, n_same, matched.n_dead) AS why
FROM matched
JOIN sae ON sae.run_id = matched.run_id AND sae.sae_id = matched.to_sae
