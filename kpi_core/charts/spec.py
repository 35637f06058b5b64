"""A chart as the browser takes it."""

from typing import Any

import altair as alt

Spec = dict[str, Any]


def spec_of(chart: alt.LayerChart) -> Spec:
    """The Vega-Lite document with each layer's data in it: it can be kept, and sent as it is."""
    with alt.data_transformers.enable(consolidate_datasets=False):
        spec: Spec = chart.to_dict()
    return spec
