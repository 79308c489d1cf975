CREATE TABLE "annotation" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "library" VARCHAR,
    "term" VARCHAR,
    "n_overlap" USMALLINT,
    "n_feature_genes" USMALLINT,
    "n_set" UINTEGER,
    "n_background" UINTEGER,
    "fold" DOUBLE,
    "p" DOUBLE,
    "q" DOUBLE,
    "significant" BOOLEAN,
    "genes" VARCHAR,
    "odds_ratio" DOUBLE,
    "odds_ratio_infinite" BOOLEAN,
    "q_below_resolution" BOOLEAN,
    "ordinal" USMALLINT
);
COMMENT ON TABLE "annotation" IS 'Over-representation of a gene set among a feature''s genes. Every pair was tested; rows share at least two genes and have q <= 0.05, or are among the feature''s five best of the library with p < 0.05. Imported: the published rows, tested after leaving out terms with less than two genes.';
COMMENT ON COLUMN "annotation"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "annotation"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "annotation"."feature" IS 'Feature';
COMMENT ON COLUMN "annotation"."library" IS 'Gene-set library';
COMMENT ON COLUMN "annotation"."term" IS 'Gene set';
COMMENT ON COLUMN "annotation"."n_overlap" IS 'Genes of the feature in the set';
COMMENT ON COLUMN "annotation"."n_feature_genes" IS 'Genes of the feature that were tested: its first by rank, as many as describe.tested_genes';
COMMENT ON COLUMN "annotation"."n_set" IS 'Genes of the set in the background';
COMMENT ON COLUMN "annotation"."n_background" IS 'Genes that the feature could have shown';
COMMENT ON COLUMN "annotation"."fold" IS 'Overlap over its expectation';
COMMENT ON COLUMN "annotation"."p" IS 'Hypergeometric tail probability';
COMMENT ON COLUMN "annotation"."q" IS 'Benjamini-Hochberg over all feature-term pairs of the autoencoder and library; imported: over the pairs with two genes or more, and 5e-7 where q_below_resolution';
COMMENT ON COLUMN "annotation"."significant" IS 'q <= 0.05 and at least two genes overlap';
COMMENT ON COLUMN "annotation"."genes" IS 'Symbols of the overlap, by rank';
COMMENT ON COLUMN "annotation"."odds_ratio" IS 'Odds ratio as published, rounded to 2 decimals; NULL where infinite';
COMMENT ON COLUMN "annotation"."odds_ratio_infinite" IS 'Published as infinite or above 1e6';
COMMENT ON COLUMN "annotation"."q_below_resolution" IS 'Published as 0: q was rounded, and lies between 1e-10 and 5e-7, of which the larger stands in q';
COMMENT ON COLUMN "annotation"."ordinal" IS 'Place in the published list of the feature, from 0';

CREATE TABLE "annotation_summary" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "library" VARCHAR,
    "n_features" UINTEGER,
    "n_terms" UINTEGER,
    "n_tests" UBIGINT,
    "n_background" UINTEGER,
    "n_annotated" UINTEGER,
    "annotated_fraction" DOUBLE,
    "null_mean" DOUBLE,
    "null_sd" DOUBLE,
    "null_max" DOUBLE,
    "n_null" USMALLINT
);
COMMENT ON TABLE "annotation_summary" IS 'How much of an autoencoder is annotated, beside what random gene sets of the same size give.';
COMMENT ON COLUMN "annotation_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "annotation_summary"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "annotation_summary"."library" IS 'Gene-set library, or all';
COMMENT ON COLUMN "annotation_summary"."n_features" IS 'Living features tested';
COMMENT ON COLUMN "annotation_summary"."n_terms" IS 'Gene sets tested';
COMMENT ON COLUMN "annotation_summary"."n_tests" IS 'Feature-term pairs tested';
COMMENT ON COLUMN "annotation_summary"."n_background" IS 'Genes of the background';
COMMENT ON COLUMN "annotation_summary"."n_annotated" IS 'Features with a significant term';
COMMENT ON COLUMN "annotation_summary"."annotated_fraction" IS 'n_annotated over n_features';
COMMENT ON COLUMN "annotation_summary"."null_mean" IS 'Mean annotated fraction of matched random gene sets';
COMMENT ON COLUMN "annotation_summary"."null_sd" IS 'Its standard deviation over draws';
COMMENT ON COLUMN "annotation_summary"."null_max" IS 'Its maximum over draws';
COMMENT ON COLUMN "annotation_summary"."n_null" IS 'Draws';

CREATE TABLE "causal_patch" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "place" USMALLINT,
    "effect" VARCHAR,
    "target_effect" DOUBLE,
    "other_effect" DOUBLE,
    "specificity" DOUBLE,
    "label" VARCHAR,
    "n_annotations" UINTEGER,
    "frequency" DOUBLE,
    "n_cells" UINTEGER
);
COMMENT ON TABLE "causal_patch" IS 'What switching one feature off did to the model''s output, as published. The two models were measured in different units.';
COMMENT ON COLUMN "causal_patch"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "causal_patch"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "causal_patch"."feature" IS 'Feature';
COMMENT ON COLUMN "causal_patch"."place" IS 'Place in the published list, from 0';
COMMENT ON COLUMN "causal_patch"."effect" IS 'logit (mean signed change of logits) or displacement (mean size of the change of outputs)';
COMMENT ON COLUMN "causal_patch"."target_effect" IS 'logit: mean change on the feature''s own first ten genes; displacement: the feature''s';
COMMENT ON COLUMN "causal_patch"."other_effect" IS 'logit: mean change on other genes; displacement: a control''s';
COMMENT ON COLUMN "causal_patch"."specificity" IS 'abs(target_effect) over abs(other_effect), as published';
COMMENT ON COLUMN "causal_patch"."label" IS 'Label, as published; NULL if not published';
COMMENT ON COLUMN "causal_patch"."n_annotations" IS 'Annotation rows, as published; NULL if not published';
COMMENT ON COLUMN "causal_patch"."frequency" IS 'Firing frequency, as published; NULL if not published';
COMMENT ON COLUMN "causal_patch"."n_cells" IS 'Cells measured; NULL if not published';

CREATE TABLE "causal_patch_gene" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "rank" USMALLINT,
    "symbol" VARCHAR
);
COMMENT ON TABLE "causal_patch_gene" IS 'The genes whose outputs were read as a feature''s own targets, as published.';
COMMENT ON COLUMN "causal_patch_gene"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "causal_patch_gene"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "causal_patch_gene"."feature" IS 'Feature';
COMMENT ON COLUMN "causal_patch_gene"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "causal_patch_gene"."symbol" IS 'Gene symbol';

CREATE TABLE "causal_patch_summary" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "n_features" UINTEGER,
    "n_cells" UINTEGER,
    "mean_specificity" DOUBLE,
    "median_specificity" DOUBLE,
    "mean_target_effect" DOUBLE,
    "mean_other_effect" DOUBLE,
    "n_above_2" UINTEGER,
    "n_above_5" UINTEGER
);
COMMENT ON TABLE "causal_patch_summary" IS 'Causal patching in a few numbers, as published.';
COMMENT ON COLUMN "causal_patch_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "causal_patch_summary"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "causal_patch_summary"."n_features" IS 'Features tested that were active';
COMMENT ON COLUMN "causal_patch_summary"."n_cells" IS 'Cells; NULL if not published';
COMMENT ON COLUMN "causal_patch_summary"."mean_specificity" IS 'Mean specificity';
COMMENT ON COLUMN "causal_patch_summary"."median_specificity" IS 'Median specificity';
COMMENT ON COLUMN "causal_patch_summary"."mean_target_effect" IS 'Mean effect on own targets; NULL if not published';
COMMENT ON COLUMN "causal_patch_summary"."mean_other_effect" IS 'Mean effect on other genes; NULL if not published';
COMMENT ON COLUMN "causal_patch_summary"."n_above_2" IS 'Features with a specificity above 2';
COMMENT ON COLUMN "causal_patch_summary"."n_above_5" IS 'Features with a specificity above 5; NULL if not published';

CREATE TABLE "cell" (
    "run_id" VARCHAR,
    "cell_id" UINTEGER,
    "barcode" VARCHAR,
    "chosen" BOOLEAN,
    "drop_reason" VARCHAR,
    "split" VARCHAR,
    "label" VARCHAR,
    "n_counts" DOUBLE,
    "n_genes" UINTEGER,
    "n_tokens" USMALLINT,
    "token_sha" VARCHAR,
    "draw_rank" UINTEGER
);
COMMENT ON TABLE "cell" IS 'Every cell of the input file, chosen or dropped, with the reason.';
COMMENT ON COLUMN "cell"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "cell"."cell_id" IS 'Row of the cell in the input file, from 0';
COMMENT ON COLUMN "cell"."barcode" IS 'Name of the cell in the input file';
COMMENT ON COLUMN "cell"."chosen" IS 'Whether the cell is used';
COMMENT ON COLUMN "cell"."drop_reason" IS 'Why not: filtered out, not sampled, no counts, too few genes, no known genes; NULL for chosen cells';
COMMENT ON COLUMN "cell"."split" IS 'train or heldout; NULL for dropped cells';
COMMENT ON COLUMN "cell"."label" IS 'Cell type, from the obs column that the study names; NULL without labels';
COMMENT ON COLUMN "cell"."n_counts" IS 'Total counts over all genes of the file';
COMMENT ON COLUMN "cell"."n_genes" IS 'Genes with at least one count';
COMMENT ON COLUMN "cell"."n_tokens" IS 'Tokens of the cell, special ones included';
COMMENT ON COLUMN "cell"."token_sha" IS 'SHA-256 of the token sequence';
COMMENT ON COLUMN "cell"."draw_rank" IS 'Place of the cell in the draw, seeded or published as the study says';

CREATE TABLE "cell_type" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "cell_type" VARCHAR,
    "n_cells" UINTEGER,
    "tissues" VARCHAR
);
COMMENT ON TABLE "cell_type" IS 'Cell types of the cells behind imported cell-type enrichment, by layer.';
COMMENT ON COLUMN "cell_type"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "cell_type"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "cell_type"."cell_type" IS 'Cell type';
COMMENT ON COLUMN "cell_type"."n_cells" IS 'Cells of the type';
COMMENT ON COLUMN "cell_type"."tissues" IS 'Tissues, separated by commas, seen among the layer''s published top cells; NULL if none was';

CREATE TABLE "cell_type_summary" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "n_cells" UINTEGER,
    "tissues" VARCHAR,
    "n_cell_types" UINTEGER,
    "n_features_enriched" UINTEGER
);
COMMENT ON TABLE "cell_type_summary" IS 'What an imported atlas says of the cells behind a layer''s cell-type enrichment, held against its rows.';
COMMENT ON COLUMN "cell_type_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "cell_type_summary"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "cell_type_summary"."n_cells" IS 'Cells';
COMMENT ON COLUMN "cell_type_summary"."tissues" IS 'Tissues, separated by commas';
COMMENT ON COLUMN "cell_type_summary"."n_cell_types" IS 'Cell types';
COMMENT ON COLUMN "cell_type_summary"."n_features_enriched" IS 'Features with a significant type or tissue';

