-- What is called like a text: genes, gene sets, cell types and features, at most n_rows of each kind?
-- Columns: kind, name, about, n_features, sae_id, layer, feature, n_of_kind
WITH genes AS (  -- the few genes first, then the rows that list them
    SELECT symbol, lower(symbol) = lower($text) AS exact
    FROM gene
    WHERE run_id = $run_id AND starts_with(lower(symbol), lower($text))
    GROUP BY ALL
),
features AS (
    SELECT sae_id, layer, feature, coalesce(name, label) AS name, top_cell_type, top_cell_type_low, label_q
    FROM feature
    WHERE run_id = $run_id AND alive
),
found AS (
    SELECT
        'gene' AS kind, symbol AS name, NULL AS about, count(*) AS n_features,
        NULL AS sae_id, NULL AS layer, NULL AS feature, any_value(exact)::DOUBLE AS strength
    FROM feature_gene
    JOIN genes USING (symbol)
    WHERE run_id = $run_id AND coalesce(shown, true)
    GROUP BY symbol
    UNION ALL
    SELECT 'gene set', term, library, count(*), NULL, NULL, NULL, 0
    FROM annotation
    WHERE run_id = $run_id AND significant AND contains(lower(term), lower($text))
    GROUP BY term, library
    UNION ALL
    SELECT 'cell type', top_cell_type, NULL, count(*), NULL, NULL, NULL, 0
    FROM features
    WHERE contains(lower(top_cell_type), lower($text))
    GROUP BY top_cell_type
    UNION ALL
    SELECT 'feature', format('L{}_F{}', layer, feature), name, NULL, sae_id, layer, feature, coalesce(top_cell_type_low, 0)
    FROM features
    WHERE contains(lower(name), lower($text)) OR lower(format('L{}_F{}', layer, feature)) = lower($text)
)
SELECT kind, name, about, n_features, sae_id, layer, feature, count(*) OVER (PARTITION BY kind) AS n_of_kind
FROM found
QUALIFY row_number() OVER (
    PARTITION BY kind ORDER BY strength DESC, n_features DESC NULLS LAST, layer, sae_id, feature, name, about
) <= $n_rows
ORDER BY kind, strength DESC, n_features DESC NULLS LAST, layer, sae_id, feature, name, about
