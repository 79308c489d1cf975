-- How are edges spread over the features of a layer, here and in other studies?
-- Columns: effect, criterion, other, other_sae, other_criterion, statistic, own, theirs
SELECT effect, criterion, other, other_sae, other_criterion, statistic, own, theirs
FROM transfer_summary
WHERE run_id = $run_id AND source_sae = $source_sae
ORDER BY
    other,
    list_position(['n_features', 'mean', 'median', 'largest', 'above_five_medians', 'skewness', 'gini', 'rho_frequency',
        'annotated', 'unannotated_of_top20', 'rho_annotated'], statistic)