CREATE TABLE "combination" (
    "run_id" VARCHAR,
    "combination" VARCHAR,
    "member" UTINYINT,
    "sae_id" VARCHAR,
    "layer" USMALLINT,
    "feature" UINTEGER,
    "multiplier" DOUBLE,
    "drawn" BOOLEAN,
    "n_cells" USMALLINT
);
COMMENT ON TABLE "combination" IS 'Sets of features that were changed alone and together.';
COMMENT ON COLUMN "combination"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "combination"."combination" IS 'Name of the set';
COMMENT ON COLUMN "combination"."member" IS 'Number of a member, from 1, by layer and feature';
COMMENT ON COLUMN "combination"."sae_id" IS 'Autoencoder of the member';
COMMENT ON COLUMN "combination"."layer" IS 'Its layer';
COMMENT ON COLUMN "combination"."feature" IS 'Feature';
COMMENT ON COLUMN "combination"."multiplier" IS 'What its activations were multiplied by; 0 takes it out';
COMMENT ON COLUMN "combination"."drawn" IS 'Whether the set was drawn by seed, not named';
COMMENT ON COLUMN "combination"."n_cells" IS 'Cells in which all members of the set are active; the set is measured in these';

CREATE TABLE "combination_effect" (
    "run_id" VARCHAR,
    "combination" VARCHAR,
    "members" VARCHAR,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "cell_id" UINTEGER,
    "targets" UINTEGER[],
    "deltas" FLOAT[]
);
COMMENT ON TABLE "combination_effect" IS 'Per-cell effects of every subset of a set on one target layer, non-zero ones only.';
COMMENT ON COLUMN "combination_effect"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "combination_effect"."combination" IS 'Set';
COMMENT ON COLUMN "combination_effect"."members" IS 'Members that were changed, such as 1+3';
COMMENT ON COLUMN "combination_effect"."target_sae" IS 'Autoencoder of the targets';
COMMENT ON COLUMN "combination_effect"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "combination_effect"."cell_id" IS 'Cell';
COMMENT ON COLUMN "combination_effect"."targets" IS 'Target features with a non-zero effect, ascending';
COMMENT ON COLUMN "combination_effect"."deltas" IS 'Their effects: changed minus clean, mean over the positions where any member of the set is active';

CREATE TABLE "combination_stat" (
    "run_id" VARCHAR,
    "combination" VARCHAR,
    "kind" VARCHAR,
    "members" VARCHAR,
    "n_members" UTINYINT,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "target_feature" UINTEGER,
    "n_cells" USMALLINT,
    "n_pos" USMALLINT,
    "n_neg" USMALLINT,
    "mean" FLOAT,
    "sd" FLOAT,
    "d" FLOAT,
    "g" FLOAT,
    "n_exceed" UINTEGER,
    "n_perm" UINTEGER,
    "exact" BOOLEAN,
    "p" DOUBLE,
    "q" DOUBLE
);
COMMENT ON TABLE "combination_stat" IS 'What members of a set do to a feature, together and beyond the sum of what they do apart.';
COMMENT ON COLUMN "combination_stat"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "combination_stat"."combination" IS 'Set';
COMMENT ON COLUMN "combination_stat"."kind" IS 'effect of changing the members; interaction: by inclusion and exclusion of effects in each cell, for a pair joint minus single ones';
COMMENT ON COLUMN "combination_stat"."members" IS 'Members that were changed, such as 1+3';
COMMENT ON COLUMN "combination_stat"."n_members" IS 'How many they are';
COMMENT ON COLUMN "combination_stat"."target_sae" IS 'Autoencoder of the target';
COMMENT ON COLUMN "combination_stat"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "combination_stat"."target_feature" IS 'Feature whose activation changed';
COMMENT ON COLUMN "combination_stat"."n_cells" IS 'Cells in which all members of the set are active';
COMMENT ON COLUMN "combination_stat"."n_pos" IS 'Of these, cells with a positive value';
COMMENT ON COLUMN "combination_stat"."n_neg" IS 'Of these, cells with a negative value';
COMMENT ON COLUMN "combination_stat"."mean" IS 'Mean over n_cells, zeros included';
COMMENT ON COLUMN "combination_stat"."sd" IS 'Standard deviation (n - 1)';
COMMENT ON COLUMN "combination_stat"."d" IS 'mean over max(sd, 1e-10)';
COMMENT ON COLUMN "combination_stat"."g" IS 'Hedges g: d (1 - 3 / (4 n - 5))';
COMMENT ON COLUMN "combination_stat"."n_exceed" IS 'Sign flips with a |d| at least as large';
COMMENT ON COLUMN "combination_stat"."n_perm" IS 'Sign flips, more where few of them reach; enumerated ones only with the first sign kept';
COMMENT ON COLUMN "combination_stat"."exact" IS 'Whether all 2^n sign flips were enumerated';
COMMENT ON COLUMN "combination_stat"."p" IS 'Permutation p: n_exceed / n_perm if exact, else (1 + n_exceed) / (1 + n_perm)';
COMMENT ON COLUMN "combination_stat"."q" IS 'Benjamini-Hochberg over the target features of a set, kind, subset and target layer';

CREATE TABLE "criterion" (
    "run_id" VARCHAR,
    "criterion" VARCHAR,
    "effect_min" DOUBLE,
    "consistency_min" DOUBLE,
    "q_max" DOUBLE,
    "nonzero_min" USMALLINT,
    "symmetric" BOOLEAN,
    "meaning" VARCHAR
);
COMMENT ON TABLE "criterion" IS 'A named rule that calls edges.';
COMMENT ON COLUMN "criterion"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "criterion"."criterion" IS 'published or calibrated';
COMMENT ON COLUMN "criterion"."effect_min" IS 'Smallest |d| (published) or |Hedges g| (calibrated), exclusive';
COMMENT ON COLUMN "criterion"."consistency_min" IS 'Smallest share of agreeing signs, exclusive';
COMMENT ON COLUMN "criterion"."q_max" IS 'Largest q; NULL where the rule has none';
COMMENT ON COLUMN "criterion"."nonzero_min" IS 'Fewest cells with a non-zero effect';
COMMENT ON COLUMN "criterion"."symmetric" IS 'Whether sign agreement counts non-zero cells only';
COMMENT ON COLUMN "criterion"."meaning" IS 'The rule in words';

CREATE TABLE "cross_layer_link" (
    "run_id" VARCHAR,
    "source_sae" VARCHAR,
    "source_feature" UINTEGER,
    "target_sae" VARCHAR,
    "target_feature" UINTEGER,
    "rank" USMALLINT,
    "pmi" DOUBLE,
    "target_label" VARCHAR
);
COMMENT ON TABLE "cross_layer_link" IS 'The strongest links of the features of a layer to those of a later one, by pointwise mutual information of firing, as published. Co-activation, no causal effect.';
COMMENT ON COLUMN "cross_layer_link"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "cross_layer_link"."source_sae" IS 'Autoencoder of the earlier layer';
COMMENT ON COLUMN "cross_layer_link"."source_feature" IS 'Feature of the earlier layer';
COMMENT ON COLUMN "cross_layer_link"."target_sae" IS 'Autoencoder of the later layer';
COMMENT ON COLUMN "cross_layer_link"."target_feature" IS 'Feature of the later layer';
COMMENT ON COLUMN "cross_layer_link"."rank" IS 'Rank among the links of the source, from 1';
COMMENT ON COLUMN "cross_layer_link"."pmi" IS 'Pointwise mutual information of firing at the same position, in bits, rounded to 2 decimals';
COMMENT ON COLUMN "cross_layer_link"."target_label" IS 'Label of the target, as published; NULL if unlabelled';

CREATE TABLE "cross_layer_summary" (
    "run_id" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "n_alive_source" UINTEGER,
    "n_alive_target" UINTEGER,
    "n_with_links" UINTEGER,
    "mean_max_pmi" DOUBLE,
    "median_max_pmi" DOUBLE,
    "n_highways" UINTEGER,
    "n_links" UINTEGER,
    "upstream_coverage" DOUBLE,
    "downstream_coverage" DOUBLE
);
COMMENT ON TABLE "cross_layer_summary" IS 'Co-activation of the features of two layers, as published: how many features of the earlier layer have a strong link.';
COMMENT ON COLUMN "cross_layer_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "cross_layer_summary"."source_sae" IS 'Autoencoder of the earlier layer';
COMMENT ON COLUMN "cross_layer_summary"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "cross_layer_summary"."target_sae" IS 'Autoencoder of the later layer';
COMMENT ON COLUMN "cross_layer_summary"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "cross_layer_summary"."n_alive_source" IS 'Living features of the earlier layer in the cells used';
COMMENT ON COLUMN "cross_layer_summary"."n_alive_target" IS 'The same of the later layer';
COMMENT ON COLUMN "cross_layer_summary"."n_with_links" IS 'Features of the earlier layer with a link';
COMMENT ON COLUMN "cross_layer_summary"."mean_max_pmi" IS 'Mean over them of their strongest link';
COMMENT ON COLUMN "cross_layer_summary"."median_max_pmi" IS 'Median over them of their strongest link';
COMMENT ON COLUMN "cross_layer_summary"."n_highways" IS 'Of them, those whose strongest link is a highway (pointwise mutual information above 3)';
COMMENT ON COLUMN "cross_layer_summary"."n_links" IS 'Links above the published bounds; NULL where only the strongest were counted';
COMMENT ON COLUMN "cross_layer_summary"."upstream_coverage" IS 'Share of living features of the earlier layer with a link; NULL if not published';
COMMENT ON COLUMN "cross_layer_summary"."downstream_coverage" IS 'Share of living features of the later layer with a link; NULL if not published';

CREATE TABLE "edge" (
    "run_id" VARCHAR,
    "criterion" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "source_feature" UINTEGER,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "target_feature" UINTEGER,
    "n_cells" USMALLINT,
    "n_pos" USMALLINT,
    "n_neg" USMALLINT,
    "mean" FLOAT,
    "sd" FLOAT,
    "d" FLOAT,
    "g" FLOAT,
    "p" DOUBLE,
    "q" DOUBLE,
    "consistency" DOUBLE,
    "sign" TINYINT
);
COMMENT ON TABLE "edge" IS 'Edges by criterion: the measured pairs (edge_stat) that pass a named rule (criterion).';
COMMENT ON COLUMN "edge"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "edge"."criterion" IS 'Rule that calls the pair an edge';
COMMENT ON COLUMN "edge"."effect" IS 'total or direct';
COMMENT ON COLUMN "edge"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "edge"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "edge"."source_feature" IS 'Feature that was ablated';
COMMENT ON COLUMN "edge"."target_sae" IS 'Autoencoder of the target';
COMMENT ON COLUMN "edge"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "edge"."target_feature" IS 'Feature whose activation changed';
COMMENT ON COLUMN "edge"."n_cells" IS 'Cells where the source is active';
COMMENT ON COLUMN "edge"."n_pos" IS 'Of these, cells with a positive effect';
COMMENT ON COLUMN "edge"."n_neg" IS 'Of these, cells with a negative effect';
COMMENT ON COLUMN "edge"."mean" IS 'Mean effect over n_cells, zeros included';
COMMENT ON COLUMN "edge"."sd" IS 'Standard deviation (n - 1)';
COMMENT ON COLUMN "edge"."d" IS 'mean over max(sd, 1e-10)';
COMMENT ON COLUMN "edge"."g" IS 'Hedges g: d (1 - 3 / (4 n - 5))';
COMMENT ON COLUMN "edge"."p" IS 'Permutation p, as in edge_stat';
COMMENT ON COLUMN "edge"."q" IS 'Its q, as in edge_stat';
COMMENT ON COLUMN "edge"."consistency" IS 'Share of the majority sign: of the cells with an effect under a symmetric rule, of all cells under another';
COMMENT ON COLUMN "edge"."sign" IS 'Sign of the mean: -1 if ablating the source lowers the target';

