"""What is played: Gymnasium environments with known answers."""
