"""Recorded runs: how they are made, kept and played back on the map."""
