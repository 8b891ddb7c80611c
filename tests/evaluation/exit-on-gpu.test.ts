import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChild } from '../support/children.ts';

// What MLX does on a GPU of NVIDIA when the process exits, without one: a thread destroys what it holds of CUDA after the
// driver has shut down, which throws where nothing catches it.
const SOURCE = `
  #include <chrono>
  #include <cstdlib>
  #include <stdexcept>
  #include <thread>

  namespace mlx::core::cu {
  bool is_available() { return true; }
  }

  namespace {
  void destroy() noexcept { throw std::runtime_error("Destroy(handle_) failed: driver shutting down"); }

  // Registered before all others, so that it is called after them.
  [[gnu::constructor]] void start() {
    std::atexit([] {
      std::thread(destroy).detach();
      std::this_thread::sleep_for(std::chrono::seconds(5));
    });
  }
  }
`;

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-exit-'));
const library = join(folder, 'driver.so');

describe.skipIf(process.platform !== 'linux')('a process whose GPU driver shuts down first', () => {
  beforeAll(() => {
    const source = join(folder, 'driver.cc');
    writeFileSync(source, SOURCE);
    execFileSync('g++', ['-shared', '-fPIC', '-o', library, source]);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each([
    ['ends by itself', '', 0],
    ['ends with a status of its own', 'process.exitCode = 5;', 5],
    ['is ended by a call', 'process.exit(3);', 3],
    ['is ended by an error', 'throw new Error("mine");', 1],
  ])('has its own status where it %s', async (_, ending, status) => {
    const body = `mx.eval(mx.add(1, 2)); ${ending}`;
    const { code, signal, stderr } = await runChild(body, { LD_PRELOAD: library });
    expect({ code, signal }, stderr).toEqual({ code: status, signal: null });
    expect(stderr).not.toContain('terminate called');
  });

  it('aborts without the addon, so that this is a test', () => {
    const env = { ...process.env, LD_PRELOAD: library };
    const { signal, stderr } = spawnSync(process.execPath, ['-e', ''], { env, encoding: 'utf8' });
    expect({ signal }, stderr).toEqual({ signal: 'SIGABRT' });
    expect(stderr).toContain('driver shutting down');
  });
});
