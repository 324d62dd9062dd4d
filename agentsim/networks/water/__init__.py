"""The water network: sources and works, hydraulics, valves, leaks, wells, contamination."""
