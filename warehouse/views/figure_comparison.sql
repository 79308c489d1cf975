-- One row a run made here, imported run, quantity and item that both have: the imported figure, the run's own by the rule
-- that the import follows (or by none where nothing is decided), and by the default rule, each beside what chance gives.
CREATE OR REPLACE VIEW figure_comparison AS
WITH published AS (
    SELECT run_id AS imported_run, quantity, item, rule, value AS imported FROM figure WHERE imported
),
own AS (
    SELECT
        run_id,
        quantity,
        item,
        max(value) FILTER (rule <> 'default') AS own,
        max(null_value) FILTER (rule <> 'default') AS own_null,
        max(value) FILTER (rule = 'default') AS own_default,
        max(null_value) FILTER (rule = 'default') AS default_null
    FROM figure
    WHERE NOT imported
    GROUP BY ALL
)
SELECT run_id, imported_run, quantity, item, rule, imported, own, own_null, own_default, default_null
FROM own
JOIN published USING (quantity, item);
COMMENT ON VIEW figure_comparison IS 'Figures of a run made here beside those of an imported run, where both have them: by the rule of the import, and by the default rule, with what chance gives.';
