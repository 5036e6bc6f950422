/** What stays open, and that closing ends all of it. */
import { expect, it } from 'vitest';
import { OpenRequests } from '../../src/http/open-requests.ts';

it('ends all that is open once, and what comes later at once', () => {
  const open = new OpenRequests();
  const ended: string[] = [];
  open.add(() => ended.push('first'));
  const forget = open.add(() => ended.push('forgotten'));
  forget();
  expect(open.size).toBe(1);
  open.closeAll();
  open.closeAll();
  expect(ended).toEqual(['first']);
  open.add(() => ended.push('late'))();
  expect(ended).toEqual(['first', 'late']);
  expect(open.size).toBe(0);
});
