-- kind: Gene sets of features
-- question: Are more features annotated than raw neurons, principal axes and untrained networks?
-- claim: It takes a trained model and an autoencoder to find these programmes.
-- level: decoding
-- rule: P2
-- needs: baseline
-- next: Ask for `baselines.wanted = true`; where neurons do as well, say so beside the share.
--
-- Shares above their own random lists, the difference to the best baseline with its 95 % interval (Wald).
WITH excess AS (
    SELECT
        run_id,
        sae_id,
        basis,
        annotated_fraction AS share,
        annotated_fraction - null_annotated AS excess,
        annotated_fraction * (1 - annotated_fraction) / n_described AS variance
    FROM baseline
),
best AS (
    SELECT run_id, sae_id, arg_max(basis, excess) AS basis, max(excess) AS excess,
        arg_max(variance, excess) AS variance
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
    format('{:.2f} % annotated beyond chance, {} {:.2f} %',
        100 * own.excess, replace(best.basis, '_', ' '), 100 * best.excess) AS why
FROM excess AS own
JOIN best USING (run_id, sae_id)
WHERE own.basis = 'autoencoder'
