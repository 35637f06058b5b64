"""The command line: what the screens show, for scripts and for those who prefer a terminal."""
