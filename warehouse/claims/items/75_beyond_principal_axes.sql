-- kind: Layers, modules and axes
-- question: Do features lie outside the principal axes more than random directions?
-- claim: The autoencoder finds what principal axes miss.
-- level: decoding
-- rule: P1
-- needs: svd_layer
-- next: Ask for `subspace.wanted = true`, and quote the share of random directions beside it.
--
-- That no cosine reaches 0.7 is true of any direction, even of those within the axes: it decides nothing.
SELECT
    run_id,
    sae_id AS part,
    share_mean IS NOT NULL AND share_expected IS NOT NULL AS sound,
    share_mean < share_expected AS passed,
    share_mean AS observed,
    share_expected AS bound,
    CASE
        WHEN share_mean IS NULL
            THEN format('{} of {} features far from every axis, as random directions are', n_novel, n_novel + n_aligned)
        ELSE format('{:.1f} % of a direction lies in the first axes, of a random one {:.1f} %', 100 * share_mean,
            100 * share_expected)
    END AS why
FROM svd_layer
