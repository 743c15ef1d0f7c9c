"""What the product does, one verb a file; each runs inside one transaction it is given."""
