-- What do the figures of an import come to in a run made here, by the import's rule and by the default one, and by chance?
-- Columns: quantity, item, in_import, in_run, by_chance, by_default_rule, default_by_chance, rule
SELECT
    quantity, item, imported AS in_import, own AS in_run, own_null AS by_chance, own_default AS by_default_rule,
    default_null AS default_by_chance, rule
FROM figure_comparison
WHERE run_id = $run_id AND imported_run = $imported_run
ORDER BY item <> 'all', quantity, item
