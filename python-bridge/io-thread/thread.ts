import { dirname } from 'node:path';
import { type MessagePort, workerData } from 'node:worker_threads';
import { sweepOnce } from '../../foundation/system/temporary-folder.ts';
import { type Command, ENDED, FIRST_PID, LISTENING, type Report, SIGNAL, STATE } from './messages.ts';
import { residentBytes } from './resident.ts';
import { WorkerProcess } from './worker-process.ts';

const BEAT_MS = 1000;
const WORTH_TELLING_BYTES = 2 ** 20;
/** Larger tensor bytes change owner instead of being copied. */
const TRANSFER_BYTES = 16 * 1024;

const { port, control } = workerData as { port: MessagePort; control: Int32Array };
const workers = new Map<number, WorkerProcess>();
const measured = new Map<number, number>();

function report(message: Report, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
  wake();
}

/** The main thread may be blocked on the counter, where no message wakes it. */
function wake(): void {
  Atomics.add(control, SIGNAL, 1);
  Atomics.notify(control, SIGNAL);
}

function start(command: Extract<Command, { kind: 'start' }>): void {
  const { worker } = command;
  try {
    run(command);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const exit = { cause: 'spawn', call: 0, pid: 0, code: null, signal: null, message, stderr: '' } as const;
    report({ kind: 'exited', worker, exit });
  }
}

function run(command: Extract<Command, { kind: 'start' }>): void {
  const { worker, slot } = command;
  const started = new WorkerProcess(command, {
    frame({ type, call, header, payload }, queueWait, duration) {
      const transfer = payload.length >= TRANSFER_BYTES ? [payload.buffer] : [];
      report({ kind: 'frame', worker, type, call, header, payload, queueWait, duration }, transfer);
    },
    callback({ call: callback, header }, call) {
      report({ kind: 'callback', worker, callback, call, header });
    },
    release({ header }) {
      report({ kind: 'release', worker, header });
    },
    bell: () => report({ kind: 'bell', worker }),
    log(text) {
      report({ kind: 'log', worker, text });
    },
    late: (call) => report({ kind: 'late', worker, call }),
    withdrawn: (call) => report({ kind: 'withdrawn', worker, call }),
    exited(exit) {
      workers.delete(worker);
      measured.delete(worker);
      Atomics.compareExchange(control, FIRST_PID + slot, exit.pid, 0);
      report({ kind: 'exited', worker, exit });
    },
  });
  workers.set(worker, started);
  // While Python loads there is time for it.
  setImmediate(() => sweepOnce(dirname(dirname(command.folder))));
  Atomics.store(control, FIRST_PID + slot, started.pid);
}

async function stop(grace: number): Promise<void> {
  await Promise.all([...workers.values()].map((worker) => worker.stop(grace)));
  report({ kind: 'stopped' });
  port.close();
  process.exit();
}

port.on('message', (command: Command) => {
  switch (command.kind) {
    case 'start':
      return start(command);
    case 'send':
      return workers.get(command.worker)?.send(command);
    case 'watch':
      return workers.get(command.worker)?.watch(command.call, command.budget);
    case 'unwatch':
      return workers.get(command.worker)?.unwatch(command.call);
    case 'cancel':
      return workers.get(command.worker)?.cancel(command.call, command.kill);
    case 'retire':
      return void workers.get(command.worker)?.stop(command.grace);
    case 'kill':
      return workers.get(command.worker)?.kill(command.broken);
    case 'stop':
      void stop(command.grace);
  }
});

const beats = setInterval(() => {
  for (const [id, worker] of workers) {
    worker.beat();
    void measure(id, worker);
  }
}, BEAT_MS);
beats.unref();

async function measure(worker: number, { pid }: WorkerProcess): Promise<void> {
  if (pid === 0) return;
  const bytes = await residentBytes(pid);
  // A message that says nothing new would only wake the other thread.
  if (Math.abs(bytes - (measured.get(worker) ?? 0)) < WORTH_TELLING_BYTES || !workers.has(worker)) return;
  measured.set(worker, bytes);
  report({ kind: 'memory', worker, bytes });
}

process.on('exit', () => {
  Atomics.store(control, STATE, ENDED);
  wake();
});

Atomics.store(control, STATE, LISTENING);
wake();
