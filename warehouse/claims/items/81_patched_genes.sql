-- kind: Interventions as published
-- question: Is the effect on a feature's genes that of the feature, or of rebuilding the layer?
-- claim: Switching features off changes their genes and no others.
-- level: intervention-consistent
-- rule: P0
-- of: imports
-- needs: causal_patch_summary
-- next: Trace with controls in a study of your own (`trace.n_controls = 16`), where the reconstruction's error is kept.
--
SELECT
    run_id,
    sae_id AS part,
    false AS sound,
    NULL AS passed,
    mean_specificity AS observed,
    2 AS bound,
    format('ratio {:.2f} on average, {:.2f} in the middle of {} features; no reconstruction alone was run beside it',
        mean_specificity, median_specificity, n_features) AS why
FROM causal_patch_summary
