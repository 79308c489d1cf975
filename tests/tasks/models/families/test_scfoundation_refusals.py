"""scFoundation directories that are refused, one clear line each."""

import pytest
import torch

from tasks.models.load import load_adapter
from tasks.store import RequestError
from tests.builders.harm import Harm
from tests.builders.scfoundation_files import PREFIX, tiny_scfoundation
from tests.builders.scgpt_files import symbols


def edit(directory, change):
    entries = torch.load(directory / "models.ckpt", weights_only=True)
    change(entries["cell"])
    torch.save(entries, directory / "models.ckpt")


@pytest.mark.parametrize("name", ["models.ckpt", "OS_scRNA_gene_index.19264.tsv"])
def test_a_missing_file_is_named(tmp_path, name):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    (folder / name).unlink()
    with pytest.raises(RequestError, match=rf"tiny lacks {name}"):
        load_adapter(folder)


def of(change):
    """A change of the weights."""
    return lambda cell: change(cell["state_dict"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (of(lambda w: w.pop(PREFIX + "encoder.norm.bias")), r"lacks weight encoder\.norm\.bias: it is no scFoundation"),
        (of(lambda w: w.pop(PREFIX + "pos_emb.weight")), r"lacks weight pos_emb\.weight: it is no scFoundation"),
        (of(lambda w: w.update(extra=torch.ones(1))), "holds the unknown weight extra: it is no scFoundation"),
        (of(lambda w: w.update({PREFIX + "encoder.norm.bias": torch.ones(3)})), r"is \(3,\), its configuration says"),
        (of(lambda w: w.update({PREFIX + "pos_emb.weight": torch.ones(90, 24)})), "embeds 90 positions, OS_.* has 83"),
        (of(lambda w: w.update({"model.encoder.norm.bias": torch.ones(24)})), "which are one weight: which is meant"),
        (of(lambda w: w.pop(PREFIX + "norm.bias")), r"lacks weight norm\.bias: it is no scFoundation"),
        (
            of(lambda w: w.pop(PREFIX + "decoder.performer.net.layers.0.0.fn.fast_attention.projection_matrix")),
            r"lacks weight .*projection_matrix: it is no scFoundation",
        ),
        (
            lambda cell: cell["config"]["model_config"]["mae_autobin"]["decoder"].update(depth=3),
            r"lacks weight decoder\.performer\.net\.layers\.2\..* and \d+ more: it is no scFoundation",
        ),
        (lambda cell: cell.pop("config"), "has no entry cell with config and state_dict"),
        (lambda cell: cell["config"].pop("dataset_config"), "its configuration gives no 'dataset_config'"),
        (lambda cell: cell["config"].update(model="gau"), "its configuration gives no 'gau'"),
        (
            lambda cell: cell["config"]["model_config"]["mae_autobin"]["encoder"].update(module_type="performer"),
            "with a performer encoder is not implemented",
        ),
    ],
)
def test_a_wrong_checkpoint_is_refused_in_one_line(tmp_path, change, message):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    edit(folder, change)
    with pytest.raises(RequestError, match=message) as caught:
        load_adapter(folder)
    assert "\n" not in str(caught.value)


def test_a_checkpoint_that_runs_code_is_refused(tmp_path, capsys):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(80))
    edit(folder, lambda cell: cell.update(extra=Harm()))
    capsys.readouterr()
    with pytest.raises(RequestError, match=r"models\.ckpt holds more than tensors: it was not read further"):
        load_adapter(folder)
    assert "harm" not in capsys.readouterr().out


@pytest.mark.parametrize("text", ["gene\tnumber\nA\t0\n", "gene_name\tindex\nA\t0\nA\t1\n", "gene_name\tindex\nA\t1\n"])
def test_a_list_of_another_kind_is_refused(tmp_path, text):
    folder = tiny_scfoundation(tmp_path / "tiny", symbols(2))
    (folder / "OS_scRNA_gene_index.19264.tsv").write_text(text)
    with pytest.raises(RequestError, match="is no list of gene_name and index from 0 on"):
        load_adapter(folder)
