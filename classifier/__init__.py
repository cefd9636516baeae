"""Pure classification of complaints: text in, prediction out; no file, clock, network or environment."""