CREATE TABLE "edge_stat" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "source_feature" UINTEGER,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "target_feature" UINTEGER,
    "n_cells" USMALLINT,
    "n_pos" USMALLINT,
    "n_neg" USMALLINT,
    "mean" FLOAT,
    "sd" FLOAT,
    "d" FLOAT,
    "g" FLOAT,
    "n_exceed" UINTEGER,
    "n_perm" UINTEGER,
    "exact" BOOLEAN,
    "p" DOUBLE,
    "q" DOUBLE
);
COMMENT ON TABLE "edge_stat" IS 'Measured effect of one feature on another over cells; every live pair, nothing cut.';
COMMENT ON COLUMN "edge_stat"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "edge_stat"."effect" IS 'total or direct';
COMMENT ON COLUMN "edge_stat"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "edge_stat"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "edge_stat"."source_feature" IS 'Feature that was ablated';
COMMENT ON COLUMN "edge_stat"."target_sae" IS 'Autoencoder of the target';
COMMENT ON COLUMN "edge_stat"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "edge_stat"."target_feature" IS 'Feature whose activation changed';
COMMENT ON COLUMN "edge_stat"."n_cells" IS 'Cells where the source is active';
COMMENT ON COLUMN "edge_stat"."n_pos" IS 'Of these, cells with a positive effect';
COMMENT ON COLUMN "edge_stat"."n_neg" IS 'Of these, cells with a negative effect';
COMMENT ON COLUMN "edge_stat"."mean" IS 'Mean effect over n_cells, zeros included';
COMMENT ON COLUMN "edge_stat"."sd" IS 'Standard deviation (n - 1)';
COMMENT ON COLUMN "edge_stat"."d" IS 'mean over max(sd, 1e-10); 0 for a single cell';
COMMENT ON COLUMN "edge_stat"."g" IS 'Hedges g: d (1 - 3 / (4 n - 5)); 0 for a single cell';
COMMENT ON COLUMN "edge_stat"."n_exceed" IS 'Sign flips with a |d| at least as large';
COMMENT ON COLUMN "edge_stat"."n_perm" IS 'Sign flips, more for a pair that few of them reach; enumerated ones only with the first sign kept, the others having the same |d|';
COMMENT ON COLUMN "edge_stat"."exact" IS 'Whether all 2^n sign flips were enumerated';
COMMENT ON COLUMN "edge_stat"."p" IS 'Permutation p: n_exceed / n_perm if exact, else (1 + n_exceed) / (1 + n_perm)';
COMMENT ON COLUMN "edge_stat"."q" IS 'Benjamini-Hochberg over the source layer, target layer and effect';

CREATE TABLE "effect_cell" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "source_feature" UINTEGER,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "cell_id" UINTEGER,
    "targets" UINTEGER[],
    "deltas" FLOAT[]
);
COMMENT ON TABLE "effect_cell" IS 'Per-cell effects of one ablation on one target layer, non-zero ones only.';
COMMENT ON COLUMN "effect_cell"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "effect_cell"."effect" IS 'total (everything downstream recomputed) or direct';
COMMENT ON COLUMN "effect_cell"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "effect_cell"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "effect_cell"."source_feature" IS 'Feature that was ablated';
COMMENT ON COLUMN "effect_cell"."target_sae" IS 'Autoencoder of the targets';
COMMENT ON COLUMN "effect_cell"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "effect_cell"."cell_id" IS 'Cell';
COMMENT ON COLUMN "effect_cell"."targets" IS 'Target features with a non-zero effect, ascending';
COMMENT ON COLUMN "effect_cell"."deltas" IS 'Their effects: ablated minus clean, mean over the source''s active positions';

CREATE TABLE "effect_comparison" (
    "run_id" VARCHAR,
    "criterion" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "n_pairs" UBIGINT,
    "n_total" UBIGINT,
    "n_direct" UBIGINT,
    "n_both" UBIGINT,
    "d_rho" DOUBLE,
    "direct_share" DOUBLE
);
COMMENT ON TABLE "effect_comparison" IS 'Direct beside total effects, from each autoencoder to each later one, by rule; where both kinds were measured.';
COMMENT ON COLUMN "effect_comparison"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "effect_comparison"."criterion" IS 'Rule whose edges are counted; measured counts every measured pair';
COMMENT ON COLUMN "effect_comparison"."source_sae" IS 'Autoencoder of the sources';
COMMENT ON COLUMN "effect_comparison"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "effect_comparison"."target_sae" IS 'Autoencoder of the targets';
COMMENT ON COLUMN "effect_comparison"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "effect_comparison"."n_pairs" IS 'Pairs measured in either kind';
COMMENT ON COLUMN "effect_comparison"."n_total" IS 'Edges of total effects';
COMMENT ON COLUMN "effect_comparison"."n_direct" IS 'Edges of direct effects';
COMMENT ON COLUMN "effect_comparison"."n_both" IS 'Pairs that are an edge in both';
COMMENT ON COLUMN "effect_comparison"."d_rho" IS 'Spearman correlation of d between the kinds, over n_pairs; NULL where one does not vary';
COMMENT ON COLUMN "effect_comparison"."direct_share" IS 'Summed |mean| of direct effects over that of total ones; NULL where the total is 0';

CREATE TABLE "feature" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "layer" USMALLINT,
    "feature" UINTEGER,
    "alive" BOOLEAN,
    "tier" VARCHAR,
    "fire_count" UBIGINT,
    "frequency" DOUBLE,
    "n_cells_active" UINTEGER,
    "mean_activation" DOUBLE,
    "mean_when_active" DOUBLE,
    "max_activation" DOUBLE,
    "decoder_norm" DOUBLE,
    "n_genes" UINTEGER,
    "top_genes" VARCHAR,
    "label" VARCHAR,
    "label_library" VARCHAR,
    "label_q" DOUBLE,
    "top_cell_type" VARCHAR,
    "top_cell_type_auroc" DOUBLE,
    "module" UINTEGER,
    "map_x" FLOAT,
    "map_y" FLOAT,
    "published_label" VARCHAR,
    "published_ontology" VARCHAR,
    "published_annotations" UINTEGER,
    "svd_aligned" BOOLEAN
);
COMMENT ON TABLE "feature" IS 'One feature of an autoencoder, described.';
COMMENT ON COLUMN "feature"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature"."layer" IS 'Block whose output it reads';
COMMENT ON COLUMN "feature"."feature" IS 'Index in the autoencoder';
COMMENT ON COLUMN "feature"."alive" IS 'Whether it fires at least once';
COMMENT ON COLUMN "feature"."tier" IS 'dead, rare (fewer than 100 firings or 20 cells; imported: firings alone), normal, or dense (fires on more than a tenth of the positions)';
COMMENT ON COLUMN "feature"."fire_count" IS 'Positions where it fires';
COMMENT ON COLUMN "feature"."frequency" IS 'fire_count over all gene positions; imported: rounded to 6 decimals';
COMMENT ON COLUMN "feature"."n_cells_active" IS 'Cells with at least one firing';
COMMENT ON COLUMN "feature"."mean_activation" IS 'Mean activation over all positions, zeros included';
COMMENT ON COLUMN "feature"."mean_when_active" IS 'Mean activation where it fires; NULL if it never does, and in imported runs';
COMMENT ON COLUMN "feature"."max_activation" IS 'Largest activation';
COMMENT ON COLUMN "feature"."decoder_norm" IS 'L2 norm of its direction';
COMMENT ON COLUMN "feature"."n_genes" IS 'Distinct genes it ever fires on';
COMMENT ON COLUMN "feature"."top_genes" IS 'Symbols of its first five genes';
COMMENT ON COLUMN "feature"."label" IS 'Its best annotation by q; NULL if none is significant. Imported without annotations of the layer: the published label if its gene sets were tested';
COMMENT ON COLUMN "feature"."label_library" IS 'Library of the label';
COMMENT ON COLUMN "feature"."label_q" IS 'q of the label; NULL where an imported label has no published q';
COMMENT ON COLUMN "feature"."top_cell_type" IS 'Significant cell type with the largest AUROC; imported: with the smallest q';
COMMENT ON COLUMN "feature"."top_cell_type_auroc" IS 'Its AUROC; NULL in imported runs';
COMMENT ON COLUMN "feature"."module" IS 'Module of the co-firing graph (Leiden), largest first (imported: numbered as published); NULL outside any';
COMMENT ON COLUMN "feature"."map_x" IS 'Place on the 2-D map of directions; imported: on the published picture, whose distances mean module membership alone';
COMMENT ON COLUMN "feature"."map_y" IS 'Place on the 2-D map of directions; imported: on the published picture, whose distances mean module membership alone';
COMMENT ON COLUMN "feature"."published_label" IS 'Label as published, network edges included; NULL if it had none';
COMMENT ON COLUMN "feature"."published_ontology" IS 'Ontology of the published label';
COMMENT ON COLUMN "feature"."published_annotations" IS 'Annotation rows it is said to have, network edges included';
COMMENT ON COLUMN "feature"."svd_aligned" IS 'Whether its direction has an absolute cosine above 0.5 with a singular vector';

