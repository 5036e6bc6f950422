/** Purity and single owners, held against the source, and shown to catch what they forbid. */
import { describe, expect, it } from 'vitest';
import { owners, purity } from './purity.ts';
import { projectCode } from './tree.ts';

const broken = (path: string, text: string) => [{ path, text }];

describe('the source', () => {
  it('keeps its pure files pure', () => expect(purity(projectCode())).toEqual([]));
  it('reads the environment and ends the process in one place', () =>
    expect(owners(projectCode())).toEqual([]));
});

describe('purity catches', () => {
  it.each([
    ['src/domain/x.ts', 'export const now = Date.now();'],
    ['src/domain/x.ts', 'export const made = () => new Date();'],
    ['src/domain/x.ts', 'export const chance = Math.random();'],
    ['src/domain/x.ts', 'export const chance = { ...Math }, more = Math["random"]();'],
    ['src/domain/x.ts', "console.log('x');"],
    ['src/domain/x.ts', "import { readFileSync } from 'node:fs'; export const y = readFileSync;"],
    ['firmware-protocol/codec.ts', 'export const wait = (f: () => void) => setTimeout(f, 1);'],
    ['firmware-protocol/simulator/machine.ts', 'export const t = performance.now();'],
    ['src/link/exchange.ts', 'export const p = { process };'],
    ['src/link/exchange.ts', "import { open } from './port-session.ts'; export const y = open;"],
    ['src/limits/window.ts', 'export const g = globalThis as object;'],
  ])('%s: %j', (path, text) => expect(purity(broken(path, text))).toHaveLength(1));

  it('nothing in a word that only looks like one of them', () => {
    const text = `
      import type { PortSession } from './port-session.ts';
      export interface Row { readonly Date: string; readonly process: number }
      export const step = (row: Row, performance: number) => row.process + performance + Math.floor(1.5);
      export const kinds = { fetch: 1 };
      export type When = Date | PortSession; // new Date() in a comment
    `;
    expect(purity(broken('src/link/exchange.ts', text))).toEqual([]);
  });
});

describe('single owners catch', () => {
  it.each([
    ['src/http/app.ts', 'export const mode = process.env.MODE;'],
    ['src/http/app.ts', "export const mode = process['env'].MODE;"],
    ['src/http/app.ts', "import { env } from 'node:process'; export const mode = env.MODE;"],
    ['src/http/app.ts', 'export const { env } = process;'],
    ['src/compose.ts', 'process.exit(1);'],
    ['src/config.ts', 'process.exitCode = 2;'],
  ])('%s: %j', (path, text) => expect(owners(broken(path, text))).toHaveLength(1));

  it('nothing where they are at home', () => {
    expect(owners(broken('src/config.ts', 'export const mode = process.env.MODE;'))).toEqual([]);
    expect(owners(broken('src/main.ts', 'process.exitCode = 2;'))).toEqual([]);
  });
});
