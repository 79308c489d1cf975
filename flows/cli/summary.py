"""The last lines of a run: what was made, where, and what to type next."""

from pathlib import Path

from tasks.trace.wording import edge_counts

QUESTION = "SELECT sae_id, feature, top_genes, top_cell_type FROM feature WHERE top_cell_type IS NOT NULL LIMIT 10"


def print_summary(home: Path, run_id: str) -> None:
    """Print counts of the published run, the folder, and the next two commands."""
    from warehouse import run_summary, snapshot_path

    made = run_summary(home, run_id)
    print()
    print(
        f"{made['cells']:,} cells, {made['living_features']:,} living features in {made['saes']} autoencoders, "
        f"{made['checks_passed']:,} of {made['checks']:,} checks passed"
    )
    for effect in ("total", "direct"):
        measured = made[f"{effect}_effects"]
        if measured:
            counts = {rule: made[f"{effect}_{rule}"] for rule in ("specific", "calibrated", "published")}
            print(f"{effect} effects: {measured:,} measured, {edge_counts(counts)}")
    print(f"warehouse: {snapshot_path(home)}")
    print("next:  make dashboard")
    if made["living_features"]:
        print(f'       scfm sql "{QUESTION}"')
