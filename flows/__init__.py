"""What runs, and in what order: one file a flow, wiring only."""

import os

# Waiting threads sleep. Spinning ones cost 5 to 20 times the time where other programs use the same cores. The
# library behind the threads reads this when torch is loaded, so it is set before any flow imports it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
