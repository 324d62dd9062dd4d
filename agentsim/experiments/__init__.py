"""Many runs: comparisons, contrasts, intervals, attack plans, hidden losses."""
