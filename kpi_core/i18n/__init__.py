"""Every word a user sees, in every language alike."""
