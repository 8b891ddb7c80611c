"""What the worker uses of mlx_lm, for a model that counts: tests run where mlx_lm is not installed."""
