-- kind: Known biology
-- question: Do genes rise after the very knock-down after which a rise is predicted, or just after most?
-- claim: The circuits know which way a gene goes after a knock-down.
-- level: intervention-consistent
-- rule: P2
-- needs: gene_pair, gene_set
-- next: Quote how often a gene rises after other knock-downs beside the circuits; name signatures of more knock-downs
--     (`references.signatures`).
--
-- A gene's usual direction passes any count of right signs. A prediction (a rise, or none) therefore counts by how much
-- it exceeds those for the same gene at other knock-downs; of each knock-down, its mean for genes that rose less that
-- for the others, so that nothing of the knock-down alone counts. Student's t over knock-downs, one-sided.
WITH knocked AS (
    SELECT DISTINCT run_id, reference, term, upper(regexp_extract(term, '^(.+?)_KD(_.*)?$', 1)) AS source
    FROM gene_set
    WHERE kind = 'signature'
),
risen AS (
    SELECT DISTINCT run_id, reference, term, upper(gene) AS target FROM gene_set WHERE kind = 'signature'
),
asked AS (
    SELECT run_id, reference, term, upper(target_gene) AS target, (signed_score < 0)::INTEGER AS rise
    FROM knocked
    JOIN (SELECT *, upper(source_gene) AS source FROM gene_pair) USING (run_id, source)
),
predicted AS (
    SELECT
        asked.*,
        risen.term IS NOT NULL AS rose,
        rise - avg(rise) OVER same_target AS excess,
        count(*) OVER same_target AS n_knocked
    FROM asked
    LEFT JOIN risen USING (run_id, reference, term, target)
    WINDOW same_target AS (PARTITION BY asked.run_id, asked.reference, asked.target)
),
by_term AS (
    SELECT run_id, reference, term, avg(excess) FILTER (rose) - avg(excess) FILTER (NOT rose) AS difference
    FROM predicted
    WHERE n_knocked >= 5
    GROUP BY ALL
    HAVING count(*) FILTER (rose) > 0 AND count(*) FILTER (NOT rose) > 0
),
summed AS (
    SELECT
        run_id, reference, count(*) AS n, avg(difference) AS difference,
        stddev_samp(difference) / sqrt(count(*)) AS error
    FROM by_term
    GROUP BY ALL
)
SELECT
    run_id,
    reference AS part,
    n >= 6 AND coalesce(error > 0, false) AS sound,
    difference > error * (1.645 + 1.52 / (n - 1) + 1.4 / (n - 1) ** 2) AS passed,
    difference AS observed,
    error * (1.645 + 1.52 / (n - 1) + 1.4 / (n - 1) ** 2) AS bound,
    format('a rise is predicted {:.1f} ± {:.1f} points more often for genes that rose, over {} knock-downs',
        100 * difference, 100 * coalesce(error, 0), n) AS why
FROM summed
