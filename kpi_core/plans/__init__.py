"""The plan document: one KGI with its KPI, indicators, actions and rules."""
