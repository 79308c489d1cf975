"""What a model directory holds and which steps it makes possible, as ``scfm doctor`` tells it."""

from dataclasses import dataclass
from pathlib import Path

from tasks.models.adapter import Adapter, ModelInfo, Predicts
from tasks.models.families.own import OwnAdapter
from tasks.models.load import load_adapter
from tasks.vocabulary.directory import layout_of
from tasks.vocabulary.own_settings import OwnEncoder
from tasks.vocabulary.vocabulary import Vocabulary

PREDICTS: dict[Predicts, str] = {
    "genes": "hidden genes are predicted: held-out loss and loss recovered are in nat",
    "values": "hidden values are predicted: held-out loss and loss recovered are mean squared errors, in {unit}",
    "next": "the next gene is predicted: held-out loss and loss recovered are in nat, of gene i + 1 from those up to i",
    "nothing": "nothing is predicted: held-out loss and loss recovered stay empty, embeddings of cells are compared",
}
SQUARES = {"bins": "bins squared", "log_values": "log1p of counts per 10,000, squared"}
READS = {"rank": "ranks", "bins": "values in bins", "log_values": "log-normalised values"}
CALLS = {"ensembl": "Ensembl id", "symbol": "symbol"}


@dataclass(frozen=True)
class Examined:
    """Facts of a model that can be loaded; ``files``: all that decide its numbers."""

    info: ModelInfo
    vocabulary: Vocabulary
    files: list[Path]
    steps: str
    predicts: str

    def lines(self) -> list[tuple[str, str]]:
        """The facts to read, each under its name."""
        info, encoding = self.info, self.vocabulary.encoding
        shape = f"{info.n_layers} layers, width {info.d_model}, {info.n_heads} heads, feed-forward {info.d_ff:,}"
        genes = f"{len(self.vocabulary.token_of):,} genes by {CALLS[encoding.genes]}"
        return [
            ("model", f"{info.name} ({info.family}): {shape}"),
            ("", f"{info.n_parameters:,} parameters, {info.vocab_size:,} tokens, {genes}"),
            ("", f"reads {READS[encoding.kind]}, sequences up to {info.max_length:,}"),
            ("files", ", ".join(file.name for file in self.files)),
            ("steps", self.steps),
            ("", self.predicts),
        ]


def examine_model(model_dir: Path, own: OwnEncoder | None = None) -> Examined:
    """Load a model and say what it is. Raises RequestError, in one line, if it cannot be used."""
    layout = layout_of(model_dir, own)
    files = [*layout.weights(model_dir), *layout.dictionaries(model_dir)]
    adapter = load_adapter(model_dir, "cpu", own)
    predicts = PREDICTS[adapter.predicts].format(unit=SQUARES.get(adapter.vocabulary.encoding.kind))
    return Examined(adapter.info, adapter.vocabulary, files, _steps(adapter), predicts)


def _steps(adapter: Adapter) -> str:
    if isinstance(adapter, OwnAdapter) and not adapter.in_parts:
        return "cells, model, activations, sae, describe; no tracing, whose blocks must be BERT's"
    return "all"
