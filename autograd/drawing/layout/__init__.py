"""Where everything in a picture goes: columns, waypoints, Graphviz, spacing, routing."""
