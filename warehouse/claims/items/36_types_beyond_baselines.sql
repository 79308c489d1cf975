-- kind: Cell types and labels
-- question: Do more features have a cell type than raw neurons, principal axes and untrained networks?
-- claim: It takes a trained model and an autoencoder to find these cell types.
-- level: decoding
-- rule: P2
-- needs: baseline, baseline_margin
-- next: Ask for `baselines.wanted = true`; where neurons do as well, say so beside the share.
--
SELECT
    run_id,
    sae_id AS part,
    excess IS NOT NULL AND best_excess IS NOT NULL AS sound,
    low > 0 AS passed,
    excess AS observed,
    best_excess AS bound,
    CASE
        WHEN excess IS NULL OR best_excess IS NULL THEN 'there were no two cell types to compare'
        ELSE format('{:.1f} % with a type beyond chance, {} {:.1f} %',
            100 * excess, replace(best_basis, '_', ' '), 100 * best_excess)
    END AS why
FROM baseline_margin
WHERE rate = 'type'
