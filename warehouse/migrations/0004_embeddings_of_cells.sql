ALTER TABLE "sae" ADD COLUMN "embedding_recovered" DOUBLE;
COMMENT ON COLUMN "sae"."embedding_recovered" IS 'Share of what the layer''s mean in its place does to embeddings of held-out cells that the reconstruction spares: 1 - sum of squared shifts with the one over that with the other; NULL where the mean moves none, in imported runs and in those that did not measure it yet';
