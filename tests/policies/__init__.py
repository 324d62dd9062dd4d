"""A package, so that its test_water is another module than that of the networks."""
