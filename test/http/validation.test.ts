/** The sentences about fields. */
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { integerField, textField, validate } from '../../src/http/validation.ts';

const SCHEMA = z.strictObject({
  vx: integerField({ min: -100, max: 100 }, 'percent'),
  word: textField(1, 4).optional(),
});

function errorsOf(body: unknown): readonly { readonly path: string; readonly message: string }[] {
  const result = validate(SCHEMA, body);
  return result.kind === 'valid' ? [] : result.errors;
}

describe('validation', () => {
  it('lets good bodies through', () => {
    expect(validate(SCHEMA, { vx: -100 })).toEqual({ kind: 'valid', value: { vx: -100 } });
    expect(validate(SCHEMA, { vx: 100, word: 'abcd' })).toMatchObject({ kind: 'valid' });
  });

  it.each([
    [250, '250'],
    [-101, '-101'],
    [1.5, '1.5'],
    ['1', '"1"'],
    [null, 'null'],
    [undefined, 'nothing'],
    [1e300, '1e+300'],
    [[1], '[1]'],
    ['x'.repeat(100), `"${'x'.repeat(39)}…`],
  ])('says range, unit and what was received for %j', (vx, received) => {
    expect(errorsOf({ vx })).toEqual([
      { path: 'vx', message: `must be an integer from -100 to 100 percent; received ${received}` },
    ]);
  });

  it('names each unknown field, and the known ones', () => {
    const body = JSON.parse('{"vx":1,"wx":2,"__proto__":3}') as unknown;
    expect(errorsOf(body)).toEqual([
      { path: 'wx', message: 'is not known; the fields are vx, word' },
      { path: '__proto__', message: 'is not known; the fields are vx, word' },
    ]);
  });

  it('does not show a text back', () => {
    expect(errorsOf({ vx: 1, word: 'secret' })).toEqual([
      { path: 'word', message: 'must be a text of 1 to 4 characters' },
    ]);
  });

  it.each([[[]], [null], ['text'], [7]])('wants an object, not %j', (body) => {
    expect(errorsOf(body)).toEqual([{ path: '', message: 'the body must be a JSON object' }]);
  });

  it('lists a bounded number of errors with bounded names', () => {
    const body = Object.fromEntries(Array.from({ length: 100 }, (_, index) => ['x'.repeat(99) + index, 1]));
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, 1]));
    expect(errorsOf({ vx: 1, ...body })).toHaveLength(1);
    expect(errorsOf({ vx: 1, ...many })).toHaveLength(16);
  });
});
