/** What the main thread asks of the I/O thread. Budgets are in milliseconds from the arrival of the command. */
export type Command =
  | {
      readonly kind: 'start';
      readonly worker: number;
      /** Where its process id is shared. */
      readonly slot: number;
      readonly file: string;
      readonly args: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      /** A private folder that goes when the process goes. */
      readonly folder: string;
      readonly maxFrameBytes: number;
      /** What there is to say of a process that a signal ended; empty for nothing. */
      readonly note: string;
    }
  | {
      readonly kind: 'send';
      readonly worker: number;
      /** 0: no answer is expected. */
      readonly call: number;
      readonly budget: number;
      readonly chunks: readonly Uint8Array<ArrayBuffer>[];
      /** The callback that this answers. */
      readonly resumes?: number;
      /** The first chunk that belongs to the call itself. */
      readonly own: number;
    }
  /** A request that went to the worker past this thread, behind all that was sent: its deadline is to be held. */
  | { readonly kind: 'watch'; readonly worker: number; readonly call: number; readonly budget: number }
  | { readonly kind: 'unwatch'; readonly worker: number; readonly call: number }
  /** The call is no longer awaited. `kill`: if it is all that its worker has to do, the worker may go. */
  | { readonly kind: 'cancel'; readonly worker: number; readonly call: number; readonly kill: boolean }
  /** Lets one worker leave. */
  | { readonly kind: 'retire'; readonly worker: number; readonly grace: number }
  /** `broken`: what it wrote past this thread and is no frame. */
  | { readonly kind: 'kill'; readonly worker: number; readonly broken?: string }
  | { readonly kind: 'stop'; readonly grace: number };

/** What the I/O thread reports to the main thread. */
export type Report =
  | {
      readonly kind: 'frame';
      readonly worker: number;
      readonly type: number;
      readonly call: number;
      readonly header: Uint8Array<ArrayBuffer>;
      readonly payload: Uint8Array<ArrayBuffer>;
      /** Milliseconds behind older requests of the same worker, and from request to answer. */
      readonly queueWait: number;
      readonly duration: number;
    }
  | {
      readonly kind: 'callback';
      readonly worker: number;
      readonly callback: number;
      /** The request in which the worker calls back. */
      readonly call: number;
      readonly header: Uint8Array<ArrayBuffer>;
    }
  /** What the worker holds no more. */
  | { readonly kind: 'release'; readonly worker: number; readonly header: Uint8Array<ArrayBuffer> }
  /** The worker asks the main thread to look at what it wrote past this one. */
  | { readonly kind: 'bell'; readonly worker: number }
  /** A line of its stderr. */
  | { readonly kind: 'log'; readonly worker: number; readonly text: string }
  /** The budget of a call is spent, while its worker is busy with an older one. */
  | { readonly kind: 'late'; readonly worker: number; readonly call: number }
  /** The call was cancelled before it went out. */
  | { readonly kind: 'withdrawn'; readonly worker: number; readonly call: number }
  /** Memory of the worker's own that the system gives it. */
  | { readonly kind: 'memory'; readonly worker: number; readonly bytes: number }
  | { readonly kind: 'exited'; readonly worker: number; readonly exit: WorkerExit }
  | { readonly kind: 'stopped' };

export type ExitCause =
  /** The process ended by itself, or another process ended it. */
  | 'exit'
  /** It could not even be started. */
  | 'spawn'
  /** `call` was over its budget. */
  | 'timeout'
  /** It wrote what is no frame. */
  | 'protocol'
  /** Idle, and its watchdog did not answer. */
  | 'unresponsive'
  /** The only call that it had to do was aborted. */
  | 'aborted'
  /** We ended it. */
  | 'stopped';

export interface WorkerExit {
  readonly cause: ExitCause;
  readonly call: number;
  readonly pid: number;
  readonly code: number | null;
  readonly signal: string | null;
  /** What more there is to say, for people. */
  readonly message: string;
  /** The end of its stderr. */
  readonly stderr: string;
}

/** Places in the shared `Int32Array`: a counter that every report raises, the thread's state, then process ids. */
export const SIGNAL = 0;
export const STATE = 1;
export const FIRST_PID = 2;

export const LISTENING = 1;
export const ENDED = 2;
