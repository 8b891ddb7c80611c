/** Where the function is smooth, for those that are not smooth between -2 and 2. */
export const DOMAINS: Readonly<Record<string, readonly [number, number]>> = {
  arccos: [-0.9, 0.9],
  arccosh: [1.2, 3],
  arcsin: [-0.9, 0.9],
  arctanh: [-0.9, 0.9],
  divide: [0.5, 2],
  erfinv: [-0.9, 0.9],
  log: [0.3, 2],
  log10: [0.3, 2],
  log1p: [-0.6, 2],
  log2: [0.3, 2],
  power: [0.5, 2],
  reciprocal: [0.3, 2],
  rsqrt: [0.3, 2],
  sqrt: [0.3, 2],
  tan: [-1.2, 1.2],
};
export const DEFAULT_DOMAIN = [-2, 2] as const;
