"""`python -m kpi_core`: the command line."""

from kpi_core.cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())
