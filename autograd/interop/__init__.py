"""What others speak: numbers and arrays of other packages, notebooks, text, files."""
