import type { TensorInfo } from '../../registry/backend.ts';
import type { Dtype } from '../../registry/dtypes.ts';
import type { Session } from '../../registry/session.ts';
import type { Incarnation } from '../call.ts';
import type { Origin } from '../lineage/origin.ts';
import type { Copy, RemoteTensor } from '../tensor-table.ts';
import type { Outcome } from './forms.ts';

const NO_COPIES: readonly Copy[] = [];

export interface Describer {
  /** Asks the worker. */
  describe(tensor: DeferredTensor): TensorInfo;
}

/** A result that was not waited for. Whoever asks for its shape or dtype may have to wait for it then. */
export class DeferredTensor implements RemoteTensor {
  readonly slot: number;
  id: number;
  home: Incarnation;
  freed = false;
  session: Session | undefined = undefined;
  copies: readonly Copy[] = NO_COPIES;
  /** Made of the node where it is needed. */
  origin: Origin | null = null;
  node: number;
  readonly counted: number;
  /** Shared with the results that are like it; null: nothing is known of it. */
  outcome: Outcome | null;
  readonly describer: Describer;
  #info: TensorInfo | null = null;

  constructor(
    slot: number,
    home: Incarnation,
    outcome: Outcome | null,
    counted: number,
    describer: Describer,
    node: number,
  ) {
    this.slot = slot;
    this.id = slot;
    this.home = home;
    this.counted = counted;
    this.outcome = outcome;
    this.describer = describer;
    this.node = node;
  }

  get shape(): readonly number[] {
    return this.#known().shape;
  }

  get dtype(): Dtype {
    return this.#known().dtype;
  }

  get bytes(): number {
    const { shape, dtype } = this.#known();
    return shape.reduce((product, length) => product * length, dtype.size);
  }

  #known(): TensorInfo {
    this.#info ??= this.outcome?.form?.info ?? this.describer.describe(this);
    return this.#info;
  }
}
