"""Makes encoders: the only package that imports torch and transformers."""
