/** The MLX that this version was built and proven against, on both backends. */
export const MLX_VERSION = '0.32.2';
