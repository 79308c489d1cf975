COMMENT ON COLUMN "sae"."seed" IS 'Seed of initialisation and batches; NULL for one that was not trained here';
COMMENT ON COLUMN "sae"."n_steps" IS 'Optimiser steps; NULL for one that was not trained here';
ALTER TABLE "sae" ADD COLUMN "dense_fraction" DOUBLE;
COMMENT ON COLUMN "sae"."dense_fraction" IS 'Share of features that fire at more than a tenth of the positions, held-out cells; NULL in imported runs and in those that did not measure it yet';
ALTER TABLE "sae" ADD COLUMN "cosine" DOUBLE;
COMMENT ON COLUMN "sae"."cosine" IS 'Cosine between activation and reconstruction, mean over positions of held-out cells; NULL where dense_fraction is';
ALTER TABLE "sae" ADD COLUMN "layout" VARCHAR;
COMMENT ON COLUMN "sae"."layout" IS 'Layout of the files that it was taken from; NULL for one trained here, and in imported runs';
CREATE TABLE "sae_density" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "bin" UTINYINT,
    "low" DOUBLE,
    "high" DOUBLE,
    "n_features" UINTEGER
);
COMMENT ON TABLE "sae_density" IS 'How many features of an autoencoder fire how often on held-out cells.';
COMMENT ON COLUMN "sae_density"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "sae_density"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "sae_density"."bin" IS 'Bin: 0 holds the features that never fire, the others are a quarter of a decade wide';
COMMENT ON COLUMN "sae_density"."low" IS 'Lower edge, exclusive: log10 of the share of positions at which a feature fires; NULL for bin 0';
COMMENT ON COLUMN "sae_density"."high" IS 'Upper edge, inclusive; NULL for bin 0';
COMMENT ON COLUMN "sae_density"."n_features" IS 'Features in the bin';
