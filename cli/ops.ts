import type { Gradient } from '../registry/gradient.ts';
import { HOSTED, type HostedFunction } from '../registry/hosted.ts';
import type { Operation } from '../registry/operation.ts';
import { FAMILIES, qualifiedName } from '../registry/operation.ts';
import { publicName } from '../registry/registry.ts';
import { type Command, oneOf, parseOptions } from './command.ts';
import { surface } from './surface.ts';
import { paint, print, printJson, table } from './terminal.ts';

/** How one operation can be called. */
interface OperationFacts {
  readonly name: string;
  readonly qualified: string;
  readonly family: string;
  /** As the loaded addon itself reports, never only declared. */
  readonly native: boolean;
  readonly python: boolean;
  /** Why it is not native; null when it is. */
  readonly reason: string | null;
  readonly doc: string;
  /** null for what is no operation on arrays, and for a user's own, of which it is not known. */
  readonly gradient: Gradient['kind'] | null;
  /** Why it is not smooth. */
  readonly gradientReason: string | null;
}

interface Count {
  total: number;
  native: number;
  python: number;
  both: number;
}

const options = {
  json: { type: 'boolean', default: false },
  family: { type: 'string', multiple: true, default: [] as string[] },
  native: { type: 'boolean', default: false },
  unported: { type: 'boolean', default: false },
  search: { type: 'string' },
} as const;

function count(operations: readonly OperationFacts[]): Count {
  const result: Count = { total: 0, native: 0, python: 0, both: 0 };
  for (const { native, python } of operations) {
    result.total++;
    if (native) result.native++;
    if (python) result.python++;
    if (native && python) result.both++;
  }
  return result;
}

function summarize(operations: readonly OperationFacts[]) {
  const families: Record<string, Count> = {};
  for (const family of FAMILIES) {
    const own = operations.filter((operation) => operation.family === family);
    if (own.length > 0) families[family] = count(own);
  }
  return { ...count(operations), families };
}

interface Lists {
  readonly operations: readonly OperationFacts[];
  /** Architectures of language models. */
  readonly models: readonly OperationFacts[];
}

async function allFacts(): Promise<Lists> {
  const { internals, registry } = await import('../mlx/index.ts');
  await import('../lm/models/registry.ts');
  const { nativeBackend, router } = internals;
  const status = nativeBackend.status(true);
  const facts = (operation: Operation): OperationFacts => {
    const isPort = operation.family === 'model' && router.registry.portOf(operation) !== undefined;
    const native = isPort ? status.available : nativeBackend.supports(operation);
    return {
      name: publicName(operation),
      qualified: qualifiedName(operation),
      family: operation.family,
      native,
      python: operation.python !== null,
      reason: native ? null : isPort ? (status.problem ?? null) : reasonOf(operation, status.available, status.problem),
      doc: operation.doc,
      gradient: operation.gradient?.kind ?? null,
      gradientReason: operation.gradient?.reason ?? null,
    };
  };
  const functions = status.available ? nativeBackend.addon : {};
  const hosted = HOSTED.map((one) => hostedFacts(one, functions, status.problem));
  return { operations: [...registry.all().map(facts), ...hosted], models: registry.models().map(facts) };
}

/** A function of MLX that is not routed: native if the addon has what it stands on. */
function hostedFacts(hosted: HostedFunction, functions: object, problem: string | undefined): OperationFacts {
  const missing = hosted.addon.filter((name) => !(name in functions));
  return {
    name: publicName({ name: hosted.name, namespace: '', family: hosted.family }),
    qualified: hosted.name,
    family: hosted.family,
    native: missing.length === 0,
    python: hosted.python,
    reason: missing.length === 0 ? null : (problem?.split('\n')[0] ?? `the addon has no ${missing.join(', ')}`),
    doc: hosted.doc,
    gradient: null,
    gradientReason: null,
  };
}

function reasonOf(operation: Operation, loaded: boolean, problem: string | undefined): string {
  const { native, nativeReason } = operation;
  if (native === null || nativeReason !== undefined) return nativeReason ?? 'not ported yet';
  return loaded ? 'declared, but not in the built addon' : (problem?.split('\n')[0] ?? 'the addon is not loaded');
}

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, options);
  const families = values.family.map((family) => oneOf('--family', family, FAMILIES));
  const search = values.search?.toLowerCase();
  const all = await allFacts();
  // Architectures are no operations: they are listed where they are asked for.
  const operations = [...all.operations, ...(families.includes('model') ? all.models : [])].filter(
    (operation) =>
      (families.length === 0 || families.some((family) => family === operation.family)) &&
      (!values.native || operation.native) &&
      (!values.unported || !operation.native) &&
      (search === undefined ||
        `${operation.name} ${operation.qualified} ${operation.doc}`.toLowerCase().includes(search)),
  );
  const summary = summarize(operations);
  if (values.json) printJson({ operations, summary, surface: surface(), models: all.models });
  else show(operations, summary, all.models);
  return 0;
}

function show(
  operations: readonly OperationFacts[],
  summary: ReturnType<typeof summarize>,
  models: readonly OperationFacts[],
): void {
  const mark = (has: boolean): string => (has ? paint('yes', 'green') : paint('-', 'dim'));
  const columns = ['operation', 'family', 'native', 'python', 'about'].map((title) => ({ title }));
  const rows = operations.map(({ name, family, native, python, reason, doc }) => [
    name,
    family,
    mark(native),
    mark(python),
    reason ?? doc,
  ]);
  if (rows.length > 0) print(`${table(columns, rows)}\n`);
  const { total, native, python, both } = summary;
  print(`${total} operations: ${native} native, ${python} Python, ${both} both`);
  const ported = models.filter((model) => model.native).length;
  print(`${models.length} architectures of language models, ${ported} of them native: --family model lists them`);
}

export const ops: Command = {
  summary: 'list the operations and what runs them',
  usage: `Usage: mlx-router ops [options]

Lists every operation with the backends that have it; "native" is what the built addon reports.
Transforms, memory, streams and files are not routed: they run over functions of the addon.

  --family NAME   only this family; may be repeated (${FAMILIES.slice(0, 9).join(', ')},
                  ${FAMILIES.slice(9).join(', ')})
  --native        only what the addon has
  --unported      only what it has not, with the reason
  --search TEXT   only where the name or the description has the text
  --json          { operations, summary, surface: { total, accounted, missing } of mlx.core's names,
                  models: architectures of language models }`,
  run,
};
