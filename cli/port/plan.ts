import { type NativeBinding, type Operation, qualifiedName } from '../../registry/operation.ts';
import type { Registry } from '../../registry/registry.ts';
import { publicName } from '../../registry/registry.ts';
import { type CFunction, matching, rowParameters } from './headers.ts';
import { bindings, catalogueRow, loweringPlace, type Place, placeForBinding, reasonLine } from './sources.ts';

interface Edit extends Place {
  readonly change: 'add' | 'remove';
  readonly text: string;
}

/** What porting one operation takes, or how it was ported. */
export interface PortPlan {
  readonly operation: string;
  readonly status: 'ported' | 'unported' | 'new';
  readonly how: string;
  readonly places: readonly (Place & { readonly what: string })[];
  readonly functions: readonly (Pick<CFunction, 'name' | 'header' | 'signature'> & { readonly bound: boolean })[];
  readonly edits: readonly Edit[];
  readonly commands: readonly string[];
}

/** `linalg.svd`, `mx.linalg.svd`, `svd`, `expandDims` and `expand_dims` all find their operation. */
export function findOperation(name: string, operations: readonly Operation[]): Operation | undefined {
  const plain = name.replace(/^mx\./, '');
  return (
    operations.find((operation) => qualifiedName(operation) === plain || publicName(operation) === `mx.${plain}`) ??
    operations.find((operation) => operation.name === plain)
  );
}

/** The C functions that an operation's row names. */
function functionNames(native: NativeBinding | null): string[] {
  if (native === null) return [];
  if (typeof native === 'string') return [native];
  if ('lowering' in native) return [...native.lowering];
  return [native.none, native.one, native.many].flatMap((name) => name ?? []);
}

function commandsFor(qualified: string): string[] {
  return [
    'npm run setup',
    'npm run generate',
    `npm run --silent cli -- parity --op ${qualified}`,
    `npm run --silent cli -- port ${qualified}`,
  ];
}

/** `names`: those that are for certain, whether a line of the sources shows it or not. */
function described(functions: readonly CFunction[], names: readonly string[] = []): PortPlan['functions'] {
  const bound = new Set([...names, ...bindings().map(({ name }) => name)]);
  return functions.map(({ name, header, signature }) => ({ name, header, signature, bound: bound.has(name) }));
}

/** `native`: whether the built addon runs it. */
export function planFor(
  operation: Operation,
  native: boolean,
  all: Registry['all'],
  headers: readonly CFunction[],
): PortPlan {
  const qualified = qualifiedName(operation);
  const row = catalogueRow(operation);
  const places = row === undefined ? [] : [{ ...row, what: 'its row of the catalogue' }];
  const base = { operation: publicName(operation), commands: commandsFor(qualified) };
  if (native) return { ...base, status: 'ported', ...ported(operation, headers, places), edits: [], commands: [] };

  const name = typeof operation.native === 'string' ? operation.native : qualified.replace('.', '_');
  const candidates = matching(headers, name);
  const regular = candidates.find((candidate) => candidate.name === name);
  const bound = bindings().find((binding) => binding.name === name);
  const reason = row === undefined ? undefined : reasonLine(row);
  const edits: Edit[] = [];
  if (reason !== undefined && regular !== undefined)
    edits.push({ ...reason.place, change: 'remove', text: reason.text });
  if (regular !== undefined && bound === undefined) {
    const relatives = new Set(
      all()
        .filter(({ family, namespace }) => family === operation.family && namespace === operation.namespace)
        .flatMap((relative) => functionNames(relative.native)),
    );
    edits.push({ ...placeForBinding(name, relatives), change: 'add', text: `MLX_OP(${name});` });
  }
  return {
    ...base,
    status: 'unported',
    how: howUnported(regular, name, bound !== undefined, headers.length > 0),
    places,
    functions: described(candidates),
    edits,
  };
}

function howUnported(regular: CFunction | undefined, name: string, bound: boolean, built: boolean): string {
  if (bound) return `The line MLX_OP(${name}) is there, but not in the built addon: run the set-up.`;
  if (regular !== undefined)
    return `mlx_${name} is regular: two lines port it (MLX_VIEW where the result may share its argument's memory).`;
  if (!built) return 'The headers of mlx-c are not there, so its functions cannot be listed: run the set-up.';
  return `mlx-c has no function mlx_${name}: write a lowering of other functions in native-backend/lowerings, and name them in the row as "native: { lowering: [ … ] }".`;
}

function ported(operation: Operation, headers: readonly CFunction[], row: PortPlan['places']) {
  const names = functionNames(operation.native);
  const lowering = loweringPlace(operation);
  const lines = bindings().filter(({ name }) => names.includes(name));
  return {
    how: howPorted(operation.native),
    places: [
      ...row,
      ...(lowering === undefined ? [] : [{ ...lowering, what: 'its lowering' }]),
      ...lines.map(({ file, line, name }) => ({ file, line, what: `binds mlx_${name}` })),
    ],
    functions: described(
      headers.filter(({ name }) => names.includes(name)),
      names,
    ),
  };
}

function howPorted(native: NativeBinding | null): string {
  if (native === null) return 'By JavaScript.';
  if (typeof native === 'string') return `Straight by mlx_${native}.`;
  if ('lowering' in native) return `By a lowering over ${native.lowering.map((name) => `mlx_${name}`).join(', ')}.`;
  const forms = { 'no axis': native.none, 'one axis': native.one, 'several axes': native.many };
  const chosen = Object.entries(forms).flatMap(([when, name]) =>
    name === undefined ? [] : [`mlx_${name} for ${when}`],
  );
  return `By the parameter "${native.axis}": ${chosen.join(', ')}.`;
}

/** For a name that no row has, but a function of mlx-c: what a new row would be. undefined where there is neither. */
export function planForNew(name: string, headers: readonly CFunction[]): PortPlan | undefined {
  const qualified = name.replace(/^mx\./, '');
  const cName = qualified.replace('.', '_');
  const candidates = matching(headers, cName);
  const regular = candidates.find((candidate) => candidate.name === cName);
  if (regular === undefined) return undefined;
  const own = qualified.split('.').at(-1) as string;
  const row = `op('${own}', [${rowParameters(regular).join(', ')}], { doc: '…', sample: sample('…') }),`;
  const relatives = new Set(
    bindings().flatMap((binding) => (binding.name.startsWith(`${cName.split('_')[0]}_`) ? [binding.name] : [])),
  );
  const edits: Edit[] = [{ file: 'registry/catalogue/<family>.ts', line: 0, change: 'add', text: row }];
  if (!bindings().some((binding) => binding.name === cName)) {
    edits.push({ ...placeForBinding(cName, relatives), change: 'add', text: `MLX_OP(${cName});` });
  }
  return {
    operation: `mx.${qualified}`,
    status: 'new',
    how: 'No row of the catalogue has it yet. The defaults are those of the Python signature.',
    places: [],
    functions: described(candidates),
    edits,
    commands: commandsFor(qualified),
  };
}
