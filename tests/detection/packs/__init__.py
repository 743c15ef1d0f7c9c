"""What is said in each language, and how the shipped packs read it."""
