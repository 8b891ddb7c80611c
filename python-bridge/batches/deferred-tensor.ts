import type { TensorInfo } from '../../registry/backend.ts';
import type { Dtype } from '../../registry/dtypes.ts';
import type { Session } from '../../registry/session.ts';
import type { Incarnation } from '../call.ts';
import type { Origin } from '../lineage/origin.ts';
import type { Copy, RemoteTensor } from '../tensor-table.ts';

const NO_COPIES: readonly Copy[] = [];

export interface Describer {
  describe(tensor: RemoteTensor): TensorInfo;
}

/** A result that was not waited for. Whoever asks for its shape or dtype waits for it then. */
export class DeferredTensor implements RemoteTensor {
  readonly slot: number;
  id: number;
  home: Incarnation;
  freed = false;
  session: Session | undefined = undefined;
  copies: readonly Copy[] = NO_COPIES;
  /** Not recorded: it would cost more than the call. */
  origin: Origin | null = null;
  readonly counted: number;
  /** null: the worker has not been asked. */
  info: TensorInfo | null;
  readonly describer: Describer;

  constructor(slot: number, home: Incarnation, info: TensorInfo | null, counted: number, describer: Describer) {
    this.slot = slot;
    this.id = slot;
    this.home = home;
    this.counted = counted;
    this.info = info;
    this.describer = describer;
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
    this.info ??= this.describer.describe(this);
    return this.info;
  }
}
