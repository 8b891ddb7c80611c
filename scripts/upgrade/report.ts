// What an upgrade brings and what stands in its way, as a page.
import { type Surface, type SurfaceDifference, suggestedRow } from './surfaces.ts';

export interface Findings {
  readonly before: Surface;
  readonly after: Surface;
  readonly surface: SurfaceDifference;
  /** The names of `mlx.core` that the catalogue already has, without their module. */
  readonly inCatalogue: ReadonlySet<string>;
  readonly mlxC: { readonly version: string; readonly madeFor: string };
  /** What the compiler refused of mlx-c, and of the addon, with the newer headers. */
  readonly mlxCErrors: readonly string[];
  readonly addonErrors: readonly string[];
  /** What the addon as built now would not find in the newer library. */
  readonly missingSymbols: readonly string[];
  /** The faults of MLX that are worked around here and that the newer one has not. */
  readonly faultsGone: readonly string[];
  /** How the checks ended, where the pins were moved. */
  readonly checks?: string;
}

/** What keeps the pins from being moved; none: nothing does. */
export function obstacles({ mlxC, mlxCErrors, addonErrors, after }: Findings): string[] {
  const found: string[] = [];
  if (mlxCErrors.length > 0) {
    found.push(
      `mlx-c ${mlxC.version}, the newest release, is made for MLX ${mlxC.madeFor} and does not compile against ${after.version}`,
    );
  }
  if (addonErrors.length > 0) found.push(`the addon does not compile against the headers of MLX ${after.version}`);
  return found;
}

const fenced = (language: string, text: string): string[] => ['', `\`\`\`${language}`, text, '```'];
const listed = (lines: readonly string[]): readonly string[] => (lines.length === 0 ? ['None.'] : lines);

function changes({ before, after, surface }: Findings): string[] {
  const lines = surface.changed.flatMap((name) => {
    const had = before.names[name] ?? [];
    const has = after.names[name] ?? [];
    return [
      `# ${name}`,
      ...had.filter((text) => !has.includes(text)).map((text) => `- ${text}`),
      ...has.filter((text) => !had.includes(text)).map((text) => `+ ${text}`),
    ];
  });
  return lines.length === 0 ? ['', 'None.'] : fenced('diff', lines.join('\n'));
}

function rows({ after, surface, inCatalogue }: Findings): string[] {
  const wanted = surface.added.filter((name) => {
    const own = name.replace(/^mlx\.core\./, '');
    return (
      own !== name &&
      !own.startsWith('array.') &&
      !inCatalogue.has(own) &&
      /\barray\b/.test(after.names[name]?.[0] ?? '')
    );
  });
  if (wanted.length === 0) return ['', 'None.'];
  return wanted.flatMap((name) => [
    '',
    `\`${name}\`:`,
    '',
    '<!-- not run: rows to begin with -->',
    '```ts',
    suggestedRow(name, after.names[name]?.[0] ?? ''),
    '```',
  ]);
}

/** The page. */
export function reportPage(findings: Findings): string {
  const { before, after, surface, mlxC, mlxCErrors, addonErrors, missingSymbols, faultsGone, checks } = findings;
  const inTheWay = obstacles(findings);
  const verdict =
    inTheWay.length === 0
      ? `Nothing that was looked at stands in the way of MLX ${after.version}.`
      : `What stands in the way of MLX ${after.version}: ${inTheWay.join('; ')}.`;
  return [
    `${verdict} Written by \`npm run upgrade-mlx -- ${after.version}\`.`,
    '',
    '### Names',
    '',
    `${Object.keys(before.names).length} in ${before.version}, ${Object.keys(after.names).length} in ${after.version}. New:`,
    '',
    ...listed(surface.added.map((name) => `- \`${name}\``)),
    '',
    'Gone:',
    '',
    ...listed(surface.removed.map((name) => `- \`${name}\``)),
    '',
    '### Signatures that changed',
    ...changes(findings),
    '',
    '### Rows for the catalogue',
    ...rows(findings),
    '',
    '### mlx-c',
    '',
    `The newest release is ${mlxC.version}, made for MLX ${mlxC.madeFor}. Against the headers of ${after.version} the compiler refuses:`,
    ...(mlxCErrors.length === 0 ? ['', 'Nothing.'] : fenced('text', mlxCErrors.join('\n'))),
    '',
    '### The addon',
    '',
    `Against the headers of ${after.version} the compiler refuses:`,
    ...(addonErrors.length === 0 ? ['', 'Nothing.'] : fenced('text', addonErrors.join('\n'))),
    '',
    `What it is linked with now and libmlx ${after.version} does not have:`,
    ...(missingSymbols.length === 0 ? ['', 'Nothing.'] : fenced('text', missingSymbols.join('\n'))),
    '',
    '### Faults that are gone',
    '',
    'Of [those worked around](../workarounds.md), by `python/tests/test_mlx_faults.py`; each may have become another one:',
    '',
    ...listed(faultsGone.map((name) => `- ${name}`)),
    ...(checks === undefined ? [] : ['', '### Checks', '', checks]),
    '',
  ].join('\n');
}
