-- kind: Cell types and labels
-- question: Were cells of a type held against cells that are as long?
-- claim: A feature's cell type is no mark of how deeply its cells were sequenced.
-- level: decoding
-- rule: P3
-- needs: feature_cell_type
-- next: Run step describe of today, which compares within bins of length (`describe.length_strata`).
--
SELECT
    run_id,
    sae_id AS part,
    count(strata) = count(*) AS sound,
    bool_and(strata <> 'none') AS passed,
    avg((strata <> 'none')::INTEGER) AS observed,
    1 AS bound,
    CASE
        WHEN count(strata) < count(*) THEN 'it is not known within what cells were compared'
        ELSE format('compared within {}; {} features have a called type', any_value(strata),
            count(DISTINCT feature) FILTER (called))
    END AS why
FROM feature_cell_type
GROUP BY run_id, sae_id
