import { camelCase } from './naming.ts';
import { type Operation, qualifiedName } from './operation.ts';
import { ABSENT, HOST, RENAMED } from './surface.ts';

/** How much of Python's `mlx.core` is accounted for. */
export interface SurfaceReport {
  /** The public names of the installed wheel. */
  readonly total: number;
  /** Those that are operations, live elsewhere in the library, or are not offered for a reason given. */
  readonly accounted: number;
  /** Those that neither the catalogue nor the lists of the surface name. */
  readonly missing: readonly string[];
}

/** Python's special methods that an operation stands for, and what each is here: `__radd__` as well where it is in place. */
export function specialMethods({ name, operator, inPlace }: Operation): Readonly<Record<string, string>> {
  if (operator === undefined) return {};
  const word = operator.slice(2, -2);
  const here = camelCase(name);
  return {
    [`array.__${word}__`]: `array.${here}`,
    ...(inPlace !== undefined && { [`array.__r${word}__`]: here, [`array.__i${word}__`]: `array.${here}_` }),
  };
}

/** Every name of which the catalogue or the surface's lists say something. */
function accountedNames(catalogue: readonly Operation[]): Set<string> {
  const names = new Set([...Object.values(HOST).flat(), ...Object.keys(RENAMED), ...Object.keys(ABSENT)]);
  for (const operation of catalogue) {
    names.add(qualifiedName(operation));
    for (const name of operation.aliases ?? []) names.add(qualifiedName({ ...operation, name }));
    if (operation.method) names.add(`array.${operation.name}`);
    for (const name of Object.keys(specialMethods(operation))) names.add(name);
  }
  return names;
}

/** Holds the names that a wheel has against those that are accounted for. */
export function surfaceReport(publicNames: readonly string[], catalogue: readonly Operation[]): SurfaceReport {
  const known = accountedNames(catalogue);
  const missing = publicNames.filter((name) => !known.has(name));
  return { total: publicNames.length, accounted: publicNames.length - missing.length, missing };
}
