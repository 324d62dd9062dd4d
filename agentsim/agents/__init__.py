"""Everybody who decides: households, officers, firms and the attacker."""

import agentsim.core.light_mesa  # noqa: F401  before any of them imports Mesa
