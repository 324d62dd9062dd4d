"""Households: who they are, what they ask for, what they live through, how they travel, vote and move."""
