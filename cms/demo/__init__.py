"""What fills an empty site for a demonstration; its words stand in the pack's `demo/`."""
