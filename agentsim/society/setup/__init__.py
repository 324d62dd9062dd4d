"""Builders: each part of a society from the scenario, the place and the charter."""
