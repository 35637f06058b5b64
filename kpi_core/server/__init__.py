"""What runs: the app that a process is, the work that goes on in it, and its start and end."""
