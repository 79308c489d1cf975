-- kind: Gene sets of features
-- question: Are more features annotated than random gene lists would be?
-- claim: Features stand for gene programmes (default rule).
-- level: decoding
-- rule: P1
-- needs: annotation_summary
-- next: Run step describe with `describe.null_draws = 20` or more.
--
-- Nineteen draws are the fewest of which none can reach the observed share with p at most 0.05.
SELECT
    run_id,
    sae_id AS part,
    coalesce(n_null >= 19, false) AS sound,
    annotated_fraction > null_max AS passed,
    annotated_fraction AS observed,
    null_max AS bound,
    CASE
        WHEN n_null IS NULL THEN format('{:.1f} % annotated, beside no random lists', 100 * annotated_fraction)
        ELSE format('{:.2f} % annotated; random lists {:.2f} %, at most {:.2f} % in {} draws{}',
            100 * annotated_fraction, 100 * null_mean, 100 * null_max, n_null,
            CASE WHEN n_null < 19 THEN ', of at least 19' ELSE '' END)
    END AS why
FROM annotation_summary
WHERE library = 'all' AND rule IS DISTINCT FROM 'published'
