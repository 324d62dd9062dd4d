"""The attacks that policies meet: plans, plans tried across policies, the red team."""