CREATE TABLE "feature_cell_type" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "cell_type" VARCHAR,
    "n_cells" UINTEGER,
    "n_active" UINTEGER,
    "mean_in" DOUBLE,
    "mean_out" DOUBLE,
    "log2_fold" DOUBLE,
    "auroc" DOUBLE,
    "p" DOUBLE,
    "q" DOUBLE,
    "significant" BOOLEAN,
    "odds_ratio" DOUBLE,
    "odds_ratio_infinite" BOOLEAN,
    "n_top_cells" UINTEGER
);
COMMENT ON TABLE "feature_cell_type" IS 'Whether a feature is more active in the cells of one type than in the other labelled cells. Imported: types over-represented among the tenth of cells in which it is most active, at most ten.';
COMMENT ON COLUMN "feature_cell_type"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_cell_type"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_cell_type"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_cell_type"."cell_type" IS 'Cell type';
COMMENT ON COLUMN "feature_cell_type"."n_cells" IS 'Cells of the type';
COMMENT ON COLUMN "feature_cell_type"."n_active" IS 'Of these, cells where the feature fires';
COMMENT ON COLUMN "feature_cell_type"."mean_in" IS 'Mean over cells of the type of the cell''s mean activation';
COMMENT ON COLUMN "feature_cell_type"."mean_out" IS 'The same over all other labelled cells';
COMMENT ON COLUMN "feature_cell_type"."log2_fold" IS 'log2 of mean_in over mean_out, each plus a small constant';
COMMENT ON COLUMN "feature_cell_type"."auroc" IS 'Chance that a cell of the type has the higher mean activation than another labelled cell';
COMMENT ON COLUMN "feature_cell_type"."p" IS 'Two-sided Mann-Whitney p, normal approximation with ties';
COMMENT ON COLUMN "feature_cell_type"."q" IS 'Benjamini-Hochberg over all feature-type pairs of the autoencoder; imported: of Fisher''s exact test, over the feature''s own types';
COMMENT ON COLUMN "feature_cell_type"."significant" IS 'q <= 0.05 and AUROC above 0.5; imported: q alone';
COMMENT ON COLUMN "feature_cell_type"."odds_ratio" IS 'Odds ratio as published; NULL where infinite';
COMMENT ON COLUMN "feature_cell_type"."odds_ratio_infinite" IS 'Published as infinite or above 1e6, since a cell of the table is empty';
COMMENT ON COLUMN "feature_cell_type"."n_top_cells" IS 'Cells of the type among those in which the feature is most active';

CREATE TABLE "feature_degree" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "direction" VARCHAR,
    "sae_id" VARCHAR,
    "layer" USMALLINT,
    "feature" UINTEGER,
    "other_sae" VARCHAR,
    "other_layer" USMALLINT,
    "criterion" VARCHAR,
    "degree" UINTEGER,
    "mean_abs_d" DOUBLE
);
COMMENT ON TABLE "feature_degree" IS 'Number of edges of a feature, by rule and by layer at the other end.';
COMMENT ON COLUMN "feature_degree"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_degree"."effect" IS 'total or direct';
COMMENT ON COLUMN "feature_degree"."direction" IS 'out (the feature is the source) or in (it is the target)';
COMMENT ON COLUMN "feature_degree"."sae_id" IS 'Autoencoder of the feature';
COMMENT ON COLUMN "feature_degree"."layer" IS 'Its layer';
COMMENT ON COLUMN "feature_degree"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_degree"."other_sae" IS 'Autoencoder at the other end';
COMMENT ON COLUMN "feature_degree"."other_layer" IS 'Its layer';
COMMENT ON COLUMN "feature_degree"."criterion" IS 'published or calibrated';
COMMENT ON COLUMN "feature_degree"."degree" IS 'Edges';
COMMENT ON COLUMN "feature_degree"."mean_abs_d" IS 'Mean |d| of these edges; NULL if there are none';

CREATE TABLE "feature_gene" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "rank" USMALLINT,
    "gene_id" VARCHAR,
    "symbol" VARCHAR,
    "fire_count" UINTEGER,
    "gene_count" UINTEGER,
    "fire_rate" DOUBLE,
    "mean_activation" DOUBLE,
    "score" DOUBLE
);
COMMENT ON TABLE "feature_gene" IS 'The genes on which a feature fires most strongly. Imported: twenty where the annotations of its layer were there and it has any, else five.';
COMMENT ON COLUMN "feature_gene"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_gene"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_gene"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_gene"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "feature_gene"."gene_id" IS 'Gene';
COMMENT ON COLUMN "feature_gene"."symbol" IS 'Gene symbol';
COMMENT ON COLUMN "feature_gene"."fire_count" IS 'Positions of the gene where the feature fires';
COMMENT ON COLUMN "feature_gene"."gene_count" IS 'Positions of the gene';
COMMENT ON COLUMN "feature_gene"."fire_rate" IS 'fire_count over gene_count';
COMMENT ON COLUMN "feature_gene"."mean_activation" IS 'Mean activation where it fires on the gene';
COMMENT ON COLUMN "feature_gene"."score" IS 'What the rank sorts by: summed activation on the gene over gene_count, shrunk towards zero for rare genes. An imported rank sorts by mean_activation';

CREATE TABLE "feature_histogram" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "bin" UTINYINT,
    "lower" DOUBLE,
    "upper" DOUBLE,
    "n" UINTEGER
);
COMMENT ON TABLE "feature_histogram" IS 'Histogram of a feature''s activations where it fires.';
COMMENT ON COLUMN "feature_histogram"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_histogram"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_histogram"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_histogram"."bin" IS 'Bin from 0';
COMMENT ON COLUMN "feature_histogram"."lower" IS 'Lower edge';
COMMENT ON COLUMN "feature_histogram"."upper" IS 'Upper edge';
COMMENT ON COLUMN "feature_histogram"."n" IS 'Firings in the bin';

CREATE TABLE "feature_neighbour" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "rank" UTINYINT,
    "neighbour" UINTEGER,
    "cosine" DOUBLE
);
COMMENT ON TABLE "feature_neighbour" IS 'The features of the same autoencoder whose directions are nearest.';
COMMENT ON COLUMN "feature_neighbour"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_neighbour"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_neighbour"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_neighbour"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "feature_neighbour"."neighbour" IS 'The neighbour';
COMMENT ON COLUMN "feature_neighbour"."cosine" IS 'Cosine of the two directions';

CREATE TABLE "feature_network_density" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "network" VARCHAR,
    "density" DOUBLE,
    "ordinal" USMALLINT
);
COMMENT ON TABLE "feature_network_density" IS 'How densely a feature''s genes are joined in a gene network, as published. A density is no p-value: larger is stronger.';
COMMENT ON COLUMN "feature_network_density"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_network_density"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_network_density"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_network_density"."network" IS 'STRING or TRRUST';
COMMENT ON COLUMN "feature_network_density"."density" IS 'Edges among the feature''s genes over all pairs of them';
COMMENT ON COLUMN "feature_network_density"."ordinal" IS 'Place in the published list of annotations, from 0';

CREATE TABLE "feature_tissue" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "tissue" VARCHAR,
    "q" DOUBLE,
    "odds_ratio" DOUBLE,
    "odds_ratio_infinite" BOOLEAN
);
COMMENT ON TABLE "feature_tissue" IS 'Tissues whose cells are over-represented among the tenth of cells in which a feature is most active, as published.';
COMMENT ON COLUMN "feature_tissue"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_tissue"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_tissue"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_tissue"."tissue" IS 'Tissue';
COMMENT ON COLUMN "feature_tissue"."q" IS 'Fisher''s exact test, corrected over the feature''s own tissues';
COMMENT ON COLUMN "feature_tissue"."odds_ratio" IS 'Odds ratio; NULL where it is infinite';
COMMENT ON COLUMN "feature_tissue"."odds_ratio_infinite" IS 'Published as infinite or above 1e6: a cell of the table is empty';

CREATE TABLE "feature_top_cell" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "rank" USMALLINT,
    "cell_type" VARCHAR,
    "tissue" VARCHAR,
    "activation" DOUBLE
);
COMMENT ON TABLE "feature_top_cell" IS 'The cells in which a feature is most active, as published: their type and tissue, no name.';
COMMENT ON COLUMN "feature_top_cell"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "feature_top_cell"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "feature_top_cell"."feature" IS 'Feature';
COMMENT ON COLUMN "feature_top_cell"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "feature_top_cell"."cell_type" IS 'Type of the cell';
COMMENT ON COLUMN "feature_top_cell"."tissue" IS 'Tissue of the cell';
COMMENT ON COLUMN "feature_top_cell"."activation" IS 'Mean activation where it fires in the cell';

CREATE TABLE "gene" (
    "run_id" VARCHAR,
    "gene_id" VARCHAR,
    "symbol" VARCHAR,
    "token_id" INTEGER,
    "median" DOUBLE,
    "n_cells" UINTEGER,
    "mean_count" DOUBLE,
    "matched_by" VARCHAR
);
COMMENT ON TABLE "gene" IS 'Every gene of the input file. Imported: every gene that is among the genes of a feature.';
COMMENT ON COLUMN "gene"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "gene"."gene_id" IS 'Ensembl id without version, or the file''s own name where none is known; imported: the symbol, since no id is published';
COMMENT ON COLUMN "gene"."symbol" IS 'Gene symbol; equal to gene_id where none is known';
COMMENT ON COLUMN "gene"."token_id" IS 'Token of the gene in the model''s vocabulary; NULL if the model does not know it';
COMMENT ON COLUMN "gene"."median" IS 'Median of the gene''s non-zero counts per 10,000, the divisor of the rank-value encoding';
COMMENT ON COLUMN "gene"."n_cells" IS 'Chosen cells with at least one count';
COMMENT ON COLUMN "gene"."mean_count" IS 'Mean count over chosen cells';
COMMENT ON COLUMN "gene"."matched_by" IS 'How the gene was identified: ensembl_id, symbol or none';

CREATE TABLE "gene_index" (
    "run_id" VARCHAR,
    "symbol" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER,
    "rank" USMALLINT
);
COMMENT ON TABLE "gene_index" IS 'The published index of genes to the features among whose first five genes they are.';
COMMENT ON COLUMN "gene_index"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "gene_index"."symbol" IS 'Gene symbol';
COMMENT ON COLUMN "gene_index"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "gene_index"."feature" IS 'Feature';
COMMENT ON COLUMN "gene_index"."rank" IS 'Rank of the gene, from 1';

CREATE TABLE "gene_pair" (
    "run_id" VARCHAR,
    "source_gene" VARCHAR,
    "target_gene" VARCHAR,
    "n_edges" UINTEGER,
    "n_sources" UINTEGER,
    "score" DOUBLE,
    "signed_score" DOUBLE,
    "known_tf_target" BOOLEAN
);
COMMENT ON TABLE "gene_pair" IS 'What the calibrated edges predict about pairs of different genes; the best by score, at most as many as the study''s validate.max_pairs.';
COMMENT ON COLUMN "gene_pair"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "gene_pair"."source_gene" IS 'Symbol of a top gene of edge sources';
COMMENT ON COLUMN "gene_pair"."target_gene" IS 'Symbol of a top gene of edge targets';
COMMENT ON COLUMN "gene_pair"."n_edges" IS 'Edges behind the prediction';
COMMENT ON COLUMN "gene_pair"."n_sources" IS 'Distinct source features behind it';
COMMENT ON COLUMN "gene_pair"."score" IS 'Sum of |g| over the product of the two ranks';
COMMENT ON COLUMN "gene_pair"."signed_score" IS 'The same with the sign of g turned, so that positive means that the source supports the target';
COMMENT ON COLUMN "gene_pair"."known_tf_target" IS 'Whether a network lists the target under the source; NULL if the source is no factor of any';

