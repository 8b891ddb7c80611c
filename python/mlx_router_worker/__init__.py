"""The Python end of mlx-router's protocol; `docs/protocol.md` is its specification."""
