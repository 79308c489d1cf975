"""What runs, and in what order: one file a flow, wiring only."""
