-- kind: Known biology
-- question: Does the score know which factor a target has, or just which genes are popular?
-- claim: The circuits know regulatory pairs.
-- level: agreement
-- rule: P2
-- needs: gene_pair
-- next: Quote what a rule without the model reaches (mean and variance of the target) beside the circuits; with more
--     sources traced (`trace.source_layers`), more factors can be tested.
--
-- A pair's score is ranked among the scores of other factors with the same target, so that nothing of the target alone
-- counts. Of each factor, the mean rank of known targets less that of its others, so that nothing of the factor alone
-- counts. Student's t over factors, one-sided; once more without the factor that says most.
WITH ranked AS (
    SELECT
        run_id,
        source_gene,
        known_tf_target AS known,
        percent_rank() OVER same_target AS place,
        count(*) OVER (PARTITION BY run_id, target_gene) AS n_factors
    FROM gene_pair
    WHERE known_tf_target IS NOT NULL
    WINDOW same_target AS (PARTITION BY run_id, target_gene ORDER BY score)
),
by_factor AS (
    SELECT
        run_id,
        source_gene,
        avg(place) FILTER (known) - avg(place) FILTER (NOT known) AS difference,
        row_number() OVER (
            PARTITION BY run_id ORDER BY avg(place) FILTER (known) - avg(place) FILTER (NOT known) DESC, source_gene
        ) AS strength
    FROM ranked
    WHERE n_factors >= 5
    GROUP BY run_id, source_gene
    HAVING count(*) FILTER (known) > 0 AND count(*) FILTER (NOT known) > 0
),
kept AS (
    SELECT run_id, 'all factors' AS part, difference FROM by_factor
    UNION ALL
    SELECT run_id, 'without the strongest', difference FROM by_factor WHERE strength > 1
),
summed AS (
    SELECT run_id, part, count(*) AS n, avg(difference) AS difference, stddev_samp(difference) / sqrt(count(*)) AS error
    FROM kept
    GROUP BY ALL
)
SELECT
    run_id,
    part,
    n >= 6 AND coalesce(error > 0, false) AS sound,
    difference > error * (1.645 + 1.52 / (n - 1) + 1.4 / (n - 1) ** 2) AS passed,
    difference AS observed,
    error * (1.645 + 1.52 / (n - 1) + 1.4 / (n - 1) ** 2) AS bound,
    format('known targets stand {:.3f} ± {:.3f} higher, over {} factors', difference, coalesce(error, 0), n) AS why
FROM summed
