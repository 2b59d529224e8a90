"""What one item costs in a network on this machine."""
