/** What no file may say, held against every text file, and shown to catch what it forbids. */
import { describe, expect, it } from 'vitest';
import { cleanText, lockWithoutAddresses } from './text.ts';
import { projectFiles } from './tree.ts';

describe('the project', () => {
  it('names no machine path, registry or password', () => expect(cleanText(projectFiles())).toEqual([]));
  it('has a lock file without addresses', () => expect(lockWithoutAddresses(projectFiles())).toEqual([]));
});

describe('the rule of text', () => {
  // Joined here, so that this file does not hold the words itself.
  it.each([
    ['const path = "', '/ho', 'me/claw/x";'],
    ['see ', '/wo', 'rk/main'],
    ['https://registry', '.npm', 'js.org/x'],
    ['see ..', '/sha', 'red/NOTES.md'],
    ['redis://user:secret', '@redis.', 'example:6379'],
  ])('catches %s…', (...parts) =>
    expect(cleanText([{ path: 'x.md', text: parts.join('') }])).toHaveLength(1));

  it.each([
    'ProtectHome=true',
    'docs/work/plan.md',
    'https://example.com/home/page',
    '/var/lib/claw-gateway/audit.db',
    '/opt/claw-gateway/dist/main.js',
    'curl http://127.0.0.1:8080/claws/claw-1/home/',
  ])('is content with %s', (text) => expect(cleanText([{ path: 'x.md', text }])).toEqual([]));
});

describe('the rule of the lock file', () => {
  const lock = (entry: object) => [
    { path: 'package-lock.json', text: JSON.stringify({ packages: { '': {}, 'node_modules/x': entry } }) },
  ];
  it('catches an address and a missing hash', () => {
    expect(
      lockWithoutAddresses(lock({ resolved: 'https://example.com/x.tgz', integrity: 'sha512-x' })),
    ).toHaveLength(1);
    expect(lockWithoutAddresses(lock({ version: '1.0.0' }))).toHaveLength(1);
  });
  it('is content with a hash', () =>
    expect(lockWithoutAddresses(lock({ integrity: 'sha512-x' }))).toEqual([]));
});
