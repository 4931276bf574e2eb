"""What paints."""
