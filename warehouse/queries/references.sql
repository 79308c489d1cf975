-- Which gene sets, networks and signatures was the run held against, and how many of their genes does the model know?
-- Columns: reference, kind, file_name, n_sets, n_rows, n_genes, n_universe, n_shared, share_of_file, share_of_study, directed, licence, sha256
SELECT
    reference,
    kind,
    file_name,
    n_sets,
    n_rows,
    n_genes,
    n_universe,
    n_shared,
    share_of_file,
    share_of_study,
    directed,
    licence,
    sha256
FROM reference_db
WHERE run_id = $run_id
ORDER BY kind, reference
