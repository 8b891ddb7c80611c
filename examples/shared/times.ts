/** Of several measurements of one thing, in the unit that they were measured in. */
export interface Times {
  readonly average: number;
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

export const FIGURES = ['average', 'median', 'minimum', 'maximum'] as const;

/** Of one value at least. */
export function summary(values: readonly number[]): Times {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return {
    average: values.reduce((sum, value) => sum + value, 0) / values.length,
    median: ((sorted[Math.floor(middle)] as number) + (sorted[Math.ceil(middle)] as number)) / 2,
    minimum: sorted[0] as number,
    maximum: sorted.at(-1) as number,
  };
}
