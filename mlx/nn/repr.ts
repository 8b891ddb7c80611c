// Python's texts of the values that a module shows of itself, so that a printed model reads the same on both sides.

/** A number that is a float in Python: `1e-05`, `0.1`, `2.0`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    const [digits, exponent] = value.toExponential().split('e') as [string, string];
    const power = exponent.slice(1).padStart(2, '0');
    return `${digits}e${exponent.startsWith('-') ? '-' : '+'}${power}`;
  }
  const text = String(value);
  return Number.isInteger(value) ? `${value}.0` : text;
}

export function flagText(value: boolean): string {
  return value ? 'True' : 'False';
}

export function tupleText(values: readonly number[]): string {
  return values.length === 1 ? `(${values[0]},)` : `(${values.join(', ')})`;
}

export function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}
