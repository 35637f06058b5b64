"""What each screen shows, as frozen values: computed once, drawn the same everywhere."""
