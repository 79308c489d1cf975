-- How many of the predicted pairs of genes does each network list, beside genes that have as many edges in it?
-- Columns: reference, n_pairs, n_direct, expected_direct, fold, n_indirect, n_absent, score_direct, score_indirect, score_absent
WITH pair AS (
    SELECT * FROM gene_pair_reference WHERE run_id = $run_id
),
known AS (
    SELECT DISTINCT reference, source, target FROM ref_edge WHERE run_id = $run_id
    UNION
    SELECT reference, target, source
    FROM ref_edge
    JOIN reference_db USING (run_id, reference)
    WHERE run_id = $run_id AND kind = 'network' AND NOT directed
),
listed AS ( -- edges among the genes of the pairs, the only ones that could have been listed
    SELECT reference, source, target
    FROM known
    SEMI JOIN pair AS one ON one.reference = known.reference AND one.source_gene = known.source
    SEMI JOIN pair AS other ON other.reference = known.reference AND other.target_gene = known.target
    WHERE source <> target
),
leaving AS (
    SELECT reference, source AS source_gene, count(*) AS n FROM listed GROUP BY ALL
),
reaching AS (
    SELECT reference, target AS target_gene, count(*) AS n FROM listed GROUP BY ALL
),
total AS (
    SELECT reference, count(*) AS n FROM listed GROUP BY ALL
)
SELECT
    reference,
    count(*) AS n_pairs,
    count(*) FILTER (WHERE status = 'direct') AS n_direct,
    sum(coalesce(least(leaving.n * reaching.n / total.n, 1), 0)) AS expected_direct,
    n_direct / nullif(expected_direct, 0) AS fold,
    count(*) FILTER (WHERE status = 'indirect') AS n_indirect,
    count(*) FILTER (WHERE status = 'absent') AS n_absent,
    avg(score) FILTER (WHERE status = 'direct') AS score_direct,
    avg(score) FILTER (WHERE status = 'indirect') AS score_indirect,
    avg(score) FILTER (WHERE status = 'absent') AS score_absent
FROM pair
LEFT JOIN leaving USING (reference, source_gene)
LEFT JOIN reaching USING (reference, target_gene)
LEFT JOIN total USING (reference)
GROUP BY reference
ORDER BY reference
