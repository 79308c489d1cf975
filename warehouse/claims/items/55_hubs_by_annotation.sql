-- kind: Hubs
-- question: Are hubs annotated more or less often than features that fire as often, wherever the line is drawn?
-- claim: Hubs are features without a known programme (or with one).
-- level: agreement
-- rule: P5
-- needs: enrichment_test.given_frequency, enrichment_test.k, enrichment_test.observed, enrichment_test.expected
-- requires: zero_edit
-- next: Quote the share beside that of features of equal frequency, at every number of hubs.
--
SELECT
    run_id,
    format('{}, {}, {}, first {}', effect, criterion, sae_id, k) AS part,
    coalesce(n_draws >= 19 AND n_annotated >= 5, false) AS sound,
    q <= 0.05 AS passed,
    observed,
    expected AS bound,
    format('{:.1f} % of the first {} are annotated, of features that fire as often {:.1f} % (q {:.2g})',
        100 * coalesce(observed, 0), k, 100 * coalesce(expected, 0), coalesce(q, 1)) AS why
FROM enrichment_test
WHERE test = 'matched' AND given_frequency AND criterion <> 'published'
