-- kind: Gene sets of features
-- question: Do more features have a name than those of untrained networks?
-- claim: Names of features tell what the model has learned.
-- level: decoding
-- rule: P2
-- needs: baseline
-- next: Ask for `baselines.wanted = true` and quote the share of an untrained autoencoder beside it.
--
WITH excess AS (
    SELECT
        run_id,
        sae_id,
        basis,
        named_fraction - null_named AS excess,
        named_fraction * (1 - named_fraction) / n_alive AS variance
    FROM baseline
),
best AS (
    SELECT run_id, sae_id, arg_max(basis, excess) AS basis, max(excess) AS excess, arg_max(variance, excess) AS variance
    FROM excess
    WHERE basis <> 'autoencoder'
    GROUP BY ALL
)
SELECT
    own.run_id,
    own.sae_id AS part,
    own.excess IS NOT NULL AND best.excess IS NOT NULL AS sound,
    own.excess - best.excess - 1.96 * sqrt(own.variance + best.variance) > 0 AS passed,
    own.excess AS observed,
    best.excess AS bound,
    CASE
        WHEN own.excess IS NULL OR best.excess IS NULL THEN 'names were not counted'
        ELSE format('{:.1f} % named beyond chance, {} {:.1f} %',
            100 * own.excess, replace(best.basis, '_', ' '), 100 * best.excess)
    END AS why
FROM excess AS own
JOIN best USING (run_id, sae_id)
WHERE own.basis = 'autoencoder'
