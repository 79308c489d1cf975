"""From effects to edges: moments, sign flips, q, named rules, thresholds, degrees."""
