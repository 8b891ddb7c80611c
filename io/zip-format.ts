/** The records of a zip archive: signatures, fixed sizes, and the values that send the reader to zip64. */
export const LOCAL = { signature: 0x04034b50, size: 30 };
export const CENTRAL = { signature: 0x02014b50, size: 46 };
export const DESCRIPTOR = { signature: 0x08074b50 };
export const END = { signature: 0x06054b50, size: 22 };
export const END64 = { signature: 0x06064b50, size: 56 };
export const LOCATOR64 = { signature: 0x07064b50, size: 20 };
export const ZIP64_EXTRA = 1;
export const FULL16 = 0xffff;
export const FULL32 = 0xffffffff;

export const FLAGS = { encrypted: 1, descriptor: 1 << 3, strong: 1 << 6, utf8: 1 << 11 };
export const STORED = 0;
export const DEFLATED = 8;
