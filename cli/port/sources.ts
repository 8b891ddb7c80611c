import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Operation, qualifiedName } from '../../registry/operation.ts';
import { root } from '../package.ts';

/** A line of the project's sources; `file` is relative to the root, `line` counts from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
}

const CATALOGUE = 'registry/catalogue';
const LOWERINGS = ['native-backend/lowerings', 'native-backend/workarounds'];
const BINDINGS = 'native-backend/src/operations';

/** Whether this is a checkout: an installed package has no sources to port in. */
export function hasSources(): boolean {
  return existsSync(join(root, CATALOGUE)) && existsSync(join(root, BINDINGS));
}

function linesOf(file: string): string[] {
  return readFileSync(join(root, file), 'utf8').split('\n');
}

function filesIn(folder: string, suffix: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(suffix) && !name.includes('.test.'))
    .sort()
    .map((name) => `${folder}/${name}`);
}

/** Where the row of an operation begins: `op('name', …`, a helper or a list of the file, the name on that line or the next. */
export function catalogueRow(operation: Operation): Place | undefined {
  const quoted = `'${operation.name}',`;
  for (const file of filesIn(CATALOGUE, '.ts')) {
    if (file.endsWith('/entry.ts')) continue;
    const lines = linesOf(file);
    if (!lines.some((line) => new RegExp(`family\\('${operation.family}'(, '${operation.namespace}')?\\)`).test(line)))
      continue;
    const at = lines.findIndex(
      (line, i) =>
        new RegExp(`(\\w\\(|^\\s*\\[)${quoted}`).test(line) ||
        (line.trim() === quoted && /[([]$/.test(lines[i - 1]?.trimEnd() ?? '')),
    );
    if (at >= 0) return { file, line: at + 1 };
  }
  return undefined;
}

/** The line of the row that says why there is no native implementation. */
export function reasonLine(row: Place): { place: Place; text: string } | undefined {
  const lines = linesOf(row.file);
  for (let i = row.line - 1; i < lines.length; i++) {
    const text = lines[i] as string;
    if (/^\s*(nativeReason:|native: null)/.test(text))
      return { place: { file: row.file, line: i + 1 }, text: text.trim() };
    if (i >= row.line && /^ {2}\S/.test(text)) return undefined;
  }
  return undefined;
}

export interface Binding extends Place {
  /** The C function without `mlx_`. */
  readonly name: string;
}

/** Every line that binds a function: `MLX_OP` and its relatives. */
export function bindings(): Binding[] {
  return filesIn(BINDINGS, '.cc').flatMap((file) =>
    linesOf(file).flatMap((text, i) => {
      const name = (/^MLX_BIND\(.*, (\w+), \w+\);/.exec(text) ?? /^MLX_(?!BIND)\w+\((\w+)/.exec(text))?.[1];
      return name === undefined ? [] : [{ file, line: i + 1, name }];
    }),
  );
}

/** Where the line of a new C function goes: in the file of its relatives, in the order of the alphabet. */
export function placeForBinding(name: string, relatives: ReadonlySet<string>): Place {
  const all = bindings();
  const counts = new Map<string, number>();
  for (const { file, name: bound } of all) {
    if (relatives.has(bound)) counts.set(file, (counts.get(file) ?? 0) + 1);
  }
  const [file = `${BINDINGS}/unary.cc`] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
  const own = all.filter((binding) => binding.file === file);
  const next = own.find((binding) => binding.name > name);
  return { file, line: next?.line ?? (own.at(-1)?.line ?? 0) + 1 };
}

/** The line of the lowering of an operation. */
export function loweringPlace(operation: Operation): Place | undefined {
  const qualified = qualifiedName(operation);
  const key = new RegExp(`^\\s+(?:'${qualified.replace('.', '\\.')}'|${qualified.replace('.', '\\.')})\\s*[:,(]`);
  for (const file of LOWERINGS.flatMap((folder) => filesIn(folder, '.ts'))) {
    const at = linesOf(file).findIndex((line) => key.test(line));
    if (at >= 0) return { file, line: at + 1 };
  }
  return undefined;
}
