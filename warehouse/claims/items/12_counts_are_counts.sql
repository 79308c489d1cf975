-- kind: Data and machinery
-- question: Were counts ranked, and not values that had been scaled or put into logarithms?
-- claim: The model read the input that it was trained on.
-- level: none
-- rule: P0
-- needs: cell
-- next: Name a file with raw counts in `cells.path`, or set `cells.recover = true` for files of log1p values.
--
-- Counts add up to whole numbers that differ from cell to cell. Scaled values add up to one number, logarithms to none.
-- Cells whose counts were recovered from logarithms are judged by what they were recovered to.
WITH chosen AS (
    SELECT run_id, n_counts, abs(n_counts - round(n_counts)) <= 1e-6 * greatest(1, n_counts) AS whole
    FROM cell
    WHERE chosen
)
SELECT
    run_id,
    'chosen cells' AS part,
    count(n_counts) = count(*) AND count(*) >= 20 AS sound,
    bool_and(whole) AND max(n_counts) > min(n_counts) * (1 + 1e-3) AS passed,
    avg(whole::INTEGER) AS observed,
    1 AS bound,
    format('{:.1f} % of {} cells have whole totals, from {:.6g} to {:.6g}',
        100 * avg(whole::INTEGER), count(*), min(n_counts), max(n_counts)) AS why
FROM chosen
GROUP BY run_id
