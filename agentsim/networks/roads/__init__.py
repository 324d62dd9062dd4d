"""The road network: equilibrium, queues, signals."""