CREATE TABLE "import_file" (
    "run_id" VARCHAR,
    "file" VARCHAR,
    "kind" VARCHAR,
    "layer" USMALLINT,
    "n_bytes" UBIGINT,
    "sha256" VARCHAR
);
COMMENT ON TABLE "import_file" IS 'The files that an imported run was read from.';
COMMENT ON COLUMN "import_file"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "import_file"."file" IS 'Name of the file';
COMMENT ON COLUMN "import_file"."kind" IS 'What it holds';
COMMENT ON COLUMN "import_file"."layer" IS 'Its layer; NULL for files of the whole atlas';
COMMENT ON COLUMN "import_file"."n_bytes" IS 'Size [B]';
COMMENT ON COLUMN "import_file"."sha256" IS 'SHA-256 of its bytes';

CREATE TABLE "import_gap" (
    "run_id" VARCHAR,
    "file" VARCHAR,
    "kind" VARCHAR,
    "layer" USMALLINT,
    "reason" VARCHAR,
    "lost" VARCHAR,
    "survives" VARCHAR,
    "n_rows_lost" UBIGINT
);
COMMENT ON TABLE "import_gap" IS 'What an imported run lacks: files that were not there, or could not be used, and what that loses.';
COMMENT ON COLUMN "import_gap"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "import_gap"."file" IS 'Name of the file';
COMMENT ON COLUMN "import_gap"."kind" IS 'What it would hold';
COMMENT ON COLUMN "import_gap"."layer" IS 'Its layer; NULL for files of the whole atlas';
COMMENT ON COLUMN "import_gap"."reason" IS 'Why nothing was read, or not all of it';
COMMENT ON COLUMN "import_gap"."lost" IS 'What is lost';
COMMENT ON COLUMN "import_gap"."survives" IS 'What is known all the same';
COMMENT ON COLUMN "import_gap"."n_rows_lost" IS 'Rows that the file would have given, where other files tell; NULL if unknown';

CREATE TABLE "layer_pair" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "n_pairs" UBIGINT,
    "n_sources" UINTEGER,
    "n_targets" UINTEGER,
    "sum_abs_mean" DOUBLE
);
COMMENT ON TABLE "layer_pair" IS 'What was measured from each autoencoder to each later one: sums over the pairs of edge_stat.';
COMMENT ON COLUMN "layer_pair"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "layer_pair"."effect" IS 'total or direct';
COMMENT ON COLUMN "layer_pair"."source_sae" IS 'Autoencoder of the sources';
COMMENT ON COLUMN "layer_pair"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "layer_pair"."target_sae" IS 'Autoencoder of the targets';
COMMENT ON COLUMN "layer_pair"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "layer_pair"."n_pairs" IS 'Measured pairs';
COMMENT ON COLUMN "layer_pair"."n_sources" IS 'Different sources among them';
COMMENT ON COLUMN "layer_pair"."n_targets" IS 'Different targets among them';
COMMENT ON COLUMN "layer_pair"."sum_abs_mean" IS 'Sum of |mean| over the pairs';

CREATE TABLE "lifecycle" (
    "run_id" VARCHAR,
    "category" VARCHAR,
    "n_features" UINTEGER,
    "annotation_rate" DOUBLE,
    "mean_annotations" DOUBLE
);
COMMENT ON TABLE "lifecycle" IS 'Features of the reference layer by the number of layers in which their direction is found again, as published.';
COMMENT ON COLUMN "lifecycle"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "lifecycle"."category" IS 'transient, moderate or persistent';
COMMENT ON COLUMN "lifecycle"."n_features" IS 'Features';
COMMENT ON COLUMN "lifecycle"."annotation_rate" IS 'Share of them with an annotation';
COMMENT ON COLUMN "lifecycle"."mean_annotations" IS 'Annotation rows a feature, mean';

CREATE TABLE "lifecycle_span" (
    "run_id" VARCHAR,
    "span" USMALLINT,
    "n_features" UINTEGER
);
COMMENT ON TABLE "lifecycle_span" IS 'Features of the reference layer by the span of layers in which their direction is found, as published.';
COMMENT ON COLUMN "lifecycle_span"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "lifecycle_span"."span" IS 'Layers';
COMMENT ON COLUMN "lifecycle_span"."n_features" IS 'Features';

CREATE TABLE "model" (
    "run_id" VARCHAR,
    "model_id" VARCHAR,
    "family" VARCHAR,
    "name" VARCHAR,
    "stand_in" BOOLEAN,
    "n_layers" USMALLINT,
    "d_model" USMALLINT,
    "n_heads" USMALLINT,
    "d_ff" USMALLINT,
    "vocab_size" UINTEGER,
    "max_length" USMALLINT,
    "n_parameters" UBIGINT,
    "weights_sha" VARCHAR,
    "heldout_loss" DOUBLE,
    "heldout_top1" DOUBLE,
    "baseline_top1" DOUBLE,
    "baseline_loss" DOUBLE
);
COMMENT ON TABLE "model" IS 'The foundation model that was looked into.';
COMMENT ON COLUMN "model"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "model"."model_id" IS 'Name and short hash of the weights';
COMMENT ON COLUMN "model"."family" IS 'Architecture family: geneformer, scgpt, scfoundation; unknown where imported files do not tell';
COMMENT ON COLUMN "model"."name" IS 'Name for people';
COMMENT ON COLUMN "model"."stand_in" IS 'True for the small model trained here, which stands in for the published one';
COMMENT ON COLUMN "model"."n_layers" IS 'Transformer blocks';
COMMENT ON COLUMN "model"."d_model" IS 'Width of the residual stream';
COMMENT ON COLUMN "model"."n_heads" IS 'Attention heads a block';
COMMENT ON COLUMN "model"."d_ff" IS 'Width of the feed-forward layer';
COMMENT ON COLUMN "model"."vocab_size" IS 'Tokens, special ones included';
COMMENT ON COLUMN "model"."max_length" IS 'Longest sequence, special tokens included';
COMMENT ON COLUMN "model"."n_parameters" IS 'Parameters';
COMMENT ON COLUMN "model"."weights_sha" IS 'SHA-256 of the weight file';
COMMENT ON COLUMN "model"."heldout_loss" IS 'Masked-gene cross-entropy on held-out cells; NULL if not measured [nat]';
COMMENT ON COLUMN "model"."heldout_top1" IS 'Share of masked genes that are the model''s first guess, held-out cells';
COMMENT ON COLUMN "model"."baseline_top1" IS 'The same share for the baseline that guesses by frequency at that rank';
COMMENT ON COLUMN "model"."baseline_loss" IS 'Cross-entropy of the frequency baseline [nat]';

CREATE TABLE "model_metric" (
    "run_id" VARCHAR,
    "model_id" VARCHAR,
    "step" UINTEGER,
    "split" VARCHAR,
    "metric" VARCHAR,
    "value" DOUBLE
);
COMMENT ON TABLE "model_metric" IS 'Training curve of a model trained here.';
COMMENT ON COLUMN "model_metric"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "model_metric"."model_id" IS 'Model';
COMMENT ON COLUMN "model_metric"."step" IS 'Optimiser step';
COMMENT ON COLUMN "model_metric"."split" IS 'train or heldout';
COMMENT ON COLUMN "model_metric"."metric" IS 'loss, top1 or learning_rate';
COMMENT ON COLUMN "model_metric"."value" IS 'Value';

CREATE TABLE "module" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "module" UINTEGER,
    "n_features" UINTEGER
);
COMMENT ON TABLE "module" IS 'Modules of features that fire together, as published. A run made here has the module in table feature.';
COMMENT ON COLUMN "module"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "module"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "module"."module" IS 'Module, from 0 in its layer';
COMMENT ON COLUMN "module"."n_features" IS 'Members';

CREATE TABLE "module_feature" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "module" UINTEGER,
    "feature" UINTEGER
);
COMMENT ON TABLE "module_feature" IS 'Members of published modules, as the list of modules gives them.';
COMMENT ON COLUMN "module_feature"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "module_feature"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "module_feature"."module" IS 'Module';
COMMENT ON COLUMN "module_feature"."feature" IS 'Feature';

CREATE TABLE "module_label" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "module" UINTEGER,
    "rank" USMALLINT,
    "label" VARCHAR,
    "n_features" UINTEGER
);
COMMENT ON TABLE "module_label" IS 'The commonest labels among the first hundred members of a published module.';
COMMENT ON COLUMN "module_label"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "module_label"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "module_label"."module" IS 'Module';
COMMENT ON COLUMN "module_label"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "module_label"."label" IS 'Label, as published';
COMMENT ON COLUMN "module_label"."n_features" IS 'Members, of the first hundred, that carry it';

CREATE TABLE "novel_cluster" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "cluster" UINTEGER,
    "n_features" UINTEGER,
    "n_unique_genes" UINTEGER,
    "n_consensus_genes" UINTEGER,
    "mean_jaccard" DOUBLE,
    "mean_frequency" DOUBLE
);
COMMENT ON TABLE "novel_cluster" IS 'Clusters of unannotated features that share genes, as published.';
COMMENT ON COLUMN "novel_cluster"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "novel_cluster"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "novel_cluster"."cluster" IS 'Cluster, from 0';
COMMENT ON COLUMN "novel_cluster"."n_features" IS 'Members';
COMMENT ON COLUMN "novel_cluster"."n_unique_genes" IS 'Distinct genes of the members';
COMMENT ON COLUMN "novel_cluster"."n_consensus_genes" IS 'Genes that several members share';
COMMENT ON COLUMN "novel_cluster"."mean_jaccard" IS 'Mean Jaccard index of the members'' gene lists';
COMMENT ON COLUMN "novel_cluster"."mean_frequency" IS 'Mean firing frequency of the members';

CREATE TABLE "novel_cluster_feature" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "cluster" UINTEGER,
    "feature" UINTEGER
);
COMMENT ON TABLE "novel_cluster_feature" IS 'Members of clusters of unannotated features.';
COMMENT ON COLUMN "novel_cluster_feature"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "novel_cluster_feature"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "novel_cluster_feature"."cluster" IS 'Cluster';
COMMENT ON COLUMN "novel_cluster_feature"."feature" IS 'Feature';

CREATE TABLE "novel_cluster_gene" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "cluster" UINTEGER,
    "rank" USMALLINT,
    "symbol" VARCHAR
);
COMMENT ON TABLE "novel_cluster_gene" IS 'Genes that members of a cluster of unannotated features share, the first twenty.';
COMMENT ON COLUMN "novel_cluster_gene"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "novel_cluster_gene"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "novel_cluster_gene"."cluster" IS 'Cluster';
COMMENT ON COLUMN "novel_cluster_gene"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "novel_cluster_gene"."symbol" IS 'Gene symbol';

