"""What PYTHONPATH of a shell may hold: a module of the name of one that everything imports."""

raise SystemExit("This is the shell's.")
