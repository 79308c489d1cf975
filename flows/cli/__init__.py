"""The command ``scfm``: one module a subcommand."""
