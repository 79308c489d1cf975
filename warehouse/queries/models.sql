-- Which model was looked into, and how well does it predict masked genes beside the frequency baseline?
-- Columns: model_id, family, name, stand_in, n_layers, d_model, n_heads, n_parameters, vocab_size, max_length, heldout_loss, baseline_loss, heldout_top1, baseline_top1
SELECT
    model_id, family, name, stand_in, n_layers, d_model, n_heads, n_parameters, vocab_size, max_length,
    heldout_loss, baseline_loss, heldout_top1, baseline_top1
FROM model
WHERE run_id = $run_id
ORDER BY model_id
