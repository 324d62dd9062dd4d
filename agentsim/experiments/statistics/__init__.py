"""Statistics of paired runs: intervals, p-values, risk measures, ranks."""
