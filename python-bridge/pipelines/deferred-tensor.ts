import type { TensorInfo } from '../../backend/backend.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import { RemoteTensor, type TensorParts } from '../tensors/remote-tensor.ts';

export interface Describer {
  /** Asks the worker. */
  describe(tensor: DeferredTensor): TensorInfo;
}

/** A result that was not waited for. To read its shape or dtype may mean to wait for it. */
export class DeferredTensor extends RemoteTensor {
  readonly describer: Describer;
  #info: TensorInfo | null = null;

  constructor(parts: TensorParts, describer: Describer) {
    super(parts);
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
    this.#info ??= this.outcome?.form?.info ?? this.describer.describe(this);
    return this.#info;
  }
}
