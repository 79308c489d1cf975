-- All significant terms of every feature, each with a share of the feature: the weights of a feature sum to one. A domain
-- (feature_domain) is the one term of smallest q; here nothing that was found is left out.
CREATE OR REPLACE VIEW feature_term AS
SELECT
    run_id,
    sae_id,
    feature,
    library,
    term,
    library || '::' || term AS domain,
    q,
    represented_by,
    1.0::DOUBLE / count(*) OVER (PARTITION BY run_id, sae_id, feature) AS weight
FROM annotation
WHERE significant;
COMMENT ON VIEW feature_term IS 'All significant terms of every feature, with weights that sum to one for each feature: domains as many-to-many, beside the single label of feature_domain.';
