"""Altair charts: a report's values in, a chart out."""
