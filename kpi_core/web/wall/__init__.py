"""The wall: one number on an unattended screen, kept current."""
