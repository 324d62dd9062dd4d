"""The attacker: what it wants, what it can do, how it plans."""