CREATE TABLE "novel_summary" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "n_annotated" UINTEGER,
    "n_unannotated" UINTEGER,
    "n_clusters" UINTEGER,
    "n_features_in_clusters" UINTEGER,
    "n_guilt_by_association" UINTEGER,
    "in_clusters_fraction" DOUBLE,
    "with_module_fraction" DOUBLE,
    "annotated_mean_frequency" DOUBLE,
    "unannotated_mean_frequency" DOUBLE
);
COMMENT ON TABLE "novel_summary" IS 'Features without annotation, layer by layer, as published.';
COMMENT ON COLUMN "novel_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "novel_summary"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "novel_summary"."n_annotated" IS 'Living features with an annotation';
COMMENT ON COLUMN "novel_summary"."n_unannotated" IS 'Living features without one';
COMMENT ON COLUMN "novel_summary"."n_clusters" IS 'Clusters of unannotated features by their genes';
COMMENT ON COLUMN "novel_summary"."n_features_in_clusters" IS 'Unannotated features in a cluster';
COMMENT ON COLUMN "novel_summary"."n_guilt_by_association" IS 'Unannotated features in a module that has annotated ones';
COMMENT ON COLUMN "novel_summary"."in_clusters_fraction" IS 'n_features_in_clusters over n_unannotated';
COMMENT ON COLUMN "novel_summary"."with_module_fraction" IS 'Unannotated features in any module, over n_unannotated';
COMMENT ON COLUMN "novel_summary"."annotated_mean_frequency" IS 'Mean firing frequency of annotated features';
COMMENT ON COLUMN "novel_summary"."unannotated_mean_frequency" IS 'Mean firing frequency of unannotated features';

CREATE TABLE "null_feature" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "source_feature" UINTEGER,
    "criterion" VARCHAR,
    "n_cells" USMALLINT,
    "observed" UINTEGER,
    "expected_null" DOUBLE,
    "null_sd" DOUBLE,
    "fdr" DOUBLE,
    "n_perm" UINTEGER
);
COMMENT ON TABLE "null_feature" IS 'Edges of a source feature beside the number expected under sign flips.';
COMMENT ON COLUMN "null_feature"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "null_feature"."effect" IS 'total or direct';
COMMENT ON COLUMN "null_feature"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "null_feature"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "null_feature"."source_feature" IS 'Feature';
COMMENT ON COLUMN "null_feature"."criterion" IS 'Rule without its q: published or calibrated';
COMMENT ON COLUMN "null_feature"."n_cells" IS 'Cells where the source is active';
COMMENT ON COLUMN "null_feature"."observed" IS 'Pairs that pass the rule''s effect and consistency';
COMMENT ON COLUMN "null_feature"."expected_null" IS 'Mean number that pass after sign flips';
COMMENT ON COLUMN "null_feature"."null_sd" IS 'Its standard deviation over flips';
COMMENT ON COLUMN "null_feature"."fdr" IS 'expected_null over observed; NULL if none is observed';
COMMENT ON COLUMN "null_feature"."n_perm" IS 'Sign flips';

CREATE TABLE "ontology_index" (
    "run_id" VARCHAR,
    "ontology" VARCHAR,
    "term" VARCHAR,
    "sae_id" VARCHAR,
    "feature" UINTEGER
);
COMMENT ON TABLE "ontology_index" IS 'The published index of terms to the features that carry them, terms of one feature left out.';
COMMENT ON COLUMN "ontology_index"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "ontology_index"."ontology" IS 'Ontology';
COMMENT ON COLUMN "ontology_index"."term" IS 'Term';
COMMENT ON COLUMN "ontology_index"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "ontology_index"."feature" IS 'Feature';

CREATE TABLE "persistence" (
    "run_id" VARCHAR,
    "kind" VARCHAR,
    "from_sae" VARCHAR,
    "from_layer" USMALLINT,
    "to_sae" VARCHAR,
    "to_layer" USMALLINT,
    "n_matches" UINTEGER,
    "n_high_matches" UINTEGER,
    "persistence_rate" DOUBLE,
    "high_persistence_rate" DOUBLE,
    "mean_cosine" DOUBLE,
    "n_alive_from" UINTEGER,
    "match_threshold" DOUBLE,
    "high_match_threshold" DOUBLE
);
COMMENT ON TABLE "persistence" IS 'How many directions of one layer have a like one in another, as published.';
COMMENT ON COLUMN "persistence"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "persistence"."kind" IS 'adjacent (layer to the next) or long_range (the reference layer to each)';
COMMENT ON COLUMN "persistence"."from_sae" IS 'Autoencoder of the first layer';
COMMENT ON COLUMN "persistence"."from_layer" IS 'Its layer';
COMMENT ON COLUMN "persistence"."to_sae" IS 'Autoencoder of the second layer';
COMMENT ON COLUMN "persistence"."to_layer" IS 'Its layer';
COMMENT ON COLUMN "persistence"."n_matches" IS 'Features of the first layer with a direction at or above match_threshold in the second';
COMMENT ON COLUMN "persistence"."n_high_matches" IS 'The same at high_match_threshold; NULL if not published';
COMMENT ON COLUMN "persistence"."persistence_rate" IS 'n_matches over living features of the first layer';
COMMENT ON COLUMN "persistence"."high_persistence_rate" IS 'n_high_matches over them; NULL if not published';
COMMENT ON COLUMN "persistence"."mean_cosine" IS 'Mean cosine of the matches; 0 where there is none';
COMMENT ON COLUMN "persistence"."n_alive_from" IS 'Living features of the first layer; NULL if not published';
COMMENT ON COLUMN "persistence"."match_threshold" IS 'Least cosine of a match';
COMMENT ON COLUMN "persistence"."high_match_threshold" IS 'Least cosine of a strong match';

CREATE TABLE "perturbation_feature" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "gene" VARCHAR,
    "rank" USMALLINT,
    "feature" UINTEGER,
    "effect" DOUBLE,
    "label" VARCHAR
);
COMMENT ON TABLE "perturbation_feature" IS 'The features that answered most to a gene switched off in real cells, as published.';
COMMENT ON COLUMN "perturbation_feature"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "perturbation_feature"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "perturbation_feature"."gene" IS 'Symbol of the gene';
COMMENT ON COLUMN "perturbation_feature"."rank" IS 'Rank from 1';
COMMENT ON COLUMN "perturbation_feature"."feature" IS 'Feature';
COMMENT ON COLUMN "perturbation_feature"."effect" IS 'Difference of mean activations over the control''s standard deviation, floored: large where the control hardly fires';
COMMENT ON COLUMN "perturbation_feature"."label" IS 'Label of the feature, as published; NULL if unlabelled';

CREATE TABLE "perturbation_summary" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "n_targets" UINTEGER,
    "n_tfs" UINTEGER,
    "n_specific_tfs" UINTEGER,
    "mean_responding" DOUBLE,
    "mean_specific" DOUBLE,
    "n_alive" UINTEGER
);
COMMENT ON TABLE "perturbation_summary" IS 'Perturbation response in a few numbers, as published.';
COMMENT ON COLUMN "perturbation_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "perturbation_summary"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "perturbation_summary"."n_targets" IS 'Genes switched off';
COMMENT ON COLUMN "perturbation_summary"."n_tfs" IS 'Of these, transcription factors known to TRRUST';
COMMENT ON COLUMN "perturbation_summary"."n_specific_tfs" IS 'Of these, with a specific feature';
COMMENT ON COLUMN "perturbation_summary"."mean_responding" IS 'Mean number of responding features';
COMMENT ON COLUMN "perturbation_summary"."mean_specific" IS 'Mean number of specific features';
COMMENT ON COLUMN "perturbation_summary"."n_alive" IS 'Living features in the cells used';

CREATE TABLE "perturbation_target" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "gene" VARCHAR,
    "place" USMALLINT,
    "is_tf" BOOLEAN,
    "n_known_targets" UINTEGER,
    "n_responding" UINTEGER,
    "n_specific" UINTEGER
);
COMMENT ON TABLE "perturbation_target" IS 'Genes that were switched off in real cells (CRISPRi), and how many features answered, as published.';
COMMENT ON COLUMN "perturbation_target"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "perturbation_target"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "perturbation_target"."gene" IS 'Symbol of the gene';
COMMENT ON COLUMN "perturbation_target"."place" IS 'Place in the published list, from 0';
COMMENT ON COLUMN "perturbation_target"."is_tf" IS 'Whether TRRUST knows it as a transcription factor';
COMMENT ON COLUMN "perturbation_target"."n_known_targets" IS 'Its targets in TRRUST';
COMMENT ON COLUMN "perturbation_target"."n_responding" IS 'Features with an effect above 0.5 among the twenty largest: no test stands behind it';
COMMENT ON COLUMN "perturbation_target"."n_specific" IS 'Of these, features that share a gene with the known targets';

CREATE TABLE "precision_audit" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "target_sae" VARCHAR,
    "target_layer" USMALLINT,
    "precision" VARCHAR,
    "n_features" UINTEGER,
    "n_tests" UBIGINT,
    "max_d_difference" DOUBLE,
    "p999_d_difference" DOUBLE,
    "edge_jaccard" DOUBLE,
    "n_sign_disagreements" UBIGINT,
    "degree_rho" DOUBLE
);
COMMENT ON TABLE "precision_audit" IS 'What reduced arithmetic did to the statistics: a sample of source features of a tf32 or bf16 run, measured again in float32. A float32 run has no rows.';
COMMENT ON COLUMN "precision_audit"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "precision_audit"."effect" IS 'total or direct';
COMMENT ON COLUMN "precision_audit"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "precision_audit"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "precision_audit"."target_sae" IS 'Autoencoder of the target';
COMMENT ON COLUMN "precision_audit"."target_layer" IS 'Its layer';
COMMENT ON COLUMN "precision_audit"."precision" IS 'Arithmetic of the trace, held against float32';
COMMENT ON COLUMN "precision_audit"."n_features" IS 'Source features measured again in float32';
COMMENT ON COLUMN "precision_audit"."n_tests" IS 'Pairs of these features with an effect in either';
COMMENT ON COLUMN "precision_audit"."max_d_difference" IS 'Largest |difference| between the two d of a pair';
COMMENT ON COLUMN "precision_audit"."p999_d_difference" IS 'The |difference| that 99.9 % of pairs do not exceed';
COMMENT ON COLUMN "precision_audit"."edge_jaccard" IS 'Edges under the published rule in both over those in either; NULL if neither has any';
COMMENT ON COLUMN "precision_audit"."n_sign_disagreements" IS 'Pairs whose two mean effects have opposite signs';
COMMENT ON COLUMN "precision_audit"."degree_rho" IS 'Spearman correlation of the features'' two out-degrees under the published rule; NULL if constant';

CREATE TABLE "published_layer" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "n_alive" UINTEGER,
    "n_dead" UINTEGER,
    "n_annotated" UINTEGER,
    "annotation_rate" DOUBLE,
    "n_modules" UINTEGER,
    "n_svd_aligned" UINTEGER,
    "n_novel" UINTEGER,
    "mean_feature_cosine" DOUBLE,
    "variance_explained" DOUBLE
);
COMMENT ON TABLE "published_layer" IS 'What an imported atlas says of each of its layers, held against its rows.';
COMMENT ON COLUMN "published_layer"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "published_layer"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "published_layer"."n_alive" IS 'Features that fire at least once';
COMMENT ON COLUMN "published_layer"."n_dead" IS 'Features that never fire';
COMMENT ON COLUMN "published_layer"."n_annotated" IS 'Features with at least one annotation row, edges of gene networks included';
COMMENT ON COLUMN "published_layer"."annotation_rate" IS 'n_annotated over n_alive, rounded to 4 decimals';
COMMENT ON COLUMN "published_layer"."n_modules" IS 'Modules';
COMMENT ON COLUMN "published_layer"."n_svd_aligned" IS 'Features whose direction has an absolute cosine above 0.5 with a singular vector';
COMMENT ON COLUMN "published_layer"."n_novel" IS 'The other living features';
COMMENT ON COLUMN "published_layer"."mean_feature_cosine" IS 'Mean absolute cosine between feature directions';
COMMENT ON COLUMN "published_layer"."variance_explained" IS 'Share of the activations'' variance that the autoencoder rebuilds, final evaluation';

