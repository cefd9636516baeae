"""What machines learnt: bundles on disk and the registry that says which one serves."""
