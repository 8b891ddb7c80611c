import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backend, runOwn } from '../test-support/backends.ts';
import { workerEnvironment } from './environment.ts';

const SECRETS = {
  AWS_ACCESS_KEY_ID: 'a',
  AWS_SECRET_ACCESS_KEY: 'b',
  AWS_SESSION_TOKEN: 'c',
  AWS_PROFILE: 'd',
  GITHUB_TOKEN: 'e',
  NPM_TOKEN: 'f',
  HF_TOKEN: 'g',
  HF_API_KEY: 'h',
  PYTHON_KEYRING_PASSWORD: 'i',
  DATABASE_URL: 'j',
  NODE_OPTIONS: 'k',
  SSH_AUTH_SOCK: 'l',
  MLX_SECRET: 'm',
};
const NEEDED = {
  PATH: '/bin',
  HOME: '/h',
  LANG: 'C.UTF-8',
  LC_ALL: 'C',
  TZ: 'UTC',
  PYTHONPATH: '/p',
  PYTHONHASHSEED: '0',
  VIRTUAL_ENV: '/v',
  LD_LIBRARY_PATH: '/l',
  MLX_MAX_OPS_PER_BUFFER: '1',
  MLX_RANK: '0',
  CUDA_VISIBLE_DEVICES: '0',
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  MKL_NUM_THREADS: '1',
  HTTPS_PROXY: 'http://p',
  no_proxy: 'localhost',
  SSL_CERT_FILE: '/c',
  REQUESTS_CA_BUNDLE: '/r',
  HF_HOME: '/hf',
  HF_HUB_OFFLINE: '1',
  XDG_CACHE_HOME: '/x',
};

describe('the variables of a worker', () => {
  it('are those that are needed, and no secrets', () => {
    expect(workerEnvironment({ ...NEEDED, ...SECRETS }, [], {})).toEqual(NEEDED);
  });

  it('are all if that is wanted', () => {
    expect(workerEnvironment({ ...NEEDED, ...SECRETS }, 'inherit', {})).toEqual({ ...NEEDED, ...SECRETS });
  });

  it('are those named beside, secrets too', () => {
    const { AWS_SECRET_ACCESS_KEY, AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, AWS_PROFILE, HF_TOKEN } = SECRETS;
    const aws = { AWS_SECRET_ACCESS_KEY, AWS_ACCESS_KEY_ID, AWS_SESSION_TOKEN, AWS_PROFILE };
    expect(workerEnvironment(SECRETS, ['AWS_*', 'HF_TOKEN', 'NOT_THERE'], {})).toEqual({ ...aws, HF_TOKEN });
  });

  it('may be given, over what is passed and below what the library says', () => {
    const found = workerEnvironment(
      { ...NEEDED, ...SECRETS },
      { HF_TOKEN: 'mine', TZ: 'CET', HOME: 'x' },
      { HOME: 'y' },
    );
    expect(found).toEqual({ ...NEEDED, HF_TOKEN: 'mine', TZ: 'CET', HOME: 'y' });
  });

  it('has defaults below all', () => {
    expect(workerEnvironment({ MALLOC_A: '1' }, [], {}, { MALLOC_A: '0', MALLOC_B: '2' })).toEqual({
      MALLOC_A: '1',
      MALLOC_B: '2',
    });
  });

  it('never have a secret that was not named', () => {
    const word = fc.constantFrom(
      'TOKEN',
      'SECRET',
      'PASSWORD',
      'KEY',
      'API_KEY',
      'APIKEY',
      'CREDENTIALS',
      'PASSPHRASE',
    );
    const prefix = fc.constantFrom('HF_', 'MLX_', 'PYTHON_', 'CUDA_', 'AWS_', 'LC_', 'XDG_', 'OMP_', '');
    const suffix = fc.constantFrom('', '_ID', '_FILE', '_1');
    fc.assert(
      fc.property(prefix, word, suffix, fc.boolean(), (before, middle, after, named) => {
        const name = `${before}${middle}${after}`;
        const found = workerEnvironment({ [name]: 'x' }, named ? [name] : ['OTHER_*'], {});
        expect(found).toEqual(named ? { [name]: 'x' } : {});
      }),
    );
  });
});

describe('a worker', () => {
  const variable = (made: ReturnType<typeof backend>, name: string) => runOwn(made, 'variable', name);

  it('sees what it needs and no secrets of this process', () => {
    const before = { ...process.env };
    Object.assign(process.env, { AWS_SECRET_ACCESS_KEY: 's', SOME_TOKEN: 't', MY_SETTING: 'm', OMP_NUM_THREADS: '3' });
    try {
      const usual = backend();
      const names = ['AWS_SECRET_ACCESS_KEY', 'SOME_TOKEN', 'MY_SETTING', 'OMP_NUM_THREADS', 'PATH'];
      const values = (made: ReturnType<typeof backend>) => names.map((name) => variable(made, name));
      expect(values(usual)).toEqual([null, null, null, '3', process.env['PATH']]);
      expect(values(backend({ workerEnvironment: 'inherit' }))).toEqual(['s', 't', 'm', '3', process.env['PATH']]);
      expect(values(backend({ workerEnvironment: ['MY_*', 'SOME_TOKEN'] }))).toEqual([
        null,
        't',
        'm',
        '3',
        process.env['PATH'],
      ]);
      expect(values(backend({ workerEnvironment: { MY_SETTING: 'given', OMP_NUM_THREADS: '1' } }))).toEqual([
        null,
        null,
        'given',
        '1',
        process.env['PATH'],
      ]);
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });
});
