-- kind: Data and machinery
-- question: Does twice the push do about twice as much?
-- claim: What a steered feature changes is the push's doing, and not that of the hook.
-- level: none
-- rule: P0
-- needs: steering_summary
-- next: Steer at two doses (`steering.dose`) and look at what a multiplier of 1 does, which adds nothing.
--
-- A hook that puts its input plus the edit in the place of a block's output does much at any dose, and hardly more at a
-- larger one. Sizes grow with a power of the dose; half of the features must have a power of a half or more between
-- their two smallest doses. Read-outs whose sign follows from the weights alone say nothing of a block.
WITH dosed AS (
    SELECT
        run_id, sae_id, feature, readout, abs(mean) AS size, abs(mean_dose) AS dose,
        row_number() OVER (PARTITION BY run_id, sae_id, feature, readout ORDER BY abs(mean_dose), multiplier) AS place
    FROM steering_summary
    WHERE arm = 'feature' AND NOT degenerate AND mean_dose > 0 AND multiplier > 1
),
grown AS (
    SELECT
        small.run_id,
        small.readout,
        CASE WHEN large.dose > 1.2 * small.dose AND small.size > 0 AND large.size > 0
            THEN ln(large.size / small.size) / ln(large.dose / small.dose)
        END AS power
    FROM dosed AS small
    JOIN dosed AS large USING (run_id, sae_id, feature, readout)
    WHERE small.place = 1 AND large.place = 2
)
SELECT
    run_id,
    readout AS part,
    count(power) >= 5 AS sound,
    median(power) >= 0.5 AS passed,
    median(power) AS observed,
    0.5 AS bound,
    CASE
        WHEN count(power) = 0 THEN 'no feature was steered at two doses'
        ELSE format('what {} features change grows with the dose to the power of {:.2f} (median)', count(power),
            median(power))
    END AS why
FROM grown
GROUP BY run_id, readout
