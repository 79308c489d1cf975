-- Which features match the filters and a gene (or several), term, label, cell type or name, or are called so by people (said), by which of these, mark a label of the cells, and are among those chosen by hand? NULL parameters filter nothing.
-- Columns: sae_id, layer, feature, tier, frequency, n_cells_active, mean_when_active, max_activation, top_genes, label, label_library, label_q, top_cell_type, top_cell_type_auroc, module, name, evidence, n_edges, matched, n_matching
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
        AND ($chosen IS NULL OR concat_ws(' ', sae_id, feature) IN (SELECT unnest($chosen::VARCHAR[])))
        AND ($module IS NULL OR coalesce(module_feature.module, feature.module) = $module)
),
marking AS (  -- what query marked_labels counts
    SELECT sae_id, feature
    FROM feature_mark
    WHERE run_id = $run_id AND obs_column = $marks_column AND label = $marks_label AND marks
),
words AS (
    SELECT word, 1::BIGINT << (row_number() OVER () - 1) AS bit
    FROM (SELECT DISTINCT lower(unnest(string_split_regex(trim($search), '[\s,;]+')[1:20])) AS word)
    WHERE word <> ''
),
named AS (  -- asked of the few genes there are, not of each row that lists one; beginnings of names for one word alone
    SELECT gene_id, bit, (lower(symbol) = word OR lower(gene_id) = word) AS exact
    FROM gene
    JOIN words ON starts_with(lower(symbol), word) OR lower(gene_id) = word
    WHERE run_id = $run_id AND (exact OR (SELECT count(*) FROM words) = 1)
),
genes AS (  -- features that list each of the words, by the places of the genes in their lists
    SELECT
        sae_id, feature, coalesce(bit_or(bit) FILTER (exact) = (SELECT sum(bit) FROM words), false) AS exact,
        sum(rank) FILTER (exact) AS exact_rank, max(score) FILTER (exact) AS best_score,
        string_agg(symbol || ' at ' || rank, ', ' ORDER BY rank) FILTER (exact) AS listed,
        min(rank) AS least_rank, arg_min(symbol, rank) AS first_gene
    FROM feature_gene
    JOIN named USING (gene_id)
    WHERE run_id = $run_id AND coalesce(shown, true)
    GROUP BY ALL
    HAVING bit_or(bit) = (SELECT sum(bit) FROM words)
),
terms AS (
    SELECT sae_id, feature, min(q) AS least_q, arg_min(term, coalesce(q, 1)) AS term
    FROM annotation
    WHERE run_id = $run_id AND significant AND contains(lower(term), lower($search))
    GROUP BY ALL
),
matching AS (
    SELECT
        wanted.*, exact_rank, least_rank, best_score, least_q, listed, first_gene, terms.term,
        CASE
            WHEN $search IS NULL THEN 0
            WHEN lower(format('L{}_F{}', layer, feature)) = lower($search) THEN 1
            WHEN genes.exact THEN 2
            WHEN concat_ws(' ', sae_id, feature) IN (SELECT unnest($said::VARCHAR[])) THEN 3
            WHEN contains(lower(coalesce(top_cell_type, '')), lower($search)) THEN 4
            WHEN contains(lower(coalesce(name, label, '')), lower($search)) THEN 5
            WHEN contains(lower(coalesce(label, '')), lower($search)) THEN 6
            WHEN terms.term IS NOT NULL THEN 7
            WHEN first_gene IS NOT NULL THEN 8
        END AS kind
    FROM wanted
    LEFT JOIN genes USING (sae_id, feature)
    LEFT JOIN terms USING (sae_id, feature)
    WHERE $marks_label IS NULL OR (sae_id, feature) IN (SELECT (sae_id, feature) FROM marking)
),
found AS (
    SELECT *
    FROM matching
    WHERE kind IS NOT NULL
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
    CASE kind
        WHEN 1 THEN 'the feature itself'
        WHEN 2 THEN 'gene ' || listed
        WHEN 3 THEN 'what people say'
        WHEN 4 THEN 'cell type ' || top_cell_type
        WHEN 5 THEN 'name'
        WHEN 6 THEN 'label ' || label
        WHEN 7 THEN 'gene set ' || term
        WHEN 8 THEN 'gene ' || first_gene || ' at ' || least_rank
    END AS matched,
    count(*) OVER () AS n_matching
FROM found
LEFT JOIN degrees USING (sae_id, feature)
ORDER BY
    CASE WHEN $sort = 'match' THEN kind END NULLS LAST,
    CASE WHEN $sort = 'match' AND kind = 2 THEN exact_rank END NULLS LAST,
    CASE WHEN $sort = 'match' AND kind = 2 THEN best_score END DESC NULLS LAST,
    CASE WHEN $sort = 'match' AND kind = 7 THEN least_q END NULLS LAST,
    CASE WHEN $sort = 'match' AND kind = 8 THEN least_rank END NULLS LAST,
    CASE $sort
        WHEN 'match' THEN coalesce(top_cell_type_low, top_cell_type_auroc)
        WHEN 'frequency' THEN frequency
        WHEN 'max_activation' THEN max_activation
        WHEN 'label_q' THEN -label_q
        WHEN 'top_cell_type_auroc' THEN top_cell_type_auroc
        WHEN 'n_edges' THEN n_edges
    END DESC NULLS LAST,
    CASE WHEN $sort = 'match' THEN label_q END NULLS LAST,
    layer, sae_id, feature
LIMIT $n_rows
