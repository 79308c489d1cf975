-- Which features mark B cells, monocytes, NK cells and platelets, and by which genes?
WITH newest AS (
    SELECT run_id FROM run WHERE NOT imported ORDER BY finished DESC LIMIT 1
),
ranked AS (
    SELECT cell_type, sae_id, feature, n_cells, auroc, auroc_low, log2_fold,
        row_number() OVER (PARTITION BY cell_type ORDER BY auroc_low DESC, sae_id, feature) AS place
    FROM feature_cell_type
    JOIN newest USING (run_id)
    WHERE called AND regexp_matches(cell_type, '^B|[Mm]ono|NK|[Pp]latelet|[Mm]ega')
),
genes AS (
    SELECT sae_id, feature, string_agg(symbol, ', ' ORDER BY rank) AS genes
    FROM feature_gene
    JOIN newest USING (run_id)
    WHERE rank <= 6
    GROUP BY ALL
)
SELECT cell_type, n_cells, layer, feature, round(auroc, 3) AS auroc, round(auroc_low, 3) AS at_least,
    round(log2_fold, 2) AS log2_fold, genes, name
FROM ranked
JOIN genes USING (sae_id, feature)
JOIN (SELECT feature.* FROM feature JOIN newest USING (run_id)) USING (sae_id, feature)
WHERE place <= 5
ORDER BY cell_type, place
