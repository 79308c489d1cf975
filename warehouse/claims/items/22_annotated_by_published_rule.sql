-- kind: Gene sets of features
-- question: And by the published rule, which tests only pairs that share two genes?
-- claim: The annotated share by the published rule says something of the model.
-- level: decoding
-- rule: P1
-- needs: annotation_summary
-- next: Quote the default rule and its random lists instead; for this rule's own, run step describe of today.
--
SELECT
    run_id,
    sae_id AS part,
    coalesce(n_null >= 19, false) AS sound,
    annotated_fraction > null_max AS passed,
    annotated_fraction AS observed,
    null_max AS bound,
    format('{:.2f} % annotated; random lists {:.2f} %, at most {:.2f} % in {} draws{}',
        100 * annotated_fraction, 100 * null_mean, 100 * null_max, n_null,
            CASE WHEN n_null < 19 THEN ', of at least 19' ELSE '' END) AS why
FROM annotation_summary
WHERE library = 'all' AND rule = 'published'
