"""A plan's document as plain values: what it declares, how two differ, and back into its text."""
