"""The folder from which the running board imports files by itself."""
