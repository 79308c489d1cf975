-- How far each rate of an autoencoder's features, less what chance gives, lies above the best of its baselines. ``low`` is
-- the lower end of the difference's 95 % interval (Wald).
CREATE OR REPLACE VIEW baseline_margin AS
WITH rates AS (
    SELECT
        run_id,
        sae_id,
        basis,
        unnest(['annotated', 'named', 'type']) AS rate,
        unnest([annotated_fraction, named_fraction, type_fraction]) AS share,
        unnest([null_annotated, null_named, null_type]) AS by_chance,
        unnest([n_described, n_alive, n_alive]) AS n
    FROM baseline
),
excess AS (
    SELECT run_id, sae_id, rate, basis, share - by_chance AS excess, share * (1 - share) / n AS variance FROM rates
),
best AS (
    SELECT run_id, sae_id, rate, arg_max(basis, excess) AS basis, max(excess) AS excess,
        arg_max(variance, excess) AS variance
    FROM excess
    WHERE basis <> 'autoencoder'
    GROUP BY ALL
)
SELECT
    own.run_id,
    own.sae_id,
    own.rate,
    own.excess,
    best.basis AS best_basis,
    best.excess AS best_excess,
    own.excess - best.excess - 1.96 * sqrt(own.variance + best.variance) AS low
FROM excess AS own
JOIN best USING (run_id, sae_id, rate)
WHERE own.basis = 'autoencoder';
COMMENT ON VIEW baseline_margin IS 'Rates of an autoencoder''s features above chance, beside the best of its baselines, with the lower end of the difference''s 95 % interval.';
