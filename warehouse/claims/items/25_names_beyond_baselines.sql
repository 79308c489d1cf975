-- kind: Gene sets of features
-- question: Do more features have a name than those of untrained networks?
-- claim: Names of features tell what the model has learned.
-- level: decoding
-- rule: P2
-- needs: baseline, baseline_margin
-- next: Ask for `baselines.wanted = true` and quote the share of an untrained autoencoder beside it.
--
SELECT
    run_id,
    sae_id AS part,
    excess IS NOT NULL AND best_excess IS NOT NULL AS sound,
    low > 0 AS passed,
    excess AS observed,
    best_excess AS bound,
    CASE
        WHEN excess IS NULL OR best_excess IS NULL THEN 'names were not counted'
        ELSE format('{:.1f} % named beyond chance, {} {:.1f} %',
            100 * excess, replace(best_basis, '_', ' '), 100 * best_excess)
    END AS why
FROM baseline_margin
WHERE rate = 'named'
