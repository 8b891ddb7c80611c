"""One file for each fault of MLX that this worker avoids; `docs/workarounds.md` is the table of them."""
