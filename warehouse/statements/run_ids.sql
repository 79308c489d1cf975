SELECT run_id FROM run
