-- kind: Gene sets of features
-- question: Are more features annotated than raw neurons, principal axes and untrained networks?
-- claim: It takes a trained model and an autoencoder to find these programmes.
-- level: decoding
-- rule: P2
-- needs: baseline, baseline_margin
-- next: Ask for `baselines.wanted = true`; where neurons do as well, say so beside the share.
--
-- Shares above their own random lists, the difference to the best baseline with its 95 % interval (Wald).
SELECT
    run_id,
    sae_id AS part,
    excess IS NOT NULL AND best_excess IS NOT NULL AS sound,
    low > 0 AS passed,
    excess AS observed,
    best_excess AS bound,
    format('{:.2f} % annotated beyond chance, {} {:.2f} %',
        100 * excess, replace(best_basis, '_', ' '), 100 * best_excess) AS why
FROM baseline_margin
WHERE rate = 'annotated'
