-- kind: Several features at once
-- question: Is what features do together other than the sum of what they do apart?
-- claim: Features interact.
-- level: intervention-consistent
-- rule: P1
-- needs: combination_stat
-- requires: edits_stack
-- next: Change more sets (`combine.drawn`) in more cells (`combine.n_cells`).
--
-- Effects are held against their sum in each cell: a ratio of joint to single effects is below one even where they add
-- up exactly. A set is found if its smallest q, times its subsets and target layers, is at most 0.05; of sets that do
-- not interact that are one in twenty. Binomial test of their number, exact, one-sided: sets are the units. Sets along
-- directions that are no features' (combine.controls) do not count.
WITH judged AS (
    SELECT
        run_id,
        combination,
        count(*) AS n_tests,
        min(q) * count(DISTINCT (members, target_sae)) <= 0.05 AS found
    FROM combination_stat
    WHERE
        kind = 'interaction'
        AND (run_id, combination) NOT IN (SELECT (run_id, combination) FROM combination WHERE control IS NOT NULL)
    GROUP BY ALL
),
counted AS (
    SELECT run_id, count(*) AS n, count(*) FILTER (found) AS k, sum(n_tests)::BIGINT AS n_tests
    FROM judged
    GROUP BY run_id
),
tested AS (
    SELECT *, binomial_tail(k, n, 0.05) AS p FROM counted
)
SELECT
    run_id,
    'sets' AS part,
    n >= 2 AS sound,
    p <= 0.05 AS passed,
    k / n AS observed,
    0.05 AS bound,
    format('{} of {} sets interact (p {:.2g}), of {} tests', k, n, p, n_tests) AS why
FROM tested
