/** The forms that Idempotency-Key and Prefer may have, as tables. */
import { describe, expect, it } from 'vitest';
import { parseIdempotencyKey, parseWaitS } from '../../src/http/request-headers.ts';

describe('Idempotency-Key', () => {
  it.each([
    ['a bare token', '8e03978e-40d5-43dd-bc93-6894a57f9324', '8e03978e-40d5-43dd-bc93-6894a57f9324'],
    ['a quoted string', '"abc"', 'abc'],
    ['a blank inside quotes', '"a b"', 'a b'],
    ['escapes', '"a\\"b\\\\c"', 'a"b\\c'],
    ['one character', 'x', 'x'],
    ['128 characters', 'x'.repeat(128), 'x'.repeat(128)],
    ['128 quoted characters', `"${'x'.repeat(128)}"`, 'x'.repeat(128)],
  ])('takes %s', (_what, header, key) => {
    expect(parseIdempotencyKey(header)).toEqual({ kind: 'key', key });
  });

  it.each([
    ['nothing', ''],
    ['an empty string', '""'],
    ['129 characters', 'x'.repeat(129)],
    ['a blank outside of quotes', 'a b'],
    ['two headers joined', 'a, b'],
    ['an open quote', '"abc'],
    ['a wrong escape', '"a\\b"'],
    ['a quote in the middle', 'a"b'],
    ['letters beyond ASCII', 'schlüssel'],
    ['control characters', 'a\tb'],
    ['parameters', '"abc";x=1'],
  ])('refuses %s', (_what, header) => {
    expect(parseIdempotencyKey(header)).toEqual({ kind: 'invalid' });
  });

  it('knows that there is none', () => {
    expect(parseIdempotencyKey(undefined)).toEqual({ kind: 'none' });
    expect(parseIdempotencyKey(['a', 'b'])).toEqual({ kind: 'invalid' });
  });
});

describe('Prefer: wait', () => {
  it.each([
    ['wait=10', 10],
    ['WAIT=10', 10],
    ['wait="10"', 10],
    ['wait = 3', 3],
    ['respond-async, wait=5', 5],
    ['wait=5;foo=bar', 5],
    ['wait=1, wait=2', 1],
    ['wait=60', 60],
    ['wait=61', 60],
    ['wait=999999999', 60],
    ['wait=0', 0],
    ['wait=1.5', null],
    ['wait=1.5, wait=3', null],
    ['wait=-1', null],
    ['wait=', null],
    ['wait', null],
    ['wait=9999999999', null],
    ['waiter=3', null],
    ['return=minimal', null],
    ['', null],
  ])('reads %j as %j', (header, waitS) => {
    expect(parseWaitS(header)).toBe(waitS);
  });

  it('reads repeated headers in their order', () => {
    expect(parseWaitS(['return=minimal', 'wait=7'])).toBe(7);
    expect(parseWaitS(undefined)).toBeNull();
  });
});
