"""What ``scfm doctor`` says of a model directory of each family, and of the cells it shall read."""

import json

import pytest

from flows.cli.main import main
from tasks.cells.known import known_genes
from tasks.cells.settings import CellsSettings
from tasks.models.examine import examine_model
from tasks.store import RequestError
from tasks.vocabulary.directory import load_vocabulary
from tests.builders.h5ad_files import human_genes, random_counts, tenx_file
from tests.builders.models import tiny_geneformer
from tests.builders.own_models import described, own_encoder
from tests.builders.scfoundation_files import tiny_scfoundation
from tests.builders.scgpt_files import symbols, tiny_scgpt
from tests.builders.tenx_files import old_h5

IDS = [f"ENSG{i:011d}" for i in range(40)]
OWN = {"own": described(), "whole": described()}
MAKERS = {
    "geneformer": tiny_geneformer,
    "scgpt": lambda path: tiny_scgpt(path, symbols(40)),
    "scfoundation": lambda path: tiny_scfoundation(path, symbols(40)),
    "own": lambda path: own_encoder(path, IDS, "electra"),
    "whole": lambda path: own_encoder(path, IDS, "distilbert"),
}
SAID = {
    "geneformer": [
        "geneformer (geneformer): 3 layers, width 32, 4 heads, feed-forward 64",
        "44 tokens, 40 genes by Ensembl id",
        "reads ranks, sequences up to 64",
        "config.json, model.safetensors, token_dictionary.json, gene_median_dictionary.json",
        "hidden genes are predicted",
    ],
    "scgpt": [
        "scgpt (scgpt): 3 layers, width 32, 4 heads, feed-forward 48",
        "43 tokens, 40 genes by symbol",
        "reads values in bins, sequences up to 64",
        "args.json, best_model.pt, vocab.json",
        "hidden values are predicted: held-out loss and loss recovered are mean squared errors, in bins squared",
    ],
    "scfoundation": [
        "scfoundation (scfoundation): 3 layers, width 24, 4 heads, feed-forward 96",
        "43 tokens, 40 genes by symbol",
        "reads log-normalised values, sequences up to 42",
        "models.ckpt, OS_scRNA_gene_index.19264.tsv",
        "mean squared errors, in log1p of counts per 10,000, squared",
    ],
    "own": [
        "own (own): 3 layers",
        "config.json, model.safetensors, tokens.json, medians.json",
        "all",
        "genes are pred",
    ],
    "whole": ["whole (own): 3 layers", "no tracing, whose blocks must be BERT's"],
}


@pytest.mark.parametrize("family", MAKERS)
def test_facts_files_and_possible_steps_are_told(tmp_path, family):
    found = examine_model(MAKERS[family](tmp_path / family), OWN.get(family))
    text = "\n".join(f"{name} {line}" for name, line in found.lines())
    for part in SAID[family]:
        assert part in text


def test_known_genes_are_counted_and_unknown_ones_named(tmp_path):
    ids, names = human_genes(60)
    path = tenx_file(tmp_path / "cells.h5ad")
    by_symbol = load_vocabulary(tiny_scgpt(tmp_path / "scgpt", names[:45]))
    found = known_genes(path, by_symbol)
    assert (found.n_genes, found.n_known, found.unknown) == (60, 45, names[45:50])
    assert found.line() == f"45 of 60 genes known (75.0%); unknown: {', '.join(names[45:50])}"
    folder = tiny_geneformer(tmp_path / "geneformer", n_genes=40)
    tokens = json.loads((folder / "token_dictionary.json").read_text())
    special = {name: token for name, token in tokens.items() if name.startswith("<")}
    mine = special | {gene: i for i, gene in enumerate(ids[:40], start=4)}
    (folder / "token_dictionary.json").write_text(json.dumps(mine))
    (folder / "gene_median_dictionary.json").write_text(json.dumps(dict.fromkeys(ids[:40], 1.0)))
    assert known_genes(path, load_vocabulary(folder)).n_known == 40


def test_cells_are_read_as_the_study_says(tmp_path):
    vocabulary = load_vocabulary(tiny_scgpt(tmp_path / "scgpt", human_genes(60)[1]))
    genes = human_genes(60)
    mouse = [f"ENSMUSG{i:011d}" for i in range(60)], [f"Gene{i}" for i in range(60)]
    counts = random_counts()
    path = old_h5(tmp_path / "two.h5", GRCh38=(counts, *genes), mm10=(counts, *mouse))
    with pytest.raises(RequestError, match=r"say which to use in cells\.genome"):
        known_genes(path, vocabulary)
    assert known_genes(path, vocabulary, CellsSettings(genome="GRCh38")).n_known == 60
    assert known_genes(path, vocabulary, CellsSettings(genome="mm10")).n_known == 0


def test_the_command_prints_both(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("SCFM_HOME", str(tmp_path / "home"))
    model = tiny_scgpt(tmp_path / "mine", human_genes(60)[1])
    cells = tenx_file(tmp_path / "cells.h5ad")
    main(["doctor", "--model", str(model), "--cells", str(cells)])
    said = capsys.readouterr().out
    assert "model      mine (scgpt): 3 layers" in said
    assert f"cells      {cells}: 60 of 60 genes known (100.0%)" in said
    own = own_encoder(tmp_path / "own", IDS)
    study = tmp_path / "study.toml"
    study.write_text(
        f'name = "a"\n[model]\npath = "{own}"\n[model.own]\ntokens = "tokens.json"\npad = "[PAD]"\nlongest = 60'
    )
    main(["doctor", "--study", str(study)])
    assert "own (own): 3 layers" in capsys.readouterr().out


def test_cells_without_a_model_are_refused(tmp_path, capsys):
    assert main(["doctor", "--cells", str(tmp_path / "cells.h5ad")]) == 2
    assert "no model directory to look into" in capsys.readouterr().err


def test_an_empty_directory_is_refused_with_what_each_family_has(tmp_path, capsys):
    assert main(["doctor", "--model", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert "lacks config.json (Geneformer or MaxToki), args.json (scGPT) or models.ckpt (scFoundation)" in said
    assert len(said.splitlines()) == 1
