"""Fourteen made-up months of a SaaS company, for a board that has no data of its own yet."""
