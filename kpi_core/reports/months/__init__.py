"""The months of a plan: their targets, their rules tried, their counts by one definition or two."""
