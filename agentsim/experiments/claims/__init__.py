"""Verdicts on the paper's claims, and what flips them."""
