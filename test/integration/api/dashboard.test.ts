import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApi, type TestApi } from './harness.js';

let test: TestApi;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'keyward-dashboard-'));
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), '<!doctype html><title>Keyward</title>');
  await writeFile(join(folder, 'assets', 'app-1a2b3c.js'), 'export {};');
  test = await startTestApi({ KEYWARD_DASHBOARD_DIR: folder });
});
afterAll(async () => {
  await test.close();
  await rm(folder, { recursive: true, force: true });
});
const page = { accept: 'text/html,application/xhtml+xml' };

describe('the dashboard', () => {
  it('is sent for its own addresses, without anybody being signed in', async () => {
    for (const path of ['/', '/alerts/some-uid', '/identities/okta%3Aanna']) {
      const answer = await test.client().get(path, page);
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get('content-type'), path).toContain('text/html');
      expect(await answer.text()).toContain('<title>Keyward');
      expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'");
    }
  });
  it('has files that may be kept for ever, and a page that may not', async () => {
    const asset = await test.client().get('/assets/app-1a2b3c.js');
    expect(asset.headers.get('cache-control')).toContain('immutable');
    expect(asset.headers.get('content-type')).toContain('javascript');
    expect((await test.client().get('/', page)).headers.get('cache-control')).toBe('no-cache');
  });
  it('does not hide unknown addresses of the API, missing files, or what lies outside its folder', async () => {
    for (const path of ['/v1/nothing', '/assets/gone.js']) expect((await test.client().get(path, page)).status, path).toBe(404);
    for (const path of ['/..%2f..%2fetc%2fpasswd', '/assets/..%2f..%2f..%2fetc%2fpasswd']) {
      expect(await (await test.client().get(path)).text(), path).not.toContain('root:');
    }
  });
});
