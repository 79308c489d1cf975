-- What each network says of the pairs of genes that edges predict: direct, an edge from the source to the target (either
-- way where the network has no direction); indirect, two edges over a third gene; absent, neither. Pairs with a gene that
-- starts no edge of the network, or that none reaches, are left out: it says nothing of them.
CREATE OR REPLACE VIEW gene_pair_reference AS
WITH way AS (
    SELECT DISTINCT run_id, reference, source, target FROM ref_edge
    UNION
    SELECT edge.run_id, edge.reference, edge.target, edge.source
    FROM ref_edge AS edge
    JOIN reference_db USING (run_id, reference)
    WHERE kind = 'network' AND NOT directed
),
pair AS (
    SELECT gene_pair.run_id, starts.reference, source_gene, target_gene, score, signed_score
    FROM gene_pair
    JOIN (SELECT DISTINCT run_id, reference, source FROM way) AS starts
        ON starts.run_id = gene_pair.run_id AND starts.source = source_gene
    JOIN (SELECT DISTINCT run_id, reference, target FROM way) AS reached
        ON reached.run_id = gene_pair.run_id AND reached.reference = starts.reference AND reached.target = target_gene
),
over_one AS (
    SELECT pair.run_id, pair.reference, source_gene, target_gene, count(*) AS n
    FROM pair
    JOIN way AS first
        ON first.run_id = pair.run_id AND first.reference = pair.reference AND first.source = source_gene
    JOIN way AS second
        ON second.run_id = pair.run_id AND second.reference = pair.reference AND second.target = target_gene
            AND second.source = first.target
    WHERE first.target NOT IN (source_gene, target_gene)
    GROUP BY ALL
)
SELECT
    pair.run_id,
    pair.reference,
    pair.source_gene,
    pair.target_gene,
    CASE WHEN way.source IS NOT NULL THEN 'direct' WHEN over_one.n > 0 THEN 'indirect' ELSE 'absent' END AS status,
    coalesce(over_one.n, 0)::UINTEGER AS n_between,
    pair.score,
    pair.signed_score
FROM pair
LEFT JOIN way
    ON way.run_id = pair.run_id AND way.reference = pair.reference AND way.source = pair.source_gene
        AND way.target = pair.target_gene
LEFT JOIN over_one
    ON over_one.run_id = pair.run_id AND over_one.reference = pair.reference AND over_one.source_gene = pair.source_gene
        AND over_one.target_gene = pair.target_gene;
COMMENT ON VIEW gene_pair_reference IS 'What each network says of predicted pairs of genes: direct, indirect (over n_between third genes) or absent; pairs with a gene of which it has no edge that way are left out.';
