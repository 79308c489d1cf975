ALTER TABLE "sae" ADD COLUMN "sparsity" DOUBLE;
COMMENT ON COLUMN "sae"."sparsity" IS 'Coefficient of the sparsity term; NULL for variants without one, and where imported files do not tell';
ALTER TABLE "sae" ADD COLUMN "described" BOOLEAN;
COMMENT ON COLUMN "sae"."described" IS 'Whether its features are described and traced; the others are there to be compared';
CREATE TABLE "sae_overlap" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "other_sae" VARCHAR,
    "n_living" UINTEGER,
    "mean_cosine" DOUBLE,
    "chance_cosine" DOUBLE,
    "n_matched" UINTEGER,
    "matched_fraction" DOUBLE
);
COMMENT ON TABLE "sae_overlap" IS 'How many features of one autoencoder another one of the same layer has as well, for every ordered pair that a study compares.';
COMMENT ON COLUMN "sae_overlap"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "sae_overlap"."sae_id" IS 'Autoencoder whose features are looked for';
COMMENT ON COLUMN "sae_overlap"."other_sae" IS 'Autoencoder in which they are looked for';
COMMENT ON COLUMN "sae_overlap"."n_living" IS 'Features of the first that fire on held-out cells; only such features count, on either side';
COMMENT ON COLUMN "sae_overlap"."mean_cosine" IS 'Mean over them of the highest cosine with a direction of the other';
COMMENT ON COLUMN "sae_overlap"."chance_cosine" IS 'The same with as many random directions in place of the other''s';
COMMENT ON COLUMN "sae_overlap"."n_matched" IS 'Features whose highest cosine is at least 0.7';
COMMENT ON COLUMN "sae_overlap"."matched_fraction" IS 'n_matched over n_living';
COMMENT ON COLUMN "work_unit"."step" IS 'Step that made the shard: cells, model, activations, sae, compare, describe, trace, combine, validate, or atlas for an import';
UPDATE "sae" SET "described" = true;