CREATE TABLE "published_layer_ontology" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "ontology" VARCHAR,
    "n_rows" UINTEGER
);
COMMENT ON TABLE "published_layer_ontology" IS 'How many annotation rows an imported atlas says that each layer has, by ontology, held against its rows.';
COMMENT ON COLUMN "published_layer_ontology"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "published_layer_ontology"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "published_layer_ontology"."ontology" IS 'GO_BP, KEGG, Reactome, STRING (network edges) or TRRUST (transcription factors and network edges)';
COMMENT ON COLUMN "published_layer_ontology"."n_rows" IS 'Feature-term rows';

CREATE TABLE "published_value" (
    "run_id" VARCHAR,
    "quantity" VARCHAR,
    "item" VARCHAR,
    "value" DOUBLE,
    "tolerance" DOUBLE,
    "unit" VARCHAR,
    "needs" VARCHAR,
    "source" VARCHAR,
    "meaning" VARCHAR
);
COMMENT ON TABLE "published_value" IS 'Numbers published about an atlas, with the tolerance within which its imported files must agree (view parity compares them).';
COMMENT ON COLUMN "published_value"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "published_value"."quantity" IS 'What is counted or measured';
COMMENT ON COLUMN "published_value"."item" IS 'all, a layer (L04) or a pair of layers (L04-L05)';
COMMENT ON COLUMN "published_value"."value" IS 'The published number';
COMMENT ON COLUMN "published_value"."tolerance" IS 'Largest difference that rounding explains';
COMMENT ON COLUMN "published_value"."unit" IS 'Unit; NULL for counts and shares';
COMMENT ON COLUMN "published_value"."needs" IS 'Kind of file that the imported number comes from; NULL where the files of the atlas hold no such number';
COMMENT ON COLUMN "published_value"."source" IS 'Where it was published';
COMMENT ON COLUMN "published_value"."meaning" IS 'The number in words';

CREATE TABLE "quality_result" (
    "run_id" VARCHAR,
    "table_name" VARCHAR,
    "check_name" VARCHAR,
    "column_name" VARCHAR,
    "expectation" VARCHAR,
    "meaning" VARCHAR,
    "success" BOOLEAN,
    "observed" VARCHAR,
    "n_unexpected" UBIGINT,
    "sample_rows" VARCHAR,
    "seconds" DOUBLE,
    "checked_at" TIMESTAMP
);
COMMENT ON TABLE "quality_result" IS 'Every expectation of every suite, with what was seen, of published runs and of refused ones.';
COMMENT ON COLUMN "quality_result"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "quality_result"."table_name" IS 'Table';
COMMENT ON COLUMN "quality_result"."check_name" IS 'Check, unique in the table';
COMMENT ON COLUMN "quality_result"."column_name" IS 'Column, where the check has one';
COMMENT ON COLUMN "quality_result"."expectation" IS 'Great Expectations'' name of the check';
COMMENT ON COLUMN "quality_result"."meaning" IS 'The check in words';
COMMENT ON COLUMN "quality_result"."success" IS 'Whether it passed';
COMMENT ON COLUMN "quality_result"."observed" IS 'What was seen, as JSON';
COMMENT ON COLUMN "quality_result"."n_unexpected" IS 'Rows that break it';
COMMENT ON COLUMN "quality_result"."sample_rows" IS 'Up to five of them, as JSON';
COMMENT ON COLUMN "quality_result"."seconds" IS 'Time it took [s]';
COMMENT ON COLUMN "quality_result"."checked_at" IS 'When, UTC';

CREATE TABLE "refused_run" (
    "run_id" VARCHAR,
    "study" VARCHAR,
    "title" VARCHAR,
    "first_failure" VARCHAR,
    "refused" TIMESTAMP
);
COMMENT ON TABLE "refused_run" IS 'Runs that failed their checks: nothing of them is published but the report, here and in quality_result. A run that is tried again replaces its row; once it passes, the row is gone.';
COMMENT ON COLUMN "refused_run"."run_id" IS 'Key of the run';
COMMENT ON COLUMN "refused_run"."study" IS 'Name of the study';
COMMENT ON COLUMN "refused_run"."title" IS 'One line that says what the study is';
COMMENT ON COLUMN "refused_run"."first_failure" IS 'The first failed check in words: table, check, meaning, rows that break it';
COMMENT ON COLUMN "refused_run"."refused" IS 'When it was refused, UTC';

CREATE TABLE "run" (
    "run_id" VARCHAR,
    "study" VARCHAR,
    "title" VARCHAR,
    "study_json" VARCHAR,
    "study_sha" VARCHAR,
    "code_version" VARCHAR,
    "seed" UINTEGER,
    "device" VARCHAR,
    "precision" VARCHAR,
    "hardware" VARCHAR,
    "versions" VARCHAR,
    "imported" BOOLEAN,
    "started" TIMESTAMP,
    "finished" TIMESTAMP,
    "seconds" DOUBLE
);
COMMENT ON TABLE "run" IS 'One row a run: a study, run to its end and published.';
COMMENT ON COLUMN "run"."run_id" IS 'Key of the run: the study''s canonical JSON, its inputs'' hashes and the code version';
COMMENT ON COLUMN "run"."study" IS 'Name of the study';
COMMENT ON COLUMN "run"."title" IS 'One line that says what the study is';
COMMENT ON COLUMN "run"."study_json" IS 'The whole study as canonical JSON, without machine-dependent paths';
COMMENT ON COLUMN "run"."study_sha" IS 'SHA-256 of study_json';
COMMENT ON COLUMN "run"."code_version" IS 'Version of the numerical code of each step, as JSON';
COMMENT ON COLUMN "run"."seed" IS 'Seed from which every step''s seed follows';
COMMENT ON COLUMN "run"."device" IS 'Device the tensors lived on: cpu or cuda';
COMMENT ON COLUMN "run"."precision" IS 'Arithmetic of the model and the trace: float32, tf32 or bf16';
COMMENT ON COLUMN "run"."hardware" IS 'Processor, cores and memory of the machine';
COMMENT ON COLUMN "run"."versions" IS 'Versions of python, torch, numpy, polars and duckdb, as JSON';
COMMENT ON COLUMN "run"."imported" IS 'Whether the rows were imported from published files instead of computed here';
COMMENT ON COLUMN "run"."started" IS 'When the run started, UTC';
COMMENT ON COLUMN "run"."finished" IS 'When its last step ended, UTC';
COMMENT ON COLUMN "run"."seconds" IS 'Wall-clock time of the whole run [s]';

CREATE TABLE "sae" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "model_id" VARCHAR,
    "layer" USMALLINT,
    "variant" VARCHAR,
    "d_model" USMALLINT,
    "n_features" UINTEGER,
    "k" USMALLINT,
    "seed" UINTEGER,
    "sha256" VARCHAR,
    "n_train_positions" UBIGINT,
    "n_heldout_positions" UBIGINT,
    "n_steps" UINTEGER,
    "fvu" DOUBLE,
    "l0" DOUBLE,
    "n_dead" UINTEGER,
    "dead_fraction" DOUBLE,
    "decoder_norm_min" DOUBLE,
    "decoder_norm_max" DOUBLE,
    "loss_clean" DOUBLE,
    "loss_spliced" DOUBLE,
    "loss_ablated" DOUBLE,
    "loss_recovered" DOUBLE
);
COMMENT ON TABLE "sae" IS 'One sparse autoencoder, and how good it is on held-out cells.';
COMMENT ON COLUMN "sae"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "sae"."sae_id" IS 'Name and short key of the autoencoder';
COMMENT ON COLUMN "sae"."model_id" IS 'Model whose activations it was trained on';
COMMENT ON COLUMN "sae"."layer" IS 'Block whose output it reads, from 0';
COMMENT ON COLUMN "sae"."variant" IS 'Kind of autoencoder: topk';
COMMENT ON COLUMN "sae"."d_model" IS 'Width of its input';
COMMENT ON COLUMN "sae"."n_features" IS 'Features';
COMMENT ON COLUMN "sae"."k" IS 'Active features a position; NULL for variants without k, and where imported files do not tell';
COMMENT ON COLUMN "sae"."seed" IS 'Seed of initialisation and batches';
COMMENT ON COLUMN "sae"."sha256" IS 'SHA-256 of sae_weights.safetensors';
COMMENT ON COLUMN "sae"."n_train_positions" IS 'Positions in the training cells';
COMMENT ON COLUMN "sae"."n_heldout_positions" IS 'Positions in the held-out cells';
COMMENT ON COLUMN "sae"."n_steps" IS 'Optimiser steps';
COMMENT ON COLUMN "sae"."fvu" IS 'Fraction of variance unexplained, held-out cells: sum of squared errors over sum of squared deviations from the mean; imported: one less the published share explained, on the cells it was trained on';
COMMENT ON COLUMN "sae"."l0" IS 'Mean number of active features a position, held-out cells';
COMMENT ON COLUMN "sae"."n_dead" IS 'Features that never fire on held-out cells; imported: at any position';
COMMENT ON COLUMN "sae"."dead_fraction" IS 'n_dead over n_features';
COMMENT ON COLUMN "sae"."decoder_norm_min" IS 'Smallest L2 norm of a feature direction';
COMMENT ON COLUMN "sae"."decoder_norm_max" IS 'Largest L2 norm of a feature direction';
COMMENT ON COLUMN "sae"."loss_clean" IS 'Masked-gene loss of the untouched model [nat]';
COMMENT ON COLUMN "sae"."loss_spliced" IS 'The same with the reconstruction in place of the layer''s output [nat]';
COMMENT ON COLUMN "sae"."loss_ablated" IS 'The same with the layer''s mean activation in its place [nat]';
COMMENT ON COLUMN "sae"."loss_recovered" IS '(loss_ablated - loss_spliced) / (loss_ablated - loss_clean); NULL where ablating the layer does no harm';

CREATE TABLE "sae_metric" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "step" UINTEGER,
    "split" VARCHAR,
    "metric" VARCHAR,
    "value" DOUBLE
);
COMMENT ON TABLE "sae_metric" IS 'Training curve of an autoencoder.';
COMMENT ON COLUMN "sae_metric"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "sae_metric"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "sae_metric"."step" IS 'Optimiser step';
COMMENT ON COLUMN "sae_metric"."split" IS 'train or heldout';
COMMENT ON COLUMN "sae_metric"."metric" IS 'loss, fvu, l0, dead_fraction or learning_rate';
COMMENT ON COLUMN "sae_metric"."value" IS 'Value';

