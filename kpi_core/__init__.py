"""The KPI board's core: facts, plans, pace, reports. Knows nothing of Streamlit."""
