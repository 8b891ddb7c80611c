import { UsageError } from '../command.ts';
import { deviceOfMachine } from '../python/install.ts';
import type { Host } from './hosts.ts';
import type { MemberPlan } from './member.ts';
import { freePorts } from './ports.ts';

export const ENGINES = ['ring', 'nccl', 'mpi', 'any'] as const;
export type Engine = (typeof ENGINES)[number];

export interface Request {
  /** One for each process, in the order of their ranks. */
  readonly hosts: readonly Host[];
  readonly command: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** The first port on computers of which this one does not know what is free; undefined: free ones of this computer. */
  readonly firstPort: number | undefined;
}

const LAST_PORT = 65_535;

/** NCCL where this computer has a GPU that MLX can use it with, else the ring. */
export function engineOfMachine(): 'ring' | 'nccl' {
  return deviceOfMachine() === 'cuda' ? 'nccl' : 'ring';
}

/** The processes with what the engine wants to know, as `mlx.launch` has it. */
export async function planMembers(engine: 'ring' | 'nccl', request: Request): Promise<MemberPlan[]> {
  const { hosts, command, firstPort, variables } = request;
  const size = hosts.length;
  const count = engine === 'ring' ? hosts.reduce((sum, { addresses }) => sum + addresses.length, 0) : 1;
  const ports =
    firstPort === undefined ? await freePorts(count) : Array.from({ length: count }, (_, i) => firstPort + i);
  if ((ports.at(-1) ?? 0) > LAST_PORT)
    throw new UsageError(`--port: ${count} ports from ${firstPort} are beyond ${LAST_PORT}`);
  for (const { ssh, addresses } of engine === 'ring' ? hosts : hosts.slice(0, 1)) {
    if (addresses.length === 0) throw new UsageError(`--hosts: expected "ips" of "${ssh ?? '127.0.0.1'}"`);
  }
  let next = 0;
  const ring = hosts.map(({ addresses }) => addresses.map((address) => `${address}:${ports[next++]}`));
  // MLX makes no ring of one process: it is a group of its own where nothing is said.
  const hostFile = engine === 'ring' && size > 1 ? JSON.stringify(ring) : undefined;
  const of = (rank: number): Record<string, string> => {
    if (engine === 'ring') return hostFile === undefined ? {} : { MLX_RANK: String(rank) };
    return {
      MLX_RANK: String(rank),
      MLX_WORLD_SIZE: String(size),
      NCCL_HOST_IP: hosts[0]?.addresses[0] as string,
      NCCL_PORT: String(ports[0]),
      CUDA_VISIBLE_DEVICES: deviceOf(hosts, rank),
    };
  };
  return hosts.map(({ ssh }, rank) => ({
    rank,
    size,
    ssh,
    command,
    variables: { ...of(rank), ...variables },
    hostFile,
  }));
}

/** The GPU of a process: the next one of its host that the launcher may use. */
function deviceOf(hosts: readonly Host[], rank: number): string {
  const { ssh } = hosts[rank] as Host;
  const place = hosts.slice(0, rank).filter((host) => host.ssh === ssh).length;
  const visible = ssh === undefined ? (process.env['CUDA_VISIBLE_DEVICES'] ?? '') : '';
  if (visible === '') return String(place);
  const device = visible.split(',')[place];
  if (device === undefined) throw new UsageError(`CUDA_VISIBLE_DEVICES=${visible} has no GPU for rank ${rank}`);
  return device;
}
