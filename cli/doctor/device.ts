import { existsSync } from 'node:fs';
import type { BackendStatus } from '../../backend/backend.ts';
import { isCheckout, packageVersion, setUpCommand } from '../../foundation/system/set-up.ts';
import { type Check, section } from './check.ts';

/** What the system shows where there is a driver of NVIDIA; the second is WSL's. */
const DRIVERS = ['/proc/driver/nvidia/version', '/dev/dxg'];

const check = section('native');

/** What the native backend computes on, and why on no GPU where there is one. */
export function deviceCheck({ device, details }: BackendStatus, hasDriver = DRIVERS.some(existsSync)): Check {
  const value = device ?? 'unknown';
  const { passedOver, repair } = details;
  if (typeof passedOver === 'string') return check('device', ['warning', `${value}; ${passedOver}`, String(repair)]);
  if (value === 'gpu' || !hasDriver) return check('device', ['info', value]);
  return check('device', ['warning', `${value}, though there is a driver of NVIDIA`, install()]);
}

function install(): string {
  if (isCheckout()) return setUpCommand('--force');
  const name = `@mlx-router/${process.platform}-${process.arch}-cuda`;
  return `npm install ${name}@${packageVersion()}, then npx mlx-router python install --device cuda`;
}
