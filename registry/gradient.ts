/** Whether an operation has a derivative, and if not everywhere, why. A property test holds it against MLX. */
export type Gradient =
  | { readonly kind: 'smooth'; readonly reason: null }
  /** Almost everywhere. */
  | { readonly kind: 'piecewise'; readonly reason: string }
  /** Refused by MLX, or zero wherever it exists. */
  | { readonly kind: 'none'; readonly reason: string };

/** As the reference and the table of operations write it. */
export function gradientWords({ kind, reason }: Gradient): string {
  if (kind === 'smooth') return 'yes';
  return kind === 'piecewise' ? `almost everywhere; ${reason}` : `no; ${reason}`;
}
