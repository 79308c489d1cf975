-- kind: Cell types and labels
-- question: Do more features differ between cell types than with labels shuffled?
-- claim: Features mark cell types.
-- level: decoding
-- rule: P1
-- needs: label_summary
-- next: Ask for `labels.wanted = true` with `labels.null_draws = 19` or more.
--
-- Three standard deviations: all features see one shuffle, and the shares of draws are skewed. Labels that do not move
-- when they are shuffled give in every draw the share that was observed, and decide nothing.
SELECT
    run_id,
    sae_id AS part,
    n_null >= 19 AND n_tested > 0 AND (null_sd > 1e-9 OR abs(called_fraction - null_mean) > 1e-9) AS sound,
    called_fraction > null_mean + 3 * coalesce(null_sd, 0) AS passed,
    called_fraction AS observed,
    null_mean + 3 * coalesce(null_sd, 0) AS bound,
    CASE
        WHEN n_tested = 0 THEN coalesce(reason, 'nothing was compared')
        ELSE format('{:.1f} % of features are higher in some type (q 0.05); with labels shuffled {:.2f} % in {} draws{}',
            100 * called_fraction, 100 * coalesce(null_mean, 0), n_null,
            CASE WHEN n_null < 19 THEN ', of at least 19' ELSE '' END)
    END AS why
FROM label_summary
WHERE rule = 'stratified' AND obs_column = 'cell_type' AND NOT conditional
