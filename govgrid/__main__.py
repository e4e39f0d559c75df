"""The command line: `govgrid COMMAND`; see `govgrid.cli.gathered`."""

from govgrid.cli.ending import interruptible


def main() -> None:
    """Run the command line."""
    with interruptible():
        # loading takes a while, in which an interrupt ends as it does later
        from govgrid.cli.gathered import run  # noqa: PLC0415

        run()


if __name__ == "__main__":
    main()
