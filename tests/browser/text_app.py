"""Somebody's text in every kind of element that reads Markdown, through the door and not."""

import streamlit as st

from pages._markdown import plain

EVIL = (
    "![x](http://evil.example/x.png) [y](http://evil.example/y) :material/thumb_up: :red[b] "
    ":tada: $e$ http://evil.example www.evil.example a@evil.example *a* `b` ~~c~~ <b>d</b>"
)
HOSTILE = (
    EVIL,
    f"- {EVIL}",
    f"# {EVIL}",
    f"> {EVIL}",
    f"1. {EVIL}",
    f"a\n\n{EVIL}\n\n| b | c |\n|---|---|",
)

raw = st.query_params.get("raw") == "1"


def shown(text: str) -> str:
    return text if raw else plain(text)


for number, each in enumerate(HOSTILE):
    text = shown(each)
    key = f"k{number}"
    st.markdown(text, help=text)
    st.caption(text)
    for say in (st.error, st.warning, st.info, st.success):
        say(text)
    st.title(text, anchor=False)
    st.subheader(text, anchor=False)
    st.button(text, key=f"{key}button", help=text)
    st.download_button(text, "x", key=f"{key}download")
    st.link_button(text, "/")
    st.checkbox(text, key=f"{key}checkbox")
    st.toggle(text, key=f"{key}toggle")
    st.radio(text, [text, "b"], captions=[text, "b"], key=f"{key}radio")
    st.pills(text, [text, "b"], key=f"{key}pills")
    st.segmented_control(text, [text, "b"], key=f"{key}segmented")
    st.selectbox(text, ["a"], key=f"{key}select")
    st.text_input(text, key=f"{key}text")
    st.date_input(text, key=f"{key}date")
    st.file_uploader(text, key=f"{key}file")
    st.metric(text, "1", help=text)
    st.progress(0.5, text=text)
    with st.expander(text):
        st.text("a")
    with st.popover(text):
        st.text("a")
    for tab in st.tabs([text, "b"]):
        tab.text("a")
st.toast(shown(EVIL), duration="long")
st.text("all is drawn")
