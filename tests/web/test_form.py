"""Forms with a file, as browsers, curl and our own command line send them."""

import pytest

from kpi_core.web.api.form import LARGEST_MAPPING, Form, NotAForm

CSV = b'id,"a\r\n--x"\r\n1,2\r\n'


def part(about: str, content: bytes) -> bytes:
    return f"--x\r\nContent-Disposition: form-data; {about}\r\n\r\n".encode() + content + b"\r\n"


FILE = part('name="file"; filename="leads.csv"', CSV)
END = b"--x--\r\n"


def read(body: bytes, step: int | None = None) -> tuple[Form, bytes]:
    """A form read in pieces of `step` bytes, and the file in it."""
    taken = bytearray()
    form = Form(b"x", taken.extend)
    step = step or len(body) or 1
    for start in range(0, len(body), step):
        form.read(body[start : start + step])
    form.finish()
    return form, bytes(taken)


@pytest.mark.parametrize("step", [None, 1, 7])
def test_a_file_comes_out_as_it_went_in_however_it_is_cut(step: int | None) -> None:
    body = part('name="mapping"', 'name = "日本"'.encode()) + FILE + END
    form, content = read(body, step)
    assert (form.file_name, content, form.mapping) == ("leads.csv", CSV, 'name = "日本"')


def test_without_a_mapping_there_is_none() -> None:
    assert read(FILE + END)[0].mapping is None


def test_a_japanese_name_stays() -> None:
    form, _ = read(part('name="file"; filename="リード.csv"', CSV) + END)
    assert form.file_name == "リード.csv"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        pytest.param(FILE, "form_unreadable", "", id="cut short"),
        pytest.param(b"", "form_unreadable", "", id="empty"),
        pytest.param(b"lead_id,lead_date\r\n1,2\r\n", "form_unreadable", "", id="no form"),
        pytest.param(part('name="mapping"', b"") + END, "form_without_file", "", id="no file"),
        pytest.param(FILE + FILE + END, "form_field_twice", "file", id="two files"),
        pytest.param(
            part('name="dry_run"', b"1") + FILE + END, "form_unknown_field", "dry_run", id="other"
        ),
        pytest.param(
            b"--x\r\nContent-Type: text/csv\r\n\r\n1\r\n" + END,
            "form_unknown_field",
            "",
            id="no name",
        ),
        pytest.param(
            part('name="mapping"', b"#" * (LARGEST_MAPPING + 1)) + FILE + END,
            "mapping_too_large",
            "",
            id="large mapping",
        ),
    ],
)
def test_what_is_no_form_with_a_file_is_said_to_be_none(body: bytes, code: str, field: str) -> None:
    with pytest.raises(NotAForm) as problem:
        read(body)
    assert (problem.value.code, problem.value.field) == (code, field)


def test_a_mapping_in_another_encoding_is_refused() -> None:
    form, _ = read(part('name="mapping"', "日本".encode("cp932")) + FILE + END)
    with pytest.raises(NotAForm) as problem:
        _ = form.mapping
    assert problem.value.code == "mapping_not_utf8"


def test_a_form_without_a_boundary_is_none() -> None:
    with pytest.raises(NotAForm):
        Form(b"y" * 1000, lambda _: None)
