-- How well do the cells of all other batches label those of each batch, before and after features are changed?
-- Columns: embedding, setting, batch, n_cells, n_labels, n_unseen, accuracy, accuracy_low, accuracy_high, macro_f1, macro_f1_low, macro_f1_high
SELECT
    embedding, setting, batch, n_cells, n_labels, n_unseen, accuracy, accuracy_low, accuracy_high, macro_f1,
    macro_f1_low, macro_f1_high
FROM label_transfer
WHERE run_id = $run_id AND sae_id = $sae_id AND setting IN ('clean', $setting)
ORDER BY embedding DESC, setting <> 'clean', batch
