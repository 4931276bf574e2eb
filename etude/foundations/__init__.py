"""What every folder stands on: whole files, names with a nearest match, Ctrl-C at a good moment."""
