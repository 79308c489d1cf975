"""The work of step ``relations``: one unit for each kind of domain that is a gene set.

1. The edges and domains of step ``domains``, by its settings, and what it found of their pairs.
2. Which domains are known to be linked (``links``, ``ontology``).
3. Novel pairs: different domains that edges join beyond exchanged targets (q of table ``domain_pair``) and that no link
   joins. ``published``: any pair with edges whose sets share fewer than three genes.
4. The share of edges without a known link, beside that of exchanged targets (``share``): rule by rule.

A novel pair is one that these references do not link. What features of both domains have in common, they may have for
reasons that no reference lists: genes that are expressed together, or one direction carried on by the residual stream.
"""

import polars as pl

from tasks.analyses.domains.frames import About
from tasks.analyses.domains.graph import Graph, number_domains, read_graph, require_room, wire
from tasks.analyses.domains.step import DomainsSettings, Kind
from tasks.analyses.networks.graphs import ANY, graphs
from tasks.analyses.networks.graphs import Graph as Network
from tasks.analyses.relations.frames import Linked, link_rows, pair_rows, share_rows
from tasks.analyses.relations.links import joined_genes, shared_genes
from tasks.analyses.relations.ontology import Ancestry, Parents, read_parents
from tasks.analyses.relations.sets import GeneSets, read_sets
from tasks.analyses.relations.share import novel_share
from tasks.analyses.relations.step import LINKED, RelationsSettings
from tasks.references.reader import ReferencesReader
from tasks.step import Info, Inputs
from tasks.store import StepFolder
from tasks.store.memory import require_memory

BYTES_PER_PAIR = 40  # of genes, at the peak


def find_relations(settings: RelationsSettings, inputs: Inputs, out: StepFolder) -> Info:
    """Tell known from novel pairs. Raises RequestError if memory is short, or the ontology cannot be read."""
    choice = inputs.sections.of(DomainsSettings)
    parents = read_parents(settings.ontology) if settings.ontology else None
    graph, sets = read_graph("domains", choice, inputs), read_sets(inputs)
    pairs = StepFolder.open(inputs.folder("domains")).read_table("domain_pair")
    require_memory(BYTES_PER_PAIR * len(sets.symbols) ** 2, f"edges between {len(sets.symbols)} genes", LESS)
    networks = networks_of(settings, inputs, sets)
    for kind in choice.kinds:
        if kind in LINKED and not out.has(kind):
            linked = link(settings, number_domains(graph, kind=kind), sets, networks, parents)
            with out.unit(kind) as shard:
                for table, frame in relation_tables(settings, choice, kind, graph, pairs, linked).items():
                    shard.table(table, frame)
    novel = out.read_table("novel_pair").filter(rule="default")
    return {"n_novel": novel.height, "n_known": int(out.read_table("domain_link")["known"].sum())}


LESS = "name fewer or smaller libraries in references.gene_sets"


def networks_of(settings: RelationsSettings, inputs: Inputs, sets: GeneSets) -> list[Network]:
    """The study's networks among the genes of its sets, without regard to the mode of regulation."""
    edges = ReferencesReader(inputs.folder("references")).edges()
    return [one for one in graphs(edges, sets.symbols, settings.min_score) if one.mode == ANY]


def link(
    settings: RelationsSettings, names: list[str], sets: GeneSets, networks: list[Network], parents: Parents | None
) -> Linked:
    """Step 2, of the domains ``names`` [D]."""
    members = sets.of_domains(names)
    shared = shared_genes(members)
    joined = joined_genes(members, shared.shared, networks)
    named = [one.network for one in networks]
    return Linked.of(settings.alpha, names, members, (shared, joined), named, Ancestry(names, parents))


def relation_tables(
    settings: RelationsSettings, choice: DomainsSettings, kind: Kind, graph: Graph, pairs: pl.DataFrame, linked: Linked
) -> dict[str, pl.DataFrame]:
    """Every table of the step, for one kind of domain; ``pairs``: table ``domain_pair``."""
    require_room("domains", linked.names)
    about = About(choice.effect, graph.criterion, kind, linked.names)
    wiring = wire(graph, kind, linked.names, choice.bins)
    own = pairs.filter(kind=kind)
    novel = pair_rows(about, linked, own, settings.alpha)
    shares = {
        rule: novel_share(wiring, unknown, choice.n_draws, [choice.seed, number])
        for number, (rule, unknown) in enumerate(linked.unknown().items())
    }
    return {
        "domain_link": link_rows(about, linked, own),
        "novel_pair": novel,
        "novel_share": share_rows(about, shares, own, novel, choice.n_draws),
    }
