-- kind: Data and machinery
-- question: Do the autoencoders explain the very cells that were traced?
-- claim: Effects were measured where the features mean what they were named for.
-- level: none
-- rule: P0
-- needs: layer_pair, sae
-- next: Trace held-out cells without a filter (`trace.cells_split = "heldout"`, no `trace.cells_where`), of which the
--     explained variance is known.
--
-- The variance explained is that of held-out cells. It is that of the traced cells where these are a draw from them.
WITH traced AS (
    SELECT
        run_id,
        TRY(json_extract_string(study_json, '$.trace.cells_split')) AS split,
        coalesce(TRY(json_extract_string(study_json, '$.trace.cells_where')), '{}') AS filter
    FROM run
    SEMI JOIN layer_pair USING (run_id)
)
SELECT
    run_id,
    format('layer {:02d}', layer) AS part,
    coalesce(split = 'heldout' AND filter = '{}' AND n_heldout_positions > 0, false) AS sound,
    1 - fvu >= 0.5 AS passed,
    1 - fvu AS observed,
    0.5 AS bound,
    CASE
        WHEN split = 'heldout' AND filter = '{}'
            THEN format('the traced cells are a draw from the held-out ones, of which it explains {:.3f}', 1 - fvu)
        ELSE 'explained variance is known of held-out cells, and the traced cells are others: '
            || concat_ws(' cells, filter ', coalesce(split, 'unknown'), filter)
    END AS why
FROM traced
JOIN sae USING (run_id)
WHERE described
