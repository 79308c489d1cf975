-- kind: Cell types and labels
-- question: Do more features have a cell type than raw neurons, principal axes and untrained networks?
-- claim: It takes a trained model and an autoencoder to find these cell types.
-- level: decoding
-- rule: P2
-- needs: baseline
-- next: Ask for `baselines.wanted = true`; where neurons do as well, say so beside the share.
--
WITH excess AS (
    SELECT
        run_id,
        sae_id,
        basis,
        type_fraction - null_type AS excess,
        type_fraction * (1 - type_fraction) / n_alive AS variance
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
        WHEN own.excess IS NULL OR best.excess IS NULL THEN 'there were no two cell types to compare'
        ELSE format('{:.1f} % with a type beyond chance, {} {:.1f} %',
            100 * own.excess, replace(best.basis, '_', ' '), 100 * best.excess)
    END AS why
FROM excess AS own
JOIN best USING (run_id, sae_id)
WHERE own.basis = 'autoencoder'
