-- kind: Gene sets of features
-- question: Was every pair of feature and gene set that could have been called corrected for?
-- claim: At most one in twenty annotations is false.
-- level: decoding
-- rule: P5
-- needs: annotation_summary
-- next: Use annotations of a run made here, which are corrected over all pairs of an autoencoder.
--
-- An import was tested for terms that share two genes or more, which is known before anything is computed.
SELECT
    run_id,
    sae_id AS part,
    imported OR n_tests IS NOT NULL AS sound,
    CASE WHEN imported THEN false ELSE n_tests >= n_features::UBIGINT * n_terms END AS passed,
    n_tests AS observed,
    n_features::UBIGINT * n_terms AS bound,
    CASE
        WHEN imported THEN 'only pairs that share two genes were corrected for, as published'
        ELSE format('{} tests corrected for, of {} features and {} gene sets', n_tests, n_features, n_terms)
    END AS why
FROM annotation_summary
JOIN run USING (run_id)
WHERE library = 'all' AND rule IS DISTINCT FROM 'published'
