"""The `conductor` command, one module per group of subcommands."""
