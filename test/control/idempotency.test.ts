/** Keys: one submission each, freed by a refusal, bounded. */
import { expect, it } from 'vitest';
import { IdempotencyKeys } from '../../src/control/idempotency.ts';
import type { CommandRecord, Submission } from '../../src/domain/ports.ts';

const RECORD = { id: 'command-1' } as CommandRecord;
const ACCEPTED: Submission = { kind: 'accepted', record: RECORD, settled: Promise.resolve(RECORD) };

/** A submit function that counts its calls. */
function counted(result: Submission): { calls: () => number; submit: () => Promise<Submission> } {
  let calls = 0;
  const submit = () => {
    calls += 1;
    return Promise.resolve(result);
  };
  return { calls: () => calls, submit };
}

it('submits once for a key, and another command under it is refused', async () => {
  const keys = new IdempotencyKeys();
  const { calls, submit } = counted(ACCEPTED);
  expect(await keys.once('user', 'key', 'strike', submit)).toBe(ACCEPTED);
  expect(await keys.once('user', 'key', 'strike', submit)).toBe(ACCEPTED);
  expect(await keys.once('user', 'key', 'capture', submit)).toEqual({ kind: 'key_reused' });
  expect(calls()).toBe(1);
  await keys.once('other', 'key', 'capture', submit);
  expect(calls()).toBe(2);
});

it('frees the key of a refusal', async () => {
  const keys = new IdempotencyKeys();
  const { calls, submit } = counted({ kind: 'refused', code: 'busy' });
  await keys.once('user', 'key', 'strike', submit);
  await keys.once('user', 'key', 'strike', submit);
  expect(calls()).toBe(2);
});

it('forgets the oldest beyond its bound', async () => {
  const keys = new IdempotencyKeys();
  const { calls, submit } = counted(ACCEPTED);
  for (let index = 0; index <= 2000; index += 1) await keys.once('user', `key-${index}`, 'strike', submit);
  await keys.once('user', 'key-2000', 'strike', submit);
  expect(calls()).toBe(2001);
  await keys.once('user', 'key-0', 'strike', submit);
  expect(calls()).toBe(2002);
});
