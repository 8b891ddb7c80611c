// Modules of Node's that an import of the library does not need: each takes one to three milliseconds to load.

export const childProcess = () => process.getBuiltinModule('node:child_process');
export const crypto = () => process.getBuiltinModule('node:crypto');
export const net = () => process.getBuiltinModule('node:net');
export const zlib = () => process.getBuiltinModule('node:zlib');
