"""What a picture looks like: SVG, DOT, PNG and PDF, themes."""
