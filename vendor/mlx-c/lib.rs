//! Empty on purpose: this crate exists only to name and lock where mlx-c's source comes from.
