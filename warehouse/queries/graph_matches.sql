-- Which of some features are called like a text, list a gene of that name, or carry a term or cell type that holds it?
-- Columns: sae_id, feature, matched
WITH chosen AS (
    SELECT unnest($saes) AS sae_id, unnest($features)::UINTEGER AS feature
),
genes AS (
    SELECT sae_id, feature, any_value(symbol) AS symbol
    FROM feature_gene
    SEMI JOIN chosen USING (sae_id, feature)
    WHERE run_id = $run_id AND coalesce(shown, true) AND lower(symbol) = lower($text)
    GROUP BY ALL
),
terms AS (
    SELECT sae_id, feature, arg_min(term, coalesce(q, 1)) AS term
    FROM annotation
    SEMI JOIN chosen USING (sae_id, feature)
    WHERE run_id = $run_id AND significant AND contains(lower(term), lower($text))
    GROUP BY ALL
),
matching AS (
    SELECT
        sae_id, feature, layer,
        CASE
            WHEN lower(format('L{}_F{}', layer, feature)) = lower($text) THEN 'the feature itself'
            WHEN symbol IS NOT NULL THEN 'gene ' || symbol
            WHEN contains(lower(top_cell_type), lower($text)) THEN 'cell type ' || top_cell_type
            WHEN contains(lower(coalesce(name, label)), lower($text)) THEN 'name ' || coalesce(name, label)
            WHEN term IS NOT NULL THEN 'gene set ' || term
        END AS matched
    FROM feature
    SEMI JOIN chosen USING (sae_id, feature)
    LEFT JOIN genes USING (sae_id, feature)
    LEFT JOIN terms USING (sae_id, feature)
    WHERE run_id = $run_id
)
SELECT sae_id, feature, matched
FROM matching
WHERE matched IS NOT NULL
ORDER BY layer, sae_id, feature
