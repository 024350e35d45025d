"""`python -m webapp.cli`: the same as `oms-connector`."""

from webapp.cli import main

if __name__ == "__main__":
    main(prog_name="oms-connector")