CREATE TABLE "svd_layer" (
    "run_id" VARCHAR,
    "sae_id" VARCHAR,
    "svd_variance" DOUBLE,
    "sae_variance" DOUBLE,
    "gain" DOUBLE,
    "n_aligned" UINTEGER,
    "n_novel" UINTEGER
);
COMMENT ON TABLE "svd_layer" IS 'Autoencoder beside the first fifty singular vectors, layer by layer, as published.';
COMMENT ON COLUMN "svd_layer"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "svd_layer"."sae_id" IS 'Autoencoder';
COMMENT ON COLUMN "svd_layer"."svd_variance" IS 'Share of variance in the first fifty singular vectors';
COMMENT ON COLUMN "svd_layer"."sae_variance" IS 'Share of variance that the autoencoder rebuilds, last logged training batch';
COMMENT ON COLUMN "svd_layer"."gain" IS 'sae_variance over svd_variance';
COMMENT ON COLUMN "svd_layer"."n_aligned" IS 'Features with an absolute cosine above 0.5 with a singular vector';
COMMENT ON COLUMN "svd_layer"."n_novel" IS 'The other living features';

CREATE TABLE "svd_summary" (
    "run_id" VARCHAR,
    "n_features" UINTEGER,
    "n_aligned" UINTEGER,
    "n_novel" UINTEGER,
    "n_annotated_aligned" UINTEGER,
    "n_annotated_novel" UINTEGER,
    "annotation_rate_aligned" DOUBLE,
    "annotation_rate_novel" DOUBLE,
    "mean_annotations_aligned" DOUBLE,
    "mean_annotations_novel" DOUBLE,
    "novel_exclusive_terms" DOUBLE
);
COMMENT ON TABLE "svd_summary" IS 'Autoencoders beside singular vectors over all layers, as published.';
COMMENT ON COLUMN "svd_summary"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "svd_summary"."n_features" IS 'Living features';
COMMENT ON COLUMN "svd_summary"."n_aligned" IS 'Features with an absolute cosine above 0.5 with a singular vector';
COMMENT ON COLUMN "svd_summary"."n_novel" IS 'The other living features';
COMMENT ON COLUMN "svd_summary"."n_annotated_aligned" IS 'Annotated features among the aligned';
COMMENT ON COLUMN "svd_summary"."n_annotated_novel" IS 'Annotated features among the others';
COMMENT ON COLUMN "svd_summary"."annotation_rate_aligned" IS 'Share of aligned features that are annotated';
COMMENT ON COLUMN "svd_summary"."annotation_rate_novel" IS 'The same of the others';
COMMENT ON COLUMN "svd_summary"."mean_annotations_aligned" IS 'Annotation rows a feature, mean over aligned ones';
COMMENT ON COLUMN "svd_summary"."mean_annotations_novel" IS 'The same over the others';
COMMENT ON COLUMN "svd_summary"."novel_exclusive_terms" IS 'Share of terms found with features that are not aligned, and with no other';

CREATE TABLE "threshold_sweep" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "effect_min" DOUBLE,
    "consistency_min" DOUBLE,
    "n_features" UINTEGER,
    "n_edges" UBIGINT,
    "mean_degree" DOUBLE,
    "median_degree" DOUBLE,
    "expected_null" DOUBLE,
    "fdr" DOUBLE,
    "rank_rho" DOUBLE,
    "top20_overlap" USMALLINT
);
COMMENT ON TABLE "threshold_sweep" IS 'Edges and empirical false-discovery rate over a grid of thresholds.';
COMMENT ON COLUMN "threshold_sweep"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "threshold_sweep"."effect" IS 'total or direct';
COMMENT ON COLUMN "threshold_sweep"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "threshold_sweep"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "threshold_sweep"."effect_min" IS 'Smallest |d|, exclusive';
COMMENT ON COLUMN "threshold_sweep"."consistency_min" IS 'Smallest sign agreement among non-zero cells, exclusive (inclusive at 1); there must be as many as the calibrated rule wants';
COMMENT ON COLUMN "threshold_sweep"."n_features" IS 'Source features';
COMMENT ON COLUMN "threshold_sweep"."n_edges" IS 'Pairs that pass';
COMMENT ON COLUMN "threshold_sweep"."mean_degree" IS 'Pairs a source feature, mean';
COMMENT ON COLUMN "threshold_sweep"."median_degree" IS 'Pairs a source feature, median';
COMMENT ON COLUMN "threshold_sweep"."expected_null" IS 'Pairs expected to pass under sign flips';
COMMENT ON COLUMN "threshold_sweep"."fdr" IS 'expected_null over n_edges; NULL if no pair passes';
COMMENT ON COLUMN "threshold_sweep"."rank_rho" IS 'Spearman correlation of degrees with those at 0.5 and 0.7; NULL if constant';
COMMENT ON COLUMN "threshold_sweep"."top20_overlap" IS 'Of the twenty strongest hubs at 0.5 and 0.7, how many remain among the twenty';

CREATE TABLE "trace_control" (
    "run_id" VARCHAR,
    "effect" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "source_feature" UINTEGER,
    "control" VARCHAR,
    "matched_feature" UINTEGER,
    "n_cells" USMALLINT,
    "n_edges" UINTEGER,
    "mean_abs_effect" DOUBLE,
    "max_abs_effect" DOUBLE
);
COMMENT ON TABLE "trace_control" IS 'Ablations beside their controls, for a sample of features.';
COMMENT ON COLUMN "trace_control"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "trace_control"."effect" IS 'total or direct';
COMMENT ON COLUMN "trace_control"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "trace_control"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "trace_control"."source_feature" IS 'Feature';
COMMENT ON COLUMN "trace_control"."control" IS 'real (the ablation), zero (a displacement of nothing), random_direction (equal norm, one fixed direction), covariance_matched (equal norm, one fixed direction drawn from the covariance of the layer''s states), frequency_matched (another feature that fires about as often)';
COMMENT ON COLUMN "trace_control"."matched_feature" IS 'The other feature of frequency_matched';
COMMENT ON COLUMN "trace_control"."n_cells" IS 'Cells';
COMMENT ON COLUMN "trace_control"."n_edges" IS 'Pairs with |g| and sign agreement above the calibrated thresholds';
COMMENT ON COLUMN "trace_control"."mean_abs_effect" IS 'Mean over cells and targets of |effect|';
COMMENT ON COLUMN "trace_control"."max_abs_effect" IS 'Largest |effect|';

CREATE TABLE "trace_pair" (
    "run_id" VARCHAR,
    "source_sae" VARCHAR,
    "source_layer" USMALLINT,
    "source_feature" UINTEGER,
    "cell_id" UINTEGER,
    "n_positions" USMALLINT,
    "activation_sum" FLOAT,
    "activation_max" FLOAT,
    "displacement_norm" FLOAT
);
COMMENT ON TABLE "trace_pair" IS 'A feature ablated in a cell where it is active.';
COMMENT ON COLUMN "trace_pair"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "trace_pair"."source_sae" IS 'Autoencoder of the source';
COMMENT ON COLUMN "trace_pair"."source_layer" IS 'Its layer';
COMMENT ON COLUMN "trace_pair"."source_feature" IS 'Feature that was ablated';
COMMENT ON COLUMN "trace_pair"."cell_id" IS 'Cell';
COMMENT ON COLUMN "trace_pair"."n_positions" IS 'Positions where the feature is active';
COMMENT ON COLUMN "trace_pair"."activation_sum" IS 'Sum of its activations';
COMMENT ON COLUMN "trace_pair"."activation_max" IS 'Largest activation';
COMMENT ON COLUMN "trace_pair"."displacement_norm" IS 'L2 norm of what was taken out of the residual stream';

CREATE TABLE "validation" (
    "run_id" VARCHAR,
    "check_name" VARCHAR,
    "reference" VARCHAR,
    "statistic" VARCHAR,
    "observed" DOUBLE,
    "null_mean" DOUBLE,
    "null_sd" DOUBLE,
    "p" DOUBLE,
    "n_null" UINTEGER,
    "n_tested" UBIGINT,
    "null_kind" VARCHAR,
    "meaning" VARCHAR
);
COMMENT ON TABLE "validation" IS 'What the circuits predict, held against what is known, beside a null that keeps degrees and set sizes.';
COMMENT ON COLUMN "validation"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "validation"."check_name" IS 'tf_targets or perturbation';
COMMENT ON COLUMN "validation"."reference" IS 'Data it is held against, by file name; none if the study names none';
COMMENT ON COLUMN "validation"."statistic" IS 'What was measured, higher for a better prediction: mean_auroc, mean_score_share, mean_auroc_matched_genes, mean_auroc_swapped_features';
COMMENT ON COLUMN "validation"."observed" IS 'Its value; NULL if nothing could be tested';
COMMENT ON COLUMN "validation"."null_mean" IS 'Its mean under the null';
COMMENT ON COLUMN "validation"."null_sd" IS 'Its standard deviation under the null';
COMMENT ON COLUMN "validation"."p" IS 'Share of null draws at least as large, with one added to both';
COMMENT ON COLUMN "validation"."n_null" IS 'Null draws';
COMMENT ON COLUMN "validation"."n_tested" IS 'Pairs or perturbations tested';
COMMENT ON COLUMN "validation"."null_kind" IS 'What the null keeps';
COMMENT ON COLUMN "validation"."meaning" IS 'One honest sentence on what the number says';

CREATE TABLE "work_unit" (
    "run_id" VARCHAR,
    "step" VARCHAR,
    "step_key" VARCHAR,
    "unit" VARCHAR,
    "path" VARCHAR,
    "table_name" VARCHAR,
    "n_rows" UBIGINT,
    "n_bytes" UBIGINT,
    "sha256" VARCHAR,
    "seconds" DOUBLE,
    "committed" TIMESTAMP
);
COMMENT ON TABLE "work_unit" IS 'The ledger: every shard that was loaded, with its hash.';
COMMENT ON COLUMN "work_unit"."run_id" IS 'Run that made the row';
COMMENT ON COLUMN "work_unit"."step" IS 'Step that made the shard: cells, model, activations, sae, describe, trace, combine, validate, or atlas for an import';
COMMENT ON COLUMN "work_unit"."step_key" IS 'Content key of the step';
COMMENT ON COLUMN "work_unit"."unit" IS 'Unit of work inside the step';
COMMENT ON COLUMN "work_unit"."path" IS 'Path of the shard below the runs folder';
COMMENT ON COLUMN "work_unit"."table_name" IS 'Table that the shard feeds; NULL for tensors and model files';
COMMENT ON COLUMN "work_unit"."n_rows" IS 'Rows of the shard; NULL for tensors and model files';
COMMENT ON COLUMN "work_unit"."n_bytes" IS 'Size of the shard [B]';
COMMENT ON COLUMN "work_unit"."sha256" IS 'SHA-256 of the shard''s bytes';
COMMENT ON COLUMN "work_unit"."seconds" IS 'Time the unit took [s]';
COMMENT ON COLUMN "work_unit"."committed" IS 'When the unit was entered in the ledger, UTC';
