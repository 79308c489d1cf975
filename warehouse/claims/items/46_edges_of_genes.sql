-- kind: Edges
-- question: Do edges start from features of genes, and not of start and end tokens?
-- claim: Edges are about genes.
-- level: intervention-consistent
-- rule: P1
-- needs: feature_degree, feature_top_cell
-- next: Leave features out whose activation lies on special tokens; `scfm run` reads and edits gene positions alone.
--
-- A feature whose largest activations lie mostly where no gene stands belongs to special tokens.
WITH placed AS (
    SELECT run_id, sae_id, feature, avg((gene_id IS NULL)::INTEGER) AS special, count(cell_id) > 0 AS known
    FROM feature_top_cell
    GROUP BY ALL
),
owned AS (
    SELECT run_id, effect, sae_id, feature, sum(degree) AS n
    FROM feature_degree
    WHERE direction = 'out' AND criterion = 'calibrated'
    GROUP BY ALL
)
SELECT
    run_id,
    effect AS part,
    bool_and(known) AND sum(n) > 0 AS sound,
    coalesce(sum(n) FILTER (special >= 0.5), 0) <= 0.01 * sum(n) AS passed,
    coalesce(sum(n) FILTER (special >= 0.5), 0) / nullif(sum(n), 0) AS observed,
    0.01 AS bound,
    format('{} of {} features belong to special tokens; they own {} of {} edges', count(*) FILTER (special >= 0.5),
        count(*), coalesce(sum(n) FILTER (special >= 0.5), 0)::BIGINT, sum(n)::BIGINT) AS why
FROM owned
JOIN placed USING (run_id, sae_id, feature)
GROUP BY run_id, effect
