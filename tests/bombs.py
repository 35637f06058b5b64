"""Files made to end whoever reads them: small ones that grow, and long ones that take for ever."""

import gzip
import io
import zipfile
from collections.abc import Iterator

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
_FAR = "XFD1048576"

FAR_CELLS = {
    "plain": f'{_FIRST}<row r="1048576"><c r="{_FAR}"><v>1</v></c></row>',
    "> in an attribute": f'{_FIRST}<row r="1048576"><c x="a>b" r="{_FAR}"><v>1</v></c></row>',
    "small letters": f'{_FIRST}<row r="1048576"><c r="{_FAR.lower()}"><v>1</v></c></row>',
    "single quotes": f"{_FIRST}<row r='1048576'><c r='{_FAR}'><v>1</v></c></row>",
    "spaces around =": f'{_FIRST}<row r="1048576"><c\n r = "{_FAR}" ><v>1</v></c></row>',
    "an entity": f'{_FIRST}<row r="1048576"><c r="&#88;FD1048576"><v>1</v></c></row>',
    "no place in a far row": f'{_FIRST}<row r="1048576"><c><v>1</v></c><c r="XFD1048576"/></row>',
    "in a near row": f'<row r="1"><c r="A1"><v>1</v></c><c r="{_FAR}"><v>1</v></c></row>',
    "no row's number": f'<row><c><v>1</v></c></row><row><c r="{_FAR}"><v>1</v></c></row>',
    "beyond Excel's last": f'{_FIRST}<row r="9999999"><c r="XFD9999999"><v>1</v></c></row>',
    "a prefix": f'<x:row r="1048576"><x:c r="{_FAR}"><x:v>1</x:v></x:c></x:row>',
}
"""A sheet whose last cell lies so far out that a reader which fills the gap needs 550 GB."""


def workbook(rows: str, *, shared: str = "", before: str = "", after: str = "") -> bytes:
    """An xlsx file of one sheet."""
    prefix = "x:" if rows.startswith("<x:") else ""
    named = f'xmlns:x="{_MAIN}"' if prefix else f'xmlns="{_MAIN}"'
    sheet = (
        f"<{prefix}worksheet {named}>{before}<{prefix}sheetData>{rows}</{prefix}sheetData>"
        f"{after}</{prefix}worksheet>"
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Leads" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}"><Relationship Id="rId1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" '
        f'Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet,
        "xl/sharedStrings.xml": f'<sst xmlns="{_MAIN}">{shared}</sst>',
    }
    return zipped({name: text.encode() for name, text in parts.items()})


def zipped(parts: dict[str, bytes]) -> bytes:
    """The same bytes whenever it is made."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return file.getvalue()


def shared_strings(times: int = 40_000, characters: int = 5_000_000) -> bytes:
    """One long text that every cell of a column names."""
    rows = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, times))
    return workbook(rows, shared=f"<si><t>{'x' * characters}</t></si>")


def far_merge() -> bytes:
    """Cells merged over the whole sheet."""
    return workbook(
        _FIRST, after=f'<mergeCells count="1"><mergeCell ref="A1:{_FAR}"/></mergeCells>'
    )


def false_dimension() -> bytes:
    """A sheet that says it is as large as can be, and is not."""
    return workbook(_FIRST, before=f'<dimension ref="A1:{_FAR}"/>')


def long_cells(unit: str, cells: int = 40, characters: int = 200_000) -> bytes:
    """A table in which every cell of a column is long."""
    cell = (unit * characters)[:characters]
    rows = "".join(f'{at},2026-01-05,"{cell}"\n' for at in range(cells))
    return f"id,created,note\n{rows}".encode()


def wide_table(columns: int, rows: int = 20) -> bytes:
    """A table of so many columns of dates."""
    header = ",".join(["id", "created", *(f"c{at} date" for at in range(columns - 2))])
    cells = ",".join(["2026-01-05"] * (columns - 1))
    return "\n".join([header, *(f"{at},{cells}" for at in range(rows))]).encode()


def gz_of_zeros(megabytes: int = 3_000) -> bytes:
    """A gz file that grows beyond what is unpacked."""
    file = io.BytesIO()
    with gzip.GzipFile(fileobj=file, mode="wb", compresslevel=1) as packed:
        for _ in range(megabytes):
            packed.write(bytes(1 << 20))
    return file.getvalue()


def gz_of_rows(rows: int) -> bytes:
    """A small file with so many sound rows that reading them takes long."""
    some = b"".join(b"B%d,2026-05-01\n" % at for at in range(100_000))
    return gzip.compress(b"lead_id,lead_date\n" + some * (rows // 100_000), compresslevel=1)


def zip_of_zeros(megabytes: int = 3_000) -> bytes:
    """The same as a zip file that says how large it is."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("zeros.csv", "w", force_zip64=True) as member,
    ):
        for _ in range(megabytes):
            member.write(bytes(1 << 20))
    return file.getvalue()


def deep_mappings() -> Iterator[tuple[str, str]]:
    """TOML that takes a reader without bounds minutes, or its stack."""
    yield "50,000 dotted parts", ".".join("a" * 50_000) + " = 1"
    yield "100,000 brackets", "a = " + "[" * 100_000
    top = 'name = "a"\nsource = "a"\ngrain = "lead"\nid = "lead_id"\n'
    yield "a format of 100,000 years", f'{top}date_format = "{"%Y" * 100_000}"\n'
    yield "20,000 mistakes", top + "[[stages]]\n" * 20_000
