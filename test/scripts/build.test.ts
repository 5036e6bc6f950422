/**
 * The way of bundling, on a small program with all that is hard about it: compiled packages that stay outside, CommonJS
 * packages inside an ES module, and a worker that is found beside the bundle.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundle, NATIVE_PACKAGES, sizeReport } from '../../scripts/build.ts';

const ROOT = join(import.meta.dirname, '..', '..');

const MAIN = `
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { hashSync } from '@node-rs/argon2';
import express from 'express';
import { SerialPort } from 'serialport';
const url = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
const [sqlite] = await once(new Worker(url), 'message');
console.log(JSON.stringify({ sqlite, hash: hashSync('x').slice(0, 9), express: typeof express(), port: typeof SerialPort }));
`;
const WORKER = `
import { parentPort } from 'node:worker_threads';
import Database from 'better-sqlite3';
parentPort.postMessage(new Database(':memory:').prepare('SELECT 41 + 1').pluck().get());
`;

let folder: string;

beforeAll(() => {
  // Inside the project, as a device's dist/ stands beside node_modules.
  mkdirSync(join(ROOT, 'var'), { recursive: true });
  folder = mkdtempSync(join(ROOT, 'var', 'build-'));
  writeFileSync(join(folder, 'main.ts'), MAIN);
  writeFileSync(join(folder, 'worker.ts'), WORKER);
});
afterAll(() => rmSync(folder, { recursive: true }));

it('makes a bundle that runs as its source does', async () => {
  const here = relative(ROOT, folder);
  const outFolder = join(folder, 'dist');
  const metafile = await bundle({
    entries: { main: `${here}/main.ts`, worker: `${here}/worker.ts` },
    outFolder,
  });
  const report = sizeReport(metafile).join('\n');
  expect(report).toMatch(/kB {2}\S+dist\/main\.js\n.*kB {4}/);
  expect(report).toMatch(/dist\/worker\.js/);
  for (const name of NATIVE_PACKAGES) expect(report).not.toMatch(new RegExp(`kB +${name}$`, 'm'));

  const answers = [join(outFolder, 'main.js'), join(folder, 'main.ts')].map((file) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, [file], { encoding: 'utf8' });
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 });
    return JSON.parse(stdout) as unknown;
  });
  expect(answers[0]).toEqual({ sqlite: 42, hash: '$argon2id', express: 'function', port: 'function' });
  expect(answers[1]).toEqual(answers[0]);
});
