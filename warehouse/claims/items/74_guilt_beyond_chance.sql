-- kind: Layers, modules and axes
-- question: Do unannotated features keep company with annotated ones more than any features would?
-- claim: Modules say what unannotated features do.
-- level: decoding
-- rule: P1
-- needs: novel_summary
-- next: Ask for `modules.wanted` and `unannotated.wanted`, and quote the number that chance gives.
--
SELECT
    run_id,
    sae_id || coalesce(', ' || rule, '') AS part,
    expected_guilt IS NOT NULL AS sound,
    n_guilt_by_association
        > expected_guilt + 2 * sqrt(expected_guilt * greatest(0, 1 - expected_guilt / n_unannotated)) AS passed,
    n_guilt_by_association AS observed,
    expected_guilt AS bound,
    CASE
        WHEN expected_guilt IS NULL THEN format('{} of {} features, beside no expectation',
            coalesce(n_guilt_by_association, 0), n_unannotated)
        ELSE format('{} of {} features, {:.0f} by chance', n_guilt_by_association, n_unannotated, expected_guilt)
    END AS why
FROM novel_summary
WHERE n_guilt_by_association IS NOT NULL
