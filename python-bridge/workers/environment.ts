import type { WorkerEnvironment } from '../../foundation/system/limits.ts';

/** What Python, MLX, its libraries and the system's own need; a `*` at the end stands for any rest. */
const USUAL = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TZ', 'TMPDIR', 'TMP', 'TEMP', 'XDG_*'],
  ...['LANG', 'LANGUAGE', 'LC_*'],
  ...['PYTHON*', 'VIRTUAL_ENV', 'CONDA_PREFIX', 'LD_*', 'DYLD_*', 'CC', 'CXX'],
  ...['MLX_*', 'METAL_*', 'MTL_*', 'CUDA_*', 'CUDNN_*', 'CUBLAS_*', 'NVIDIA_*', 'NCCL_*'],
  ...['OMP_*', 'GOMP_*', 'KMP_*', 'OPENBLAS_*', 'GOTO_*', 'MKL_*', 'BLIS_*', 'VECLIB_*', 'NUMEXPR_*'],
  ...['MALLOC_*', 'GLIBC_TUNABLES', 'ASAN_*', 'UBSAN_*', 'LSAN_*', 'TSAN_*'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'FTP_PROXY', 'NO_PROXY'],
  ...['http_proxy', 'https_proxy', 'all_proxy', 'ftp_proxy', 'no_proxy'],
  ...['SSL_CERT_FILE', 'SSL_CERT_DIR', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'],
  ...['HF_*', 'HUGGINGFACE_HUB_CACHE', 'TRANSFORMERS_*', 'TOKENIZERS_PARALLELISM'],
];

/** What the names of secrets have among their words; such a variable goes only where it was named explicitly. */
const SECRET =
  /(^|_)(TOKENS?|SECRETS?|PASS|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|AUTH|COOKIES?|KEYS?|API_?KEYS?)(_|$)/i;

/**
 * The variables of a worker: the usual ones of `from`, what the setting says, and over them `own`.
 * `least`: defaults below all.
 */
export function workerEnvironment(
  from: Readonly<Record<string, string | undefined>>,
  wanted: WorkerEnvironment,
  own: Readonly<Record<string, string>>,
  least: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const named = isList(wanted) ? wanted : [];
  const given = isList(wanted) || wanted === 'inherit' ? {} : wanted;
  const passed: Record<string, string> = { ...least };
  for (const [name, value] of Object.entries(from)) {
    if (value === undefined) continue;
    const usual = matches(name, USUAL) && !SECRET.test(name);
    if (wanted === 'inherit' || usual || matches(name, named)) passed[name] = value;
  }
  return { ...passed, ...given, ...own };
}

function matches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}

function isList(wanted: WorkerEnvironment): wanted is readonly string[] {
  return Array.isArray(wanted);
}
