-- What do the figures of an import come to in a run made here, by the import's rule and by the default one, and by chance?
-- Columns: quantity, item, in_import, standing, in_run, by_chance, by_default_rule, default_by_chance, rule
SELECT
    quantity, item, imported AS in_import, standing, own AS in_run, own_null AS by_chance,
    own_default AS by_default_rule, default_null AS default_by_chance, rule
FROM figure_comparison
LEFT JOIN (
    SELECT quantity, any_value(published_value.standing) AS standing
    FROM published_value
    WHERE run_id = $imported_run
    GROUP BY quantity
) AS stand USING (quantity)
WHERE run_id = $run_id AND imported_run = $imported_run
ORDER BY item <> 'all', quantity, item
