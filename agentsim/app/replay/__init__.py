"""Recorded runs: how they are made, stored and played back on the map."""
