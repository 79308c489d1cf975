SELECT
    (SELECT count(*) FROM cell WHERE run_id = run.run_id AND chosen) AS cells,
    (SELECT count(*) FROM sae WHERE run_id = run.run_id) AS saes,
    (SELECT count(*) FROM feature WHERE run_id = run.run_id AND alive) AS living_features,
    (SELECT count(*) FROM edge_stat WHERE run_id = run.run_id) AS measured_effects,
    (SELECT count(*) FROM edge WHERE run_id = run.run_id AND criterion = 'calibrated') AS calibrated_edges,
    (SELECT count(*) FROM edge WHERE run_id = run.run_id AND criterion = 'published') AS published_edges,
    (SELECT count(*) FROM quality_result WHERE run_id = run.run_id AND success) AS checks_passed,
    (SELECT count(*) FROM quality_result WHERE run_id = run.run_id) AS checks
FROM run
WHERE run_id = $$run_id
