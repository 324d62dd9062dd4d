"""Readers of the files that engineers and planners have: EPANET, MATPOWER, TNTP, GMNS, tables."""
