-- Which features match the filters and a gene, term, label, cell type or name, and mark a label of the cells? NULL parameters filter nothing.
-- Columns: sae_id, layer, feature, tier, frequency, n_cells_active, mean_when_active, max_activation, top_genes, label, label_library, label_q, top_cell_type, top_cell_type_auroc, module, name, evidence, n_edges, n_matching
WITH wanted AS (
    SELECT feature.* REPLACE (coalesce(module_feature.module, feature.module) AS module)
    FROM feature
    LEFT JOIN module_feature USING (run_id, sae_id, feature)
    WHERE run_id = $run_id
        AND ($sae_id IS NULL OR sae_id = $sae_id)
        AND ($tier IS NULL OR tier = $tier)
        AND (NOT $alive_only OR alive)
        AND frequency >= $min_frequency
        AND (NOT $annotated_only OR label IS NOT NULL)
        AND ($cell_type IS NULL OR top_cell_type = $cell_type)
        AND ($module IS NULL OR coalesce(module_feature.module, feature.module) = $module)
),
marking AS (  -- what query marked_labels counts
    SELECT sae_id, feature
    FROM feature_cell_type
    WHERE run_id = $run_id AND $marks_column = 'cell type' AND cell_type = $marks_label
        AND coalesce(called, significant)
    UNION ALL
    SELECT sae_id, feature
    FROM feature_label
    WHERE run_id = $run_id AND obs_column = $marks_column AND label = $marks_label AND significant AND NOT conditional
),
named AS (  -- asked of the few genes there are, not of each row that lists one
    SELECT gene_id
    FROM gene
    WHERE run_id = $run_id AND (starts_with(lower(symbol), lower($search)) OR lower(gene_id) = lower($search))
),
genes AS (
    SELECT DISTINCT sae_id, feature
    FROM feature_gene
    WHERE run_id = $run_id AND coalesce(shown, true) AND gene_id IN (FROM named)
),
terms AS (
    SELECT DISTINCT sae_id, feature
    FROM annotation
    WHERE run_id = $run_id AND significant AND contains(lower(term), lower($search))
),
found AS (
    SELECT wanted.*
    FROM wanted
    WHERE ($marks_label IS NULL OR (sae_id, feature) IN (SELECT (sae_id, feature) FROM marking))
        AND ($search IS NULL
            OR (sae_id, feature) IN (SELECT (sae_id, feature) FROM genes)
            OR (sae_id, feature) IN (SELECT (sae_id, feature) FROM terms)
            OR contains(lower(coalesce(label, '')), lower($search))
            OR contains(lower(coalesce(top_cell_type, '')), lower($search))
            OR contains(lower(coalesce(name, '')), lower($search)))
),
degrees AS (
    SELECT sae_id, feature, sum(degree)::BIGINT AS n_edges
    FROM feature_degree
    WHERE run_id = $run_id AND direction = 'out' AND effect = 'total' AND criterion = rule_of($run_id)
    GROUP BY ALL
)
SELECT
    sae_id, layer, feature, tier, frequency, n_cells_active, mean_when_active, max_activation, top_genes,
    label, label_library, label_q, top_cell_type, top_cell_type_auroc, module,
    coalesce(name, label) AS name, evidence, n_edges,
    count(*) OVER () AS n_matching
FROM found
LEFT JOIN degrees USING (sae_id, feature)
ORDER BY
    CASE $sort
        WHEN 'frequency' THEN frequency
        WHEN 'max_activation' THEN max_activation
        WHEN 'label_q' THEN -label_q
        WHEN 'top_cell_type_auroc' THEN top_cell_type_auroc
        WHEN 'n_edges' THEN n_edges
    END DESC NULLS LAST,
    layer, sae_id, feature
LIMIT $n_rows
