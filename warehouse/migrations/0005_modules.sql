COMMENT ON COLUMN "feature"."module" IS 'Module as published; NULL outside any. A run made here has its modules in module_feature';
COMMENT ON TABLE "module" IS 'Modules: groups of features of one autoencoder that fire together.';
COMMENT ON COLUMN "module"."module" IS 'Number of the module in its layer: from 1, largest first (imported: as published, from 0)';
COMMENT ON COLUMN "module"."n_features" IS 'Number of member features';
CREATE TABLE "module_edge" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature_a" UINTEGER,
    "feature_b" UINTEGER,
    "correlation" DOUBLE,
    "n_both" UBIGINT
);
COMMENT ON TABLE "module_edge" IS 'Pairs of features of one autoencoder that are joined in the graph whose communities are the modules.';
COMMENT ON COLUMN "module_edge"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "module_edge"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "module_edge"."feature_a" IS 'Feature of the lower number';
COMMENT ON COLUMN "module_edge"."feature_b" IS 'Feature of the higher number';
COMMENT ON COLUMN "module_edge"."correlation" IS 'Pearson correlation over cells of the two features'' mean activations; the weight of the pair';
COMMENT ON COLUMN "module_edge"."n_both" IS 'Positions at which both fire';
COMMENT ON TABLE "module_feature" IS 'Features that belong to a module.';
COMMENT ON TABLE "module_label" IS 'Terms that more members of a module carry than chance gives, best first (imported: the commonest labels among its first hundred members).';
COMMENT ON COLUMN "module_label"."label" IS 'Term (imported: label as published)';
COMMENT ON COLUMN "module_label"."n_features" IS 'Members that carry it (imported: of the first hundred)';
ALTER TABLE "module_label" ADD COLUMN "library" VARCHAR;
COMMENT ON COLUMN "module_label"."library" IS 'Gene-set library of the term';
ALTER TABLE "module_label" ADD COLUMN "expected" DOUBLE;
COMMENT ON COLUMN "module_label"."expected" IS 'Members to expect with it, if as many features were drawn from all that could be grouped';
ALTER TABLE "module_label" ADD COLUMN "p" DOUBLE;
COMMENT ON COLUMN "module_label"."p" IS 'Hypergeometric probability of at least n_features members with it';
ALTER TABLE "module_label" ADD COLUMN "q" DOUBLE;
COMMENT ON COLUMN "module_label"."q" IS 'Benjamini-Hochberg over all modules and terms of the autoencoder';
