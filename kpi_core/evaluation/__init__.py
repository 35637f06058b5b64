"""An indicator at a moment: its value, its history, its pace and its status."""
