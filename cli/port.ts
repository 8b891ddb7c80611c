import { didYouMean } from '../registry/naming.ts';
import { type Command, parseOptions, UsageError } from './command.ts';
import { readHeaders } from './port/headers.ts';
import { findOperation, type PortPlan, planFor, planForNew } from './port/plan.ts';
import { hasSources } from './port/sources.ts';
import { log, paint, print, printJson, wrap } from './terminal.ts';

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseOptions(args, { json: { type: 'boolean', default: false } }, 1);
  const [name] = positionals;
  if (name === undefined) throw new UsageError('port: expected the name of an operation, such as linalg.svd');
  if (!hasSources()) {
    log('mlx-router: operations are ported in a checkout of the project; an installed package has no sources');
    return 1;
  }
  const { internals, registry } = await import('../mlx/index.ts');
  const operations = registry.all();
  const headers = readHeaders();
  const operation = findOperation(name, operations);
  const plan =
    operation === undefined
      ? planForNew(name, headers)
      : planFor(operation, internals.nativeBackend.supports(operation), registry.all, headers);
  if (plan === undefined) {
    const known = operations.flatMap((one) => [
      one.name,
      one.namespace === '' ? one.name : `${one.namespace}.${one.name}`,
    ]);
    throw new UsageError(`port: neither the catalogue nor mlx-c knows "${name}"${didYouMean(name, known)}`);
  }
  if (values.json) printJson(plan);
  else show(plan);
  return 0;
}

const SIGNS = { add: '+', remove: '-' } as const;
const COLOURS = { add: 'green', remove: 'red' } as const;
const STATES = { ported: 'ported', unported: 'not ported', new: 'not in the catalogue' } as const;

function show({ operation, status, how, places, functions, edits, commands }: PortPlan): void {
  print(`${paint(operation, 'bold')}: ${STATES[status]}`);
  print(`${wrap(how, '  ')}\n`);
  for (const { file, line, what } of places) print(`  ${file}:${line}  ${paint(what, 'dim')}`);
  if (places.length > 0) print('');
  if (functions.length > 0) print(paint('mlx-c', 'bold'));
  for (const { header, signature, bound } of functions) {
    print(wrap(signature, '  '));
    print(paint(`    ${header}, ${bound ? 'bound' : 'not bound yet'}`, 'dim'));
  }
  if (functions.length > 0) print('');
  if (edits.length > 0) print(paint('Edit', 'bold'));
  for (const { file, line, change, text } of edits) {
    print(`  ${line > 0 ? `${file}:${line}` : file}`);
    print(paint(`    ${SIGNS[change]} ${text}`, COLOURS[change]));
  }
  if (edits.length > 0) print('');
  if (commands.length > 0) print(`${paint('Then', 'bold')}\n${commands.map((command) => `  ${command}`).join('\n')}`);
}

export const port: Command = {
  summary: 'show what porting one operation takes',
  usage: `Usage: mlx-router port NAME [--json]

Shows the row of the catalogue, the matching functions of mlx-c with their C signatures, the two lines to write,
and the commands to run; of an operation that is ported, how.

  --json   { operation, status, how, places, functions, edits, commands }`,
  run,
};
