"""The wall: one number on a screen that nobody touches, kept true for as long as it hangs."""
