// The JavaScript half of every design. A module instance is imported once per design, so that no two share type feedback.

/** The functions of `designs_basic.node` and `designs_deferred.node`. */
export interface Addon {
  configure(
    largeBytes: number,
    batchBytes: number,
    accounting: boolean,
    wrapOwner: boolean,
    recycle: boolean,
    due: Int32Array,
    collectBytes: number,
  ): void;
  floorChain(chains: number): void;
  live(): number;
  leaked(): number;
  externalOnes(size: number): object;
  externalAdd(a: object, b: object): object;
  externalEval(a: object): void;
  wrappedOnes(target: object, size: number): void;
  wrappedAdd(target: object, a: object, b: object): void;
  wrappedEval(a: object): void;
  wrappedFree(a: object): void;
  integerOnes(size: number): number;
  integerAdd(a: number, b: number): number;
  integerEval(a: number): void;
  integerFree(a: number): void;
  integerFreeMany(ids: Int32Array, count: number): void;
  fieldOnes(target: object, size: number): number;
  fieldAdd(target: object, a: number, b: number): number;
  ownedOnes(size: number): number;
  ownedAdd(a: number, b: number): number;
  ownedOwner(id: number): object;
  ownedEval(a: number): void;
  ownedFreeMany(ids: Int32Array, count: number): void;
  recordedBlock(state: Int32Array): object;
  recordedOnes(id: number, size: number): void;
  recordedFlush(commands: Int32Array, count: number): void;
}

/** One way for a JavaScript tensor `T` to own an array; `size` is a number of float32 elements. */
export interface Design<T = unknown> {
  ones(size: number): T;
  add(a: T, b: T): T;
  eval(a: T): void;
  /** Runs `body` and frees at once what it made. */
  scope?(body: () => void): void;
}

/** Frees what JavaScript dropped lately: a collection of the young generation. */
export interface Collector {
  collect(): void;
  /** Collect once this many blocks were taken. */
  blocks: number;
  /** Collect before an eval once this many blocks were taken. */
  blocksBeforeEval: number;
  /** Becomes 1 when the bytes of new results call for a collection. */
  due: Int32Array;
}

export function externals(addon: Addon): Design {
  class Tensor {
    handle: object;
    remote: object | null = null;
    constructor(handle: object) {
      this.handle = handle;
    }
  }
  return {
    ones: (size) => new Tensor(addon.externalOnes(size)),
    add: (a, b) => new Tensor(addon.externalAdd((a as Tensor).handle, (b as Tensor).handle)),
    eval: (a) => addon.externalEval((a as Tensor).handle),
  };
}

export function wrapped(addon: Addon): Design {
  class Tensor {
    remote: object | null = null;
  }
  let scope: Tensor[] | null = null;
  return {
    ones: (size) => {
      const result = new Tensor();
      addon.wrappedOnes(result, size);
      return result;
    },
    add: (a, b) => {
      const result = new Tensor();
      addon.wrappedAdd(result, a as Tensor, b as Tensor);
      if (scope !== null) scope.push(result);
      return result;
    },
    eval: (a) => addon.wrappedEval(a as Tensor),
    scope: (body) => {
      const made: Tensor[] = [];
      scope = made;
      body();
      scope = null;
      for (const tensor of made) addon.wrappedFree(tensor);
    },
  };
}

/** An integer in the tensor, freed by a finalizer that sits on the tensor without wrapping it. */
export function finalizedFields(addon: Addon): Design {
  class Tensor {
    id = -1;
    remote: object | null = null;
  }
  return {
    ones: (size) => {
      const result = new Tensor();
      result.id = addon.fieldOnes(result, size);
      return result;
    },
    add: (a, b) => {
      const result = new Tensor();
      result.id = addon.fieldAdd(result, (a as Tensor).id, (b as Tensor).id);
      return result;
    },
    eval: (a) => addon.integerEval((a as Tensor).id),
  };
}

export function registered(addon: Addon): Design {
  class Tensor {
    id: number;
    remote: object | null = null;
    constructor(id: number) {
      this.id = id;
    }
  }
  const registry = new FinalizationRegistry<number>((id) => addon.integerFree(id));
  let scope: Tensor[] | null = null;
  const own = (id: number): Tensor => {
    const tensor = new Tensor(id);
    if (scope !== null) scope.push(tensor);
    else registry.register(tensor, id);
    return tensor;
  };
  return {
    ones: (size) => own(addon.integerOnes(size)),
    add: (a, b) => own(addon.integerAdd((a as Tensor).id, (b as Tensor).id)),
    eval: (a) => addon.integerEval((a as Tensor).id),
    scope: (body) => {
      const made: Tensor[] = [];
      scope = made;
      body();
      scope = null;
      const ids = new Int32Array(made.length);
      for (let i = 0; i < made.length; i++) {
        const tensor = made[i] as Tensor;
        ids[i] = tensor.id;
        tensor.id = -1;
      }
      addon.integerFreeMany(ids, ids.length);
    },
  };
}

