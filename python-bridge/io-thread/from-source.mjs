// Starts the thread from its TypeScript source: `--import tsx` does nothing in a thread whose parent is asleep.
import { register } from 'tsx/esm/api';

register();
await import(new URL('./thread.ts', import.meta.url).href);
