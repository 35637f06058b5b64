"""The frame around every page: title, menu, and the language, the browser's at first."""

import streamlit as st

from pages import _live, _runtime, _url

_url.carry()
_live.begin()
words = _runtime.words()
# An icon of our own: for a `:material/…:` one the browser would ask Google.
icon = _runtime.SHELL.with_name("icon.svg")
st.set_page_config(page_title=words("frame.title"), page_icon=icon, layout="wide")

page = st.navigation(
    [
        st.Page("board.py", title=words("frame.board"), icon=":material/flag:", default=True),
        st.Page(
            "make_plan.py",
            title=words("make_plan.title"),
            icon=":material/edit_note:",
            visibility="hidden",
        ),
        st.Page("plan.py", title=words("frame.plan"), icon=":material/description:"),
        st.Page("imports.py", title=words("frame.imports"), icon=":material/upload_file:"),
        st.Page("settings.py", title=words("frame.settings"), icon=":material/settings:"),
    ],
    position="top",
)
page.run()

# After the page: nothing stands before the number. With something beside it: a style alone would
# lie where Streamlit puts the dialogs of fragments, in its place.
css = _runtime.SHELL.with_name("frame.css").read_text(encoding="utf-8")
st.html(f"<style>{css}</style><span hidden></span>")
_live.come_back()
