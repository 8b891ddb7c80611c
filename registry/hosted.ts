import type { Family } from './operation.ts';

/**
 * A function of MLX that is no row of the catalogue, for it takes no tensors, or functions, or files: nothing to route.
 * It runs in this process over functions of the addon, and counts as native only if the addon has them all.
 */
export interface HostedFunction {
  /** Python's own name. */
  readonly name: string;
  readonly family: Family;
  /** The addon's functions that it stands on. */
  readonly addon: readonly string[];
  /** Whether it works without the addon too, over the Python workers. */
  readonly python: boolean;
  readonly doc: string;
}

function rows(
  family: Family,
  python: boolean,
  functions: Readonly<Record<string, readonly [addon: string | readonly string[], doc: string]>>,
): HostedFunction[] {
  return Object.entries(functions).map(([name, [addon, doc]]) => ({
    name,
    family,
    addon: typeof addon === 'string' ? [addon] : addon,
    python,
    doc,
  }));
}

export const HOSTED: readonly HostedFunction[] = [
  ...rows('transform', false, {
    grad: ['valueAndGrad', 'A function that gives the gradient of another.'],
    value_and_grad: ['valueAndGrad', 'A function that gives the value and the gradient of another.'],
    vjp: ['vjp', 'Products of cotangents with the Jacobian of a function.'],
    jvp: ['jvp', 'Products of the Jacobian of a function with tangents.'],
    vmap: [['vmapTrace', 'vmapReplace'], 'A function over one axis of its arguments.'],
    compile: [['compiled', 'eraseCompiled'], 'A function traced once and fused.'],
    enable_compile: ['enableCompile', 'Lets compiled functions be compiled again.'],
    disable_compile: ['disableCompile', 'Runs compiled functions as they are written.'],
    checkpoint: ['checkpoint', 'A function whose intermediates are computed again for the gradient.'],
    export_function: ['exportFunction', 'A traced function, written to a file.'],
    exporter: [['exporter', 'exporterApply', 'exporterClose'], 'Several traces of a function, written to one file.'],
    import_function: [['importFunction', 'importedApply'], 'A function that was written to a file.'],
    export_to_dot: ['exportToDot', 'The graph of arrays, as Graphviz reads it.'],
    custom_function: ['customFunction', 'A function with rules of its own for transforms.'],
  }),
  ...rows('transform', true, {
    eval: ['eval', 'Computes arrays.'],
    async_eval: ['evalAsync', 'Computes arrays without blocking this thread.'],
  }),
  ...rows('memory', false, {
    get_active_memory: ['getActiveMemory', 'Bytes that live arrays hold.'],
    get_peak_memory: ['getPeakMemory', 'The most bytes that were active at once.'],
    reset_peak_memory: ['resetPeakMemory', 'Starts the peak anew.'],
    get_cache_memory: ['getCacheMemory', 'Bytes kept for arrays to come.'],
    clear_cache: ['clearCache', 'Gives the cached bytes back.'],
    set_cache_limit: ['setCacheLimit', 'How many bytes may be cached.'],
    set_memory_limit: ['setMemoryLimit', 'How many bytes evaluation may use before it waits.'],
    set_wired_limit: ['setWiredLimit', 'How many bytes may be wired on Metal.'],
  }),
  ...rows('stream', false, {
    new_stream: ['newStream', 'A new queue of work on a device.'],
    default_stream: ['deviceStream', 'The stream that calls use unless they name one.'],
    set_default_stream: ['setDefaultStream', 'Makes a stream the default one.'],
    stream: ['setDefaultStream', 'A scope in which calls run on a device or stream.'],
    synchronize: ['synchronize', 'Waits until the work of a stream is done.'],
    default_device: ['defaultIsGpu', 'The device that calls use unless they name one.'],
    set_default_device: ['setDefaultStream', 'Makes a device the default one.'],
    device_count: ['deviceCount', 'How many devices of a type there are.'],
    device_info: ['deviceInfo', 'What MLX tells of a device.'],
    is_available: ['deviceCount', 'Whether MLX can compute on a device here.'],
    'metal.is_available': ['metalIsAvailable', 'Whether there is a GPU of Apple.'],
    'metal.start_capture': ['metalStartCapture', 'Starts a GPU trace.'],
    'metal.stop_capture': ['metalStopCapture', 'Ends a GPU trace.'],
    'cuda.is_available': ['cudaIsAvailable', 'Whether there is a GPU of NVIDIA.'],
  }),
  ...rows('io', true, {
    load: ['fileArrays', 'Arrays out of an npy, npz, safetensors or gguf file.'],
    save: ['bytes', 'One array into an npy file.'],
    savez: ['bytes', 'Arrays into an npz file.'],
    savez_compressed: ['bytes', 'Arrays into a compressed npz file.'],
    save_safetensors: ['bytes', 'Arrays into a safetensors file.'],
    save_gguf: ['bytes', 'Arrays into a gguf file.'],
  }),
];
