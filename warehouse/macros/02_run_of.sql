CREATE OR REPLACE MACRO run_of(sae) AS (
    SELECT s.run_id FROM sae AS s JOIN run AS r USING (run_id) WHERE s.sae_id = sae ORDER BY r.finished DESC, s.run_id LIMIT 1
);
COMMENT ON MACRO run_of IS 'The newest run that holds the autoencoder.';
