"""The best set of measures for a budget: sets and sizes, races, the front, fresh seeds."""
