import type { TensorInfo } from '../../backend/backend.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import type { Session } from '../../foundation/values/session.ts';
import { Handle } from '../../foundation/values/values.ts';
import type { Outcome } from '../pipelines/forms.ts';
import type { Origin } from '../recovery/origin.ts';
import type { PythonWorker } from '../requests/call.ts';

/** A tensor's values in a worker that is not its holder. Goes with the session that needed it, or with the tensor. */
export interface Copy {
  readonly of: RemoteTensor;
  readonly holder: PythonWorker;
  readonly id: number;
  session: Session | undefined;
}

export interface TensorParts {
  readonly slot: number;
  readonly id: number;
  readonly holder: PythonWorker;
  readonly counted: number;
  readonly outcome: Outcome | null;
  readonly node: number;
}

const NO_COPIES: readonly Copy[] = [];
/** It does not retain the caller's handle, whose collection frees it. */
const NO_OWNER = Object.freeze({});

/**
 * What is known here of a tensor that a worker holds. It stands among the arguments of a call in the place of its handle
 * once that was looked up, hence its class.
 */
export abstract class RemoteTensor extends Handle {
  abstract readonly shape: readonly number[];
  abstract readonly dtype: Dtype;
  abstract readonly bytes: number;
  /** The same, or an estimate where only the worker knows. */
  readonly counted: number;
  /** What is known of its shape and dtype in a form that compares quickly; null: not asked for so far. */
  outcome: Outcome | null;
  /** Changes when the tensor moves to another worker. */
  holder: PythonWorker;
  /** Its number there. */
  id: number;
  freed = false;
  /** The same values in other workers, for the sessions that work there. */
  copies = NO_COPIES;
  /** How it was made; null: not known. */
  origin: Origin | null = null;
  /** How it was made in a pipeline; 0: it is not known to the journal. */
  node: number;

  constructor({ slot, id, holder, counted, outcome, node }: TensorParts) {
    super(slot, NO_OWNER);
    this.id = id;
    this.holder = holder;
    this.counted = counted;
    this.outcome = outcome;
    this.node = node;
  }
}

/** A tensor whose shape and dtype its worker has reported. */
export class KnownTensor extends RemoteTensor {
  readonly shape: readonly number[];
  readonly dtype: Dtype;
  readonly bytes: number;

  constructor(slot: number, id: number, holder: PythonWorker, { dtype, shape }: TensorInfo) {
    let bytes = dtype.size;
    for (const length of shape) bytes *= length;
    super({ slot, id, holder, counted: bytes, outcome: null, node: 0 });
    this.shape = shape;
    this.dtype = dtype;
    this.bytes = bytes;
  }
}
