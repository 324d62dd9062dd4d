"""Runs in worker processes or on a cluster, kept in a ledger."""
