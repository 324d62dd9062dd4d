"""Sweeps over many values of many numbers."""
