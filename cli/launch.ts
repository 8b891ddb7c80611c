import { execa } from 'execa';
import { type Command, oneOf, parseOptions, UsageError } from './command.ts';
import { ENGINES, engineOfMachine, planMembers } from './launch/engines.ts';
import { runGroup } from './launch/group.ts';
import { checkVariables, type Host, type Hosts, readHosts } from './launch/hosts.ts';
import { commandOf } from './launch/program.ts';

const MOST = 1024;
const GRACE_MS = 5000;
const MOST_GRACE_S = 86_400;
const MLX_FIRST_PORT = 32_323;
const HERE: Host = { ssh: undefined, addresses: ['127.0.0.1'] };

const options = {
  count: { type: 'string', short: 'n' },
  hosts: { type: 'string' },
  backend: { type: 'string' },
  port: { type: 'string' },
  grace: { type: 'string' },
  env: { type: 'string', multiple: true, default: [] as string[] },
} as const;

const USAGE = `Usage: mlx-router launch [-n N] [--hosts FILE] [options] [--] program [arguments]

Starts the processes of a group (mx.distributed), and prints what they print with their ranks before it. Files of
JavaScript and TypeScript are run by this Node, any other program as it is.

  -n, --count N      how many processes on this machine, or on each host (1)
  --hosts FILE       where to start them, over ssh: the JSON of mlx.launch, or a name on each line. Program, Node.js and
                     this package are at the same paths there
  --backend ENGINE   ring, nccl, mpi, or any: nccl where this machine has a GPU of NVIDIA's, else ring (any)
  --port N           the first port that the processes listen on; with --hosts ${MLX_FIRST_PORT}, else free ones
  --env NAME=VALUE   a variable of all processes; may be repeated
  --grace SECONDS    how long the others may still run when one has failed (5)

When one fails, the others learn of it (DistributedError), and get SIGTERM after the grace and SIGKILL three seconds
later. Ctrl-C is passed on; a second one kills all.

Exit code: that of the first process that failed, 128 and its number for a signal; 0 where none did.`;

/** The launcher's own arguments: those before the program. */
function split(args: readonly string[]): [own: string[], program: string[]] {
  let place = 0;
  while (place < args.length && args[place]?.startsWith('-') && args[place] !== '--') {
    const argument = args[place] as string;
    const takesNext = argument === '-n' || (argument.startsWith('--') && !argument.includes('='));
    place += takesNext && argument !== '--help' && argument !== '--version' ? 2 : 1;
  }
  return [args.slice(0, place), args.slice(args[place] === '--' ? place + 1 : place)];
}

function wholeNumber(option: string, text: string | undefined, most: number): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new UsageError(`${option}: expected a whole number from 1 to ${most}, received "${text}"`);
}

function millisecondsOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() !== '' && seconds >= 0 && seconds <= MOST_GRACE_S) return seconds * 1000;
  throw new UsageError(`${option}: expected seconds from 0 to ${MOST_GRACE_S}, received "${text}"`);
}

function variablesOf(texts: readonly string[]): Record<string, string> {
  return Object.fromEntries(texts.map((text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]));
}

/** What mpirun starts it also watches, and ends. */
async function runMpi(
  hosts: readonly Host[],
  command: readonly string[],
  variables: readonly string[],
): Promise<number> {
  const places = hosts.map(({ ssh }) => ssh ?? 'localhost');
  const args = ['-n', String(hosts.length), '--host', places.map((name) => `${name}:1`).join(',')];
  const named = variables.flatMap((variable) => ['-x', variable]);
  const stay = (): void => undefined;
  process.on('SIGINT', stay);
  try {
    const result = await execa('mpirun', [...args, ...named, ...command], { stdio: 'inherit', reject: false });
    if (result.code === 'ENOENT') throw new UsageError('--backend mpi needs mpirun, which is not on the PATH');
    return result.exitCode ?? 1;
  } finally {
    process.off('SIGINT', stay);
  }
}

async function run(args: string[]): Promise<number> {
  const [own, program] = split(args);
  const { values } = parseOptions(own, options);
  const count = wholeNumber('-n', values.count, MOST) ?? 1;
  const port = wholeNumber('--port', values.port, 65_535);
  const grace = millisecondsOf('--grace', values.grace) ?? GRACE_MS;
  checkVariables(values.env, '--env');
  const command = commandOf(program);
  const file: Hosts = values.hosts === undefined ? { hosts: [HERE], variables: [] } : await readHosts(values.hosts);
  const wanted = oneOf('--backend', values.backend ?? file.backend ?? 'any', ENGINES);
  const hosts = file.hosts.flatMap((host) => Array.from({ length: count }, () => host));
  if (hosts.length > MOST) throw new UsageError(`expected at most ${MOST} processes, received ${hosts.length}`);
  const variables = [...file.variables, ...values.env];
  if (wanted === 'mpi') return runMpi(hosts, command, variables);
  const isHere = hosts.every(({ ssh }) => ssh === undefined);
  const plans = await planMembers(wanted === 'any' ? engineOfMachine() : wanted, {
    hosts,
    command,
    variables: variablesOf(variables),
    firstPort: port ?? (isHere ? undefined : MLX_FIRST_PORT),
  });
  return runGroup(plans, grace);
}

export const launch: Command = {
  summary: 'start the processes of a group, on this machine or several',
  usage: USAGE,
  own: (args) => split(args)[0],
  run,
};
