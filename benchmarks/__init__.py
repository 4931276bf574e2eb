"""What is compared, on what, for how long."""
