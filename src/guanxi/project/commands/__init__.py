"""One module per subcommand: `add_arguments(parser)` and `main(parsed) -> exit status`."""
