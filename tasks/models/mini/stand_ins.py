"""The stand-ins that can be trained, by what ``model.path`` calls them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from tasks.models.adapter import Adapter
from tasks.models.mini import geneformer, scgpt
from tasks.vocabulary.layouts.scgpt import WEIGHT_FILE
from tasks.vocabulary.layouts.weight_files import WHOLE
from tasks.vocabulary.mini_settings import MiniSettings
from tasks.vocabulary.model_settings import MINI, SCGPT_MINI
from tasks.vocabulary.vocabulary import Vocabulary


@dataclass(frozen=True)
class StandIn:
    """How a stand-in starts, and how its directory is written, in the layout of the published model.

    ``documents`` makes texts by file name from settings, vocabulary, and Ensembl ids by symbol.
    """

    name: str
    new_adapter: Callable[[MiniSettings, Vocabulary, str], Adapter]
    documents: Callable[[MiniSettings, Vocabulary, dict[str, str]], dict[str, str]]
    weight_file: str
    save_weights: Callable[[dict[str, Tensor], Path], None]


GENEFORMER_MINI = StandIn(
    geneformer.NAME, geneformer.new_adapter, geneformer.documents, WHOLE[0], geneformer.save_weights
)
STAND_INS = {
    MINI: GENEFORMER_MINI,
    SCGPT_MINI: StandIn(scgpt.NAME, scgpt.new_adapter, scgpt.documents, WEIGHT_FILE, scgpt.save_weights),
}
