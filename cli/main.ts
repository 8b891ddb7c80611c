#!/usr/bin/env node
// `mlx-router <command> [options]`. What a command computes goes to stdout, all else to stderr.
import { requirePackage } from '../foundation/system/optional-package.ts';
import { didYouMean } from '../registry/naming.ts';
import { bench } from './bench.ts';
import { type Command, UsageError } from './command.ts';
import { doctor } from './doctor.ts';
import { launch } from './launch.ts';
import { cachePrompt } from './lm/cache-prompt.ts';
import { chat } from './lm/chat.ts';
import { convert } from './lm/convert.ts';
import { embed } from './lm/embed.ts';
import { fuse } from './lm/fuse.ts';
import { generate } from './lm/generate.ts';
import { lora } from './lm/lora.ts';
import { perplexity } from './lm/perplexity.ts';
import { serveCommand } from './lm/serve.ts';
import { ops } from './ops.ts';
import { packageVersion } from './package.ts';
import { port } from './port.ts';
import { python } from './python.ts';
import { setup } from './setup.ts';
import { log, print } from './terminal.ts';

const parity: Command = {
  summary: 'prove that both backends give the same answers',
  usage: '', // It prints its own.
  run: async (args) => {
    requirePackage('fast-check', '4', 'mlx-router parity');
    return (await import('./parity.ts')).parity(args);
  },
};

const COMMANDS: Readonly<Record<string, Command>> = {
  setup,
  python,
  doctor,
  ops,
  parity,
  bench,
  port,
  launch,
  generate,
  chat,
  'cache-prompt': cachePrompt,
  embed,
  serve: serveCommand,
  lora,
  fuse,
  convert,
  perplexity,
};

function help(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: mlx-router <command> [options]

${lines.join('\n')}

Options of every command:
  --json      the result as JSON, alone on standard output (not of setup)
  --help      what the command does and takes
  --version   the version of mlx-router

Exit codes: 0 all is well, 1 something is wrong (setup, doctor, parity), 2 the command line is wrong.`;
}

async function run(args: string[]): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    print(help());
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    print(packageVersion());
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const kind = name.startsWith('-') ? 'option' : 'command';
    const known = name.startsWith('-') ? ['--help', '--version'] : Object.keys(COMMANDS);
    throw new UsageError(`no ${kind} is named "${name}"${didYouMean(name, known)}; see mlx-router --help`);
  }
  const own = command.own?.(rest) ?? rest;
  if (own.includes('--version')) {
    print(packageVersion());
    return 0;
  }
  // It may be what makes the library loadable.
  if (command === setup) return setup.run(rest);
  if (command.usage !== '' && (own.includes('--help') || own.includes('-h'))) {
    print(command.usage);
    return 0;
  }
  if (command === python || command === launch) return command.run(rest);
  try {
    return await command.run(rest);
  } finally {
    // A library that could not be loaded has nothing to end, and its error is on its way already.
    const library = await import('../mlx/index.ts').catch(() => undefined);
    await library?.shutdown();
  }
}

for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // `| head` has read enough.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
}

run(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    const debug = process.env['MLX_ROUTER_DEBUG'];
    const message = error instanceof Error ? ((debug ? error.stack : undefined) ?? error.message) : String(error);
    log(`mlx-router: ${message}`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  },
);