const LARGE = 2 ** 30;

/** Which owner keeps the slot of a result alive, and when the young generation is worth collecting. */
function owners(addon: Addon, { collect, due, blocks, blocksBeforeEval }: Collector) {
  let current: object = {};
  let taken = 0;
  const clear = (): void => {
    taken = 0;
    due[0] = 0;
    collect();
  };
  const fresh = (slot: number): object => {
    const owner = addon.ownedOwner(slot);
    if (slot < LARGE) {
      current = owner;
      taken++;
    }
    if (taken >= blocks || due[0] !== 0) clear();
    return owner;
  };
  return {
    /** The owner of the result that the addon names by `id`: the current one, or a new one if `id` is complemented. */
    of: (id: number): object => (id >= 0 ? current : fresh(~id)),
    beforeEval: (): void => {
      if (taken >= blocksBeforeEval) clear();
    },
  };
}

const slotOf = (id: number): number => (id >= 0 ? id : ~id);

export function ownedFields(addon: Addon, collector: Collector): Design {
  class Tensor {
    slot: number;
    owner: object;
    remote: object | null = null;
    constructor(slot: number, owner: object) {
      this.slot = slot;
      this.owner = owner;
    }
  }
  const owner = owners(addon, collector);
  let scope: Tensor[] | null = null;
  const own = (id: number): Tensor => {
    const tensor = new Tensor(slotOf(id), owner.of(id));
    if (scope !== null) scope.push(tensor);
    return tensor;
  };
  return {
    ones: (size) => own(addon.ownedOnes(size)),
    add: (a, b) => own(addon.ownedAdd((a as Tensor).slot, (b as Tensor).slot)),
    eval: (a) => {
      owner.beforeEval();
      addon.ownedEval((a as Tensor).slot);
    },
    scope: (body) => {
      const made: Tensor[] = [];
      scope = made;
      body();
      scope = null;
      const ids = new Int32Array(made.length);
      for (let i = 0; i < made.length; i++) {
        const tensor = made[i] as Tensor;
        ids[i] = tensor.slot;
        tensor.slot = -1;
      }
      addon.ownedFreeMany(ids, ids.length);
    },
  };
}

export function ownedHandles(addon: Addon, collector: Collector): Design {
  class Handle {
    slot: number;
    owner: object;
    constructor(slot: number, owner: object) {
      this.slot = slot;
      this.owner = owner;
    }
  }
  class Tensor {
    handle: Handle;
    remote: object | null = null;
    constructor(handle: Handle) {
      this.handle = handle;
    }
  }
  const owner = owners(addon, collector);
  const own = (id: number): Tensor => new Tensor(new Handle(slotOf(id), owner.of(id)));
  return {
    ones: (size) => own(addon.ownedOnes(size)),
    add: (a, b) => own(addon.ownedAdd((a as Tensor).handle.slot, (b as Tensor).handle.slot)),
    eval: (a) => {
      owner.beforeEval();
      addon.ownedEval((a as Tensor).handle.slot);
    },
  };
}

const RECORD = 256;

export function recorded(addon: Addon): Design {
  class Tensor {
    slot: number;
    owner: object;
    remote: object | null = null;
    constructor(slot: number, owner: object) {
      this.slot = slot;
      this.owner = owner;
    }
  }
  const state = new Int32Array(1);
  const commands = new Int32Array(3 * RECORD);
  // Commands hold bare slots, so the owners of operands and results must live until the flush.
  const pinned: object[] = [];
  let count = 0;
  let current: object = {};
  let next = 0;
  let end = 0;
  const flush = (): void => {
    addon.recordedFlush(commands, count);
    count = 0;
    pinned.length = 0;
  };
  const take = (): Tensor => {
    if (next === end) {
      current = addon.recordedBlock(state);
      next = (state[0] as number) * 64;
      end = next + 64;
    }
    return new Tensor(next++, current);
  };
  return {
    ones: (size) => {
      const result = take();
      addon.recordedOnes(result.slot, size);
      return result;
    },
    add: (a, b) => {
      const result = take();
      const left = a as Tensor;
      const right = b as Tensor;
      const at = 3 * count;
      commands[at] = result.slot;
      commands[at + 1] = left.slot;
      commands[at + 2] = right.slot;
      pinned.push(result.owner, left.owner, right.owner);
      if (++count === RECORD) flush();
      return result;
    },
    eval: (a) => {
      if (count > 0) flush();
      addon.ownedEval((a as Tensor).slot);
    },
  };
}
