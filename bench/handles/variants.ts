// The measured variants: a design of designs.ts, the addon flavour it runs on, and its settings.
import { fileURLToPath } from 'node:url';
import v8 from 'node:v8';
import vm from 'node:vm';
import type { Addon, Collector, Design } from './designs.ts';

export interface Variant {
  readonly name: string;
  /** An export of designs.ts that makes the design. */
  readonly design: string;
  /** When finalizers run: inside the collection, or from the event loop. */
  readonly finalizers: 'basic' | 'deferred';
  /** Results above this many bytes get an owner of their own (designs D). */
  readonly largeBytes?: number;
  /** V8 is told of this many bytes at once; 0 tells every change; left out, nothing is told. */
  readonly batchBytes?: number;
  /** Whether owners are wrapped (`napi_wrap`) rather than given a bare finalizer (`napi_add_finalizer`). */
  readonly wrapOwner?: boolean;
  /** Whether a collected block keeps its arrays until they are overwritten. */
  readonly recycle?: boolean;
  /** Blocks taken before the design collects the young generation itself; left out, it never does. */
  readonly collectBlocks?: number;
  readonly collectBlocksBeforeEval?: number;
  readonly collectBytes?: number;
}

const KIB = 1024;
const MIB = KIB * KIB;

const perMebibyte = { finalizers: 'basic', batchBytes: MIB } as const;
const collecting = { collectBlocks: 64, collectBlocksBeforeEval: 12, collectBytes: 32 * MIB } as const;

export const variants: readonly Variant[] = [
  { name: 'A external, deferred finalizer', design: 'externals', finalizers: 'deferred', batchBytes: MIB },
  { name: 'A wrap, deferred finalizer', design: 'wrapped', finalizers: 'deferred', batchBytes: MIB },
  { name: 'B integer, FinalizationRegistry', design: 'registered', ...perMebibyte },
  { name: 'C external, basic finalizer', design: 'externals', ...perMebibyte },
  { name: 'C wrap, basic, no accounting', design: 'wrapped', finalizers: 'basic' },
  { name: 'C wrap, basic, accounting per call', design: 'wrapped', finalizers: 'basic', batchBytes: 0 },
  { name: 'C wrap, basic, accounting per MiB', design: 'wrapped', ...perMebibyte },
  { name: 'C integer + bare basic finalizer', design: 'finalizedFields', ...perMebibyte },
  { name: 'D handle object, bare owner', design: 'ownedHandles', ...perMebibyte },
  { name: 'D fields, wrapped owner', design: 'ownedFields', ...perMebibyte, wrapOwner: true },
  { name: 'D fields, bare owner', design: 'ownedFields', ...perMebibyte },
  { name: 'D fields, recycled blocks', design: 'ownedFields', ...perMebibyte, recycle: true },
  { name: 'D fields, freed blocks, own collections', design: 'ownedFields', ...perMebibyte, ...collecting },
  { name: 'D fields, recycled, own collections', design: 'ownedFields', ...perMebibyte, recycle: true, ...collecting },
  { name: 'D handle, recycled, own collections', design: 'ownedHandles', ...perMebibyte, recycle: true, ...collecting },
  { name: 'E command buffer of 256, bare owner', design: 'recorded', ...perMebibyte },
];

// V8 gives its `gc` function to every context made while the flag is on: no command-line flag is needed.
v8.setFlagsFromString('--expose-gc');
const gc = vm.runInNewContext('gc') as (options: { type: 'minor' | 'major' }) => void;
v8.setFlagsFromString('--no-expose-gc');
const MINOR = { type: 'minor' } as const;
const youngCollection = (): void => gc(MINOR);

/** Loads the variant with an addon context and type feedback of its own. */
export async function open(variant: Variant): Promise<{ addon: Addon; design: Design }> {
  const folder = fileURLToPath(new URL('../../build/handles', import.meta.url));
  const module = { exports: {} as Addon };
  process.dlopen(module, `${folder}/designs_${variant.finalizers}.node`);
  const addon = module.exports;
  const due = new Int32Array(1);
  addon.configure(
    variant.largeBytes ?? 4 * KIB,
    variant.batchBytes ?? 0,
    variant.batchBytes !== undefined,
    variant.wrapOwner ?? false,
    variant.recycle ?? false,
    due,
    variant.collectBytes ?? Number.MAX_SAFE_INTEGER,
  );
  const collector: Collector = {
    collect: youngCollection,
    blocks: variant.collectBlocks ?? Number.POSITIVE_INFINITY,
    blocksBeforeEval: variant.collectBlocksBeforeEval ?? Number.POSITIVE_INFINITY,
    due,
  };
  const copy = encodeURIComponent(variant.name + (variant.largeBytes ?? ''));
  const designs = (await import(`./designs.ts?${copy}`)) as Record<
    string,
    (addon: Addon, collector: Collector) => Design
  >;
  return {
    addon,
    design: (designs[variant.design] as (addon: Addon, collector: Collector) => Design)(addon, collector),
  };
}
