"""Simplex consensus, one height at a time: `step(state, event) -> (state, effects)` on a state that is a value.

After Chan & Pass, "Simplex Consensus" (TCC 2023), single-shot per height: no locks, no view-change protocol, one
timer. Read `engine_state.py`, `events.py`, then `rules.py` from top to bottom.
"""
