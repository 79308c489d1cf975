COMMENT ON COLUMN "gene"."token_id" IS 'Token of the gene in the model''s vocabulary; NULL if the model does not know it, or if an earlier gene of the file has the same symbol and stands for both';
COMMENT ON COLUMN "gene"."median" IS 'Median of the gene''s non-zero counts per 10,000, the divisor of the rank-value encoding; NULL for models without medians';
COMMENT ON COLUMN "model"."family" IS 'Architecture family: geneformer, scgpt, scfoundation, or own for an encoder that the study describes; unknown where imported files do not tell';
COMMENT ON COLUMN "model"."heldout_loss" IS 'Loss at masked genes of held-out cells: cross-entropy in nat, or of a model that predicts values (scGPT) their mean squared error in bins squared; NULL if it predicts nothing, or no cell is held out';
COMMENT ON COLUMN "model"."heldout_top1" IS 'Share of masked genes that are the model''s first guess, held-out cells; NULL for a model that predicts no genes';
COMMENT ON COLUMN "model"."baseline_top1" IS 'The same share for the baseline that guesses by frequency at that rank; NULL for a model that predicts no genes';
COMMENT ON COLUMN "model"."baseline_loss" IS 'Cross-entropy of the frequency baseline; NULL for a model that predicts no genes [nat]';
COMMENT ON COLUMN "sae"."seed" IS 'Seed of initialisation and batches; NULL for one that was not trained here';
COMMENT ON COLUMN "sae"."n_steps" IS 'Optimiser steps; NULL for one that was not trained here';
COMMENT ON COLUMN "sae"."loss_clean" IS 'Masked-gene loss of the untouched model: in nat where genes are predicted, in bins squared where values are (scGPT); NULL for a model that predicts nothing';
COMMENT ON COLUMN "sae"."loss_spliced" IS 'The same with the reconstruction in place of the layer''s output';
COMMENT ON COLUMN "sae"."loss_ablated" IS 'The same with the layer''s mean activation in its place';
COMMENT ON COLUMN "sae"."loss_recovered" IS '(loss_ablated - loss_spliced) / (loss_ablated - loss_clean); NULL where ablating the layer does no harm, and for a model that predicts nothing';
ALTER TABLE "sae" ADD COLUMN "sparsity" DOUBLE;
COMMENT ON COLUMN "sae"."sparsity" IS 'Coefficient of the sparsity term; NULL for variants without one, and where imported files do not tell';
ALTER TABLE "sae" ADD COLUMN "described" BOOLEAN;
COMMENT ON COLUMN "sae"."described" IS 'Whether its features are described and traced; the others are there to be compared';
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
