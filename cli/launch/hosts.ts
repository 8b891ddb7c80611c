import { lookup } from 'node:dns/promises';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { messageOf } from '../../foundation/errors/message.ts';
import { UsageError } from '../command.ts';

/** A computer on which processes of the group are started. */
export interface Host {
  /** What ssh is given; undefined: this computer, without ssh. */
  readonly ssh: string | undefined;
  /** Its addresses, which the others reach. */
  readonly addresses: readonly string[];
}

export interface Hosts {
  readonly hosts: readonly Host[];
  readonly backend?: string;
  /** `NAME=value`. */
  readonly variables: readonly string[];
}

const HERE = ['127.0.0.1', 'localhost'];
const VARIABLE = /^[A-Za-z_]\w*=/;

/** Reads the JSON of `mlx.launch` and `mlx.distributed_config`, or a list of names, one on each line. */
export async function readHosts(path: string): Promise<Hosts> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new UsageError(`--hosts: ${messageOf(error)}`);
  }
  const found = /^\s*[[{]/.test(text) ? fromJson(path, text) : await fromList(text);
  if (found.hosts.length === 0) throw new UsageError(`--hosts: ${path} names no host`);
  return found;
}

/** What the option and the host file set for every process. */
export function checkVariables(variables: readonly string[], source: string): void {
  for (const variable of variables) {
    if (!VARIABLE.test(variable)) throw new UsageError(`${source}: expected NAME=value, received "${variable}"`);
  }
}

const isTexts = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((text) => typeof text === 'string');

function fromJson(path: string, text: string): Hosts {
  const refuse = (what: string) => new UsageError(`--hosts: ${path}: ${what}`);
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw refuse(messageOf(error));
  }
  const whole = (Array.isArray(content) ? { hosts: content } : content) as Record<string, unknown>;
  const { hosts, backend, envs = [] } = whole;
  if (!Array.isArray(hosts)) throw refuse('expected a list of hosts');
  if (!isTexts(envs)) throw refuse('expected texts in "envs"');
  if (backend !== undefined && typeof backend !== 'string') throw refuse('expected a text as "backend"');
  checkVariables(envs, `--hosts: ${path}`);
  return {
    hosts: hosts.map((host: unknown, i) => {
      const { ssh, ips = [] } = (typeof host === 'object' && host !== null ? host : {}) as Record<string, unknown>;
      if (typeof ssh !== 'string' || !isName(ssh)) throw refuse(`expected the name of host ${i} as "ssh"`);
      if (!isTexts(ips)) throw refuse(`expected a list of texts as "ips" of "${ssh}"`);
      return { ssh: HERE.includes(ssh) ? undefined : ssh, addresses: ips };
    }),
    ...(backend ? { backend } : {}),
    variables: envs,
  };
}

async function fromList(text: string): Promise<Hosts> {
  const names = text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
  for (const name of names) if (!isName(name)) throw new UsageError(`--hosts: "${name}" is no name of a host`);
  const hosts = names.map(async (name) => {
    const ssh = HERE.includes(name) ? undefined : name;
    return { ssh, addresses: [await addressOf(name.replace(/^.*@/, ''))] };
  });
  return { hosts: await Promise.all(hosts), variables: [] };
}

/** ssh takes what begins with a hyphen for an option. */
function isName(text: string): boolean {
  return /^[^\s-]\S*$/.test(text);
}

async function addressOf(name: string): Promise<string> {
  if (isIP(name) !== 0) return name;
  try {
    return (await lookup(name, { family: 4 })).address;
  } catch (error) {
    throw new UsageError(`--hosts: "${name}" has no address here (${messageOf(error)}); a JSON file can give one`);
  }
}
