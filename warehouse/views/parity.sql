-- One row a published number of an imported run: what was imported beside it, and whether they agree.
CREATE OR REPLACE VIEW parity AS
WITH incomplete AS (
    SELECT value.run_id, value.quantity, value.item
    FROM published_value AS value
    JOIN import_gap AS gap ON gap.run_id = value.run_id AND gap.kind IN (value.needs, 'features')
    WHERE value.item = 'all' OR gap.layer IS NULL OR contains(value.item, printf('L%02d', gap.layer))
    GROUP BY ALL
),
counted AS (
    SELECT run_id, quantity, item, value FROM figure WHERE imported
)
SELECT
    published.run_id,
    published.quantity,
    published.item,
    published.value AS published,
    counted.value AS imported,
    published.tolerance,
    CASE
        WHEN published.needs IS NULL THEN 'not in atlas files'
        WHEN incomplete.run_id IS NOT NULL THEN 'file missing'
        WHEN abs(counted.value - published.value) <= published.tolerance + 1e-9 * abs(published.value) THEN 'agrees'
        ELSE 'differs'
    END AS state,
    published.unit,
    published.source,
    published.meaning,
    published.standing,
    published.standing_source,
    published.standing_reason
FROM published_value AS published
LEFT JOIN counted USING (run_id, quantity, item)
LEFT JOIN incomplete USING (run_id, quantity, item);
COMMENT ON VIEW parity IS 'Published numbers beside those of the imported files: agrees, differs, file missing, or not in atlas files.';
