// The rooms of docs/architecture.md and who may import from whom. Everything not allowed here is an error.

const rooms = [
  'foundation',
  'registry',
  'backend',
  'router',
  'native-backend',
  'python-bridge',
  'runtime',
  'io',
  'mlx',
  'lm',
  'parity-tests',
  'fuzz',
  'cli',
  'bench',
  'examples',
  'scripts',
  'tests',
];

const backendRooms = ['foundation', 'registry', 'backend'];
const programRooms = [...backendRooms, 'router', 'runtime', 'mlx'];

const mayImport = {
  foundation: [],
  registry: ['foundation'],
  backend: ['foundation', 'registry'],
  router: backendRooms,
  'native-backend': backendRooms,
  'python-bridge': backendRooms,
  runtime: [...backendRooms, 'router', 'native-backend', 'python-bridge'],
  io: [...backendRooms, 'router', 'runtime'],
  mlx: [...backendRooms, 'router', 'runtime', 'io'],
  lm: ['foundation', 'registry', 'mlx'],
  'parity-tests': ['foundation', 'registry', 'mlx', 'lm'],
  fuzz: ['foundation', 'registry', 'mlx', 'parity-tests'],
  bench: ['foundation', 'registry', 'mlx', 'lm'],
  examples: ['mlx', 'lm', 'parity-tests'],
  scripts: [...programRooms, 'lm', 'native-backend', 'parity-tests'],
};

/** Rooms that are tested as the library's users meet them. */
const testedThroughTheLibrary = ['runtime', 'io'];
const TESTS = '(\\.test\\.ts$|/test-support/)';

const roomRules = Object.entries(mayImport).map(([room, others]) => ({
  name: `${room}-imports`,
  comment: `${room}/ may import ${others.length > 0 ? others.map((other) => `${other}/`).join(', ') : 'no other room'}`,
  severity: 'error',
  from: { path: `^${room}/`, ...(testedThroughTheLibrary.includes(room) && { pathNot: TESTS }) },
  to: { path: `^(${rooms.filter((other) => other !== room && !others.includes(other)).join('|')})/` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...roomRules,
    {
      name: 'one-place-wires-the-backends',
      comment: 'only runtime/runtime.ts puts backends into the router',
      severity: 'error',
      from: { path: '^(mlx|io|runtime)/', pathNot: ['^runtime/runtime\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^(native-backend|python-bridge)/' },
    },
    {
      name: 'no-cycles',
      comment: 'files that import each other cannot be understood or tested alone',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'the imported file or package does not exist',
      severity: 'error',
      // It is copied beside an installed package, whose built files it imports.
      from: { pathNot: '^scripts/install/program\\.mjs$' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-code-in-the-product',
      comment: 'what ships imports no test',
      severity: 'error',
      // Examples do not ship, nor does what writes files for tests.
      from: {
        pathNot: [
          '\\.test(-d)?\\.(ts|mjs)$',
          '^tests/',
          '/test-support/',
          '^examples/',
          '^scripts/write-model-goldens\\.ts$',
        ],
      },
      to: { path: ['\\.test(-d)?\\.(ts|mjs)$', '^tests/', '/test-support/'] },
    },
    {
      name: 'no-development-packages-in-the-product',
      comment: 'what ships imports only what package.json lists under dependencies or peerDependencies',
      severity: 'error',
      from: {
        path: '^(foundation|registry|backend|router|native-backend|python-bridge|runtime|io|mlx|parity-tests|cli)/',
        // What is named from-source runs only in a checkout: it lets processes and a worker thread start from TypeScript.
        pathNot: ['\\.test(-d)?\\.(ts|mjs)$', '/test-support/', '/from-source(\\.mjs$|/)'],
      },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only', 'npm-peer'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(build|dist|\\.venv|vendor)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
