"""Stories of the trades, played on a network or in the simulator."""
