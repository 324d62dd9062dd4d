"""Everybody who decides: households, officers, firms and the attacker."""
