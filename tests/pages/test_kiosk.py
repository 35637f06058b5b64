"""The command that opens a wall on a machine of its own."""

from pages._display_dialog import KIOSK


def test_a_kiosk_may_make_a_sound_that_nobody_touched_it_for() -> None:
    """Without it Chromium keeps quiet until somebody touches the screen, which nobody does."""
    assert KIOSK.split()[:2] == ["chromium", "--kiosk"]
    assert "--autoplay-policy=no-user-gesture-required" in KIOSK.split()
