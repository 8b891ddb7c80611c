import { describe, expect, it } from 'vitest';
import { deviceCheck } from './device.ts';

const status = (device: 'cpu' | 'gpu', details = {}) => ({ available: true, device, details });

describe('the device of the native backend', () => {
  it('is a warning where a GPU stays unused, with what to do', () => {
    expect(deviceCheck(status('gpu'), true)).toMatchObject({ state: 'info', value: 'gpu' });
    expect(deviceCheck(status('cpu'), false)).toMatchObject({ state: 'info', value: 'cpu' });
    expect(deviceCheck(status('cpu'), true)).toMatchObject({
      state: 'warning',
      repair: expect.stringContaining('setup'),
    });
  });

  it('says why the package for GPUs was passed over', () => {
    const details = { passedOver: '@mlx-router/linux-x64-cuda: found no mlx-cuda-13', repair: 'install it' };
    expect(deviceCheck(status('cpu', details), false)).toMatchObject({
      state: 'warning',
      value: 'cpu; @mlx-router/linux-x64-cuda: found no mlx-cuda-13',
      repair: 'install it',
    });
  });
});
