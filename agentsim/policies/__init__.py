"""The measures of the paper: each policy is a short class that rewrites the charter."""

from agentsim.policies.registry import PACKAGES, POLICIES, Entry, enact, expand

__all__ = ["PACKAGES", "POLICIES", "Entry", "enact", "expand"]
