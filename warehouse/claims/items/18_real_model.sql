-- kind: Data and machinery
-- question: Is this the foundation model itself, and has it learned anything of its cells?
-- claim: The findings are about the foundation model.
-- level: none
-- rule: P9
-- needs: model
-- next: Run a study of the model itself, for instance `scfm run flows/studies/geneformer.toml` with its weights.
--
SELECT
    run_id,
    'model' AS part,
    stand_in IS NOT NULL AS sound,
    NOT stand_in AS passed,
    stand_in::INTEGER AS observed,
    0 AS bound,
    CASE WHEN stand_in THEN name || ' is a small stand-in, trained here' ELSE name || ' is no stand-in' END AS why
FROM model
UNION ALL
SELECT
    run_id,
    'learned',
    heldout_loss IS NOT NULL AND baseline_loss IS NOT NULL,
    heldout_loss < baseline_loss,
    heldout_loss,
    baseline_loss,
    CASE
        WHEN heldout_loss IS NULL OR baseline_loss IS NULL THEN 'its loss on held-out cells is not known'
        ELSE format('loss {:.3f} on held-out cells, {:.3f} of the baseline that looks at no cell', heldout_loss, baseline_loss)
    END
FROM model
