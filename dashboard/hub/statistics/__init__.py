"""What the picture's statistics say, folded from their topics and made into layers and panels."""
