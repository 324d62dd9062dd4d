"""Rules and offices: who controls what, what is published, how shortages are shared, who pays."""
