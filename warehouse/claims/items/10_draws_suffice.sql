-- kind: Data and machinery
-- question: Were there draws enough for a q of 0.05?
-- claim: Where nothing was called, draws were not too few to call it.
-- level: none
-- rule: P6
-- needs: coherence, enrichment_test, fdr_threshold
-- next: Raise the draws (`coherence.n_draws`, `hubs.n_draws`, `trace.fine_flips`), or trace more cells: sign flips of
--     few cells have no small p.
--
-- Of m tests that are corrected together, none has q up to 0.05 unless m p / 0.05 of them have p, the smallest that the
-- draws can give. A family fails in which tests have that p and none is called.
WITH tested AS (
    SELECT
        run_id,
        'coherence, ' || concat_ws(', ', effect, criterion, source_sae, rule) AS part,
        p,
        q,
        1 / (1 + n_null::DOUBLE) AS smallest
    FROM coherence
    WHERE p IS NOT NULL AND rule <> 'shuffled'
    UNION ALL
    SELECT
        run_id,
        'annotated hubs, ' || concat_ws(', ', effect, criterion, sae_id),
        p,
        q,
        CASE WHEN n_draws IS NOT NULL THEN 1 / (1 + n_draws::DOUBLE) ELSE 0 END
    FROM enrichment_test
    WHERE q IS NOT NULL
),
family AS (
    SELECT
        run_id,
        part,
        count(*) AS n_tests,
        max(smallest) AS smallest,
        count(*) FILTER (q <= 0.05) AS n_called,
        count(*) FILTER (smallest > 0 AND p <= smallest * (1 + 1e-9)) AS n_smallest,
        0.05 AS bound
    FROM tested
    GROUP BY run_id, part
    UNION ALL
    SELECT  -- sources in most cells have the smallest p of all
        run_id,
        'edges, ' || concat_ws(', ', effect, source_sae || ' to ' || target_sae),
        max(n_tests),
        min(p_smallest),
        sum(n_called),
        arg_max(n_at_smallest, n_cases),
        max(q_max)
    FROM fdr_threshold
    GROUP BY run_id, effect, source_sae, target_sae
)
SELECT
    run_id,
    part,
    true AS sound,
    n_called > 0 OR n_smallest = 0 OR ceil(n_tests * smallest / bound - 1e-9) <= 1 AS passed,
    n_smallest AS observed,
    greatest(1, ceil(n_tests * smallest / bound - 1e-9)) AS bound,
    format('{} of {} tests have the smallest p there can be ({:.2g}), of which it takes {} to call any; {} called',
        n_smallest::BIGINT, n_tests::BIGINT, smallest, greatest(1, ceil(n_tests * smallest / bound - 1e-9))::BIGINT,
        n_called::BIGINT) AS why
FROM family
