/** What the main thread asks of the I/O thread. Budgets are in milliseconds from the arrival of the command. */
export type Command =
  | {
      readonly kind: 'start';
      readonly worker: number;
      /** Its place in the pool, where its process id is shared. */
      readonly place: number;
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
    }
  | { readonly kind: 'kill'; readonly worker: number }
  | { readonly kind: 'stop'; readonly grace: number };

/** What the I/O thread tells the main thread. */
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
  /** A line of its stderr. */
  | { readonly kind: 'log'; readonly worker: number; readonly text: string }
  | { readonly kind: 'died'; readonly worker: number; readonly death: Death }
  | { readonly kind: 'stopped' };

export type DeathCause =
  /** The process ended by itself, or somebody else ended it. */
  | 'exit'
  /** It could not even be started. */
  | 'spawn'
  /** `call` was over its budget. */
  | 'timeout'
  /** It wrote what is no frame. */
  | 'protocol'
  /** Idle, and its watchdog did not answer. */
  | 'unresponsive'
  /** We ended it. */
  | 'stopped';

export interface Death {
  readonly cause: DeathCause;
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
