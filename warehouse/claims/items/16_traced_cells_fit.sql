-- kind: Data and machinery
-- question: Do the autoencoders explain the very cells that were traced?
-- claim: Effects were measured where the features mean what they were named for.
-- level: none
-- rule: P0
-- needs: layer_pair, sae
-- next: Trace cells like those that the autoencoders were trained on (`trace.cells_split = "heldout"`, no
--     `trace.cells_where`), or train them longer or on these.
--
-- Table traced_fit has, for the autoencoders of the trace, what each explains at gene positions of the traced cells: half of the variance, and four fifths
-- of what it explains of held-out cells. In a run without that table, held-out cells stand for the traced ones where
-- these are a draw from them.
WITH traced AS (
    SELECT
        run_id,
        TRY(json_extract_string(study_json, '$.trace.cells_split')) AS split,
        coalesce(TRY(json_extract_string(study_json, '$.trace.cells_where')), '{}') AS filter
    FROM run
    SEMI JOIN layer_pair USING (run_id)
),
measured AS (
    SELECT run_id, sae_id, min(explained) AS explained
    FROM traced_fit
    WHERE positions = 'gene'
    GROUP BY run_id, sae_id
),
known AS (
    SELECT
        run_id,
        layer,
        explained IS NOT NULL AS is_measured,
        split = 'heldout' AND filter = '{}' AND n_heldout_positions > 0 AS drawn,
        1 - fvu AS held_out,
        coalesce(explained, 1 - fvu) AS explains,
        CASE WHEN explained IS NOT NULL AND n_heldout_positions > 0 THEN greatest(0.5, 0.8 * (1 - fvu)) ELSE 0.5 END AS least,
        concat_ws(' cells, filter ', coalesce(split, 'unknown'), filter) AS which
    FROM traced
    JOIN sae USING (run_id)
    LEFT JOIN measured USING (run_id, sae_id)
    WHERE described AND (explained IS NOT NULL OR run_id NOT IN (SELECT run_id FROM measured))
)
SELECT
    run_id,
    format('layer {:02d}', layer) AS part,
    coalesce(is_measured OR drawn, false) AS sound,
    explains >= least AS passed,
    explains AS observed,
    least AS bound,
    CASE
        WHEN is_measured
            THEN format('it explains {:.3f} of the variance in the traced cells, {:.3f} in held-out ones', explains, held_out)
        WHEN drawn THEN format('the traced cells are a draw from the held-out ones, of which it explains {:.3f}', held_out)
        ELSE 'explained variance is known of held-out cells, and the traced cells are others: ' || which
    END AS why
FROM known
