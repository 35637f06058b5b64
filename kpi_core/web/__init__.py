"""What answers requests beside the pages: API, wall, unlocking, and what every request passes."""
