-- By which features is each called cell type told best, a few per type?
-- Columns: cell_type, sae_id, layer, feature, name, top_genes, auroc, auroc_low, n_cells, n_features
SELECT
    top_cell_type AS cell_type, sae_id, layer, feature, coalesce(name, label) AS name, top_genes,
    top_cell_type_auroc AS auroc, top_cell_type_low AS auroc_low, top_cell_type_cells AS n_cells,
    count(*) OVER (PARTITION BY top_cell_type) AS n_features
FROM feature
WHERE run_id = $run_id AND alive AND top_cell_type IS NOT NULL
QUALIFY row_number() OVER (
    PARTITION BY top_cell_type
    ORDER BY coalesce(top_cell_type_low, top_cell_type_auroc) DESC NULLS LAST, layer, sae_id, feature
) <= $n_rows
ORDER BY
    max(coalesce(top_cell_type_low, top_cell_type_auroc)) OVER (PARTITION BY top_cell_type) DESC NULLS LAST,
    cell_type, coalesce(top_cell_type_low, top_cell_type_auroc) DESC NULLS LAST, layer, sae_id, feature
