"""The one door for text that is not ours into elements that read Markdown.

Labels, captions, messages, tooltips, expanders, tabs, metrics and the choices of radios
and pills all read it: an image would be fetched by the visitor's browser, a link would lead away.
`st.text`, the choices of select boxes, cells of tables and `st.html` with `escape` do not.
`st.badge` escapes brackets by itself, and so undoes ours: it takes our own words alone.
"""

import re

_SIGNS = re.compile(r"([\\`*_\[\]<>$~:#|&!])")
_BLOCK = re.compile(r"^(\d{1,9})([.)])|^([-+=])")
_LINES = re.compile(r"\s*[\r\n\v\f\u0085\u2028\u2029]\s*")
_READ_LATER = re.compile(r":(?=[\w+/-])|@(?=[\w-])|(?<!\w)www(?=\\?\.)", re.IGNORECASE)
_APART = "\u2060"
"""A word joiner, which is invisible. Icons (`:material/…:`), emoji and bare addresses are looked
for after escapes are resolved, and are not found where it stands in them."""


def plain(text: str) -> str:
    """A user's text for an element that reads Markdown: shown as it is, on one line."""
    line = _LINES.sub(" ", text).strip()
    escaped = _SIGNS.sub(r"\\\1", _READ_LATER.sub(lambda found: found[0] + _APART, line))
    return _BLOCK.sub(lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", escaped)
