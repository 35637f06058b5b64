"""Something to begin with: our own CSV template."""

from kpi_core.mapping.document import Mapping
from kpi_core.mapping.shipped import load_mapping

TEMPLATE_NAME = "funnel-template.csv"
BYTE_ORDER_MARK = "\ufeff"


def template_csv() -> bytes:
    """The header alone, marked as UTF-8 so that Excel opens it as such."""
    mapping = load_mapping("funnel-template")
    assert isinstance(mapping, Mapping)
    return f"{BYTE_ORDER_MARK}{','.join(mapping.columns)}\r\n".encode()
