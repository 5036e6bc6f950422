/** Roles: each has all rights of the one before it, and nothing else is a role. */
import { expect, it } from 'vitest';
import { isRole, ROLES, roleAllows } from '../../src/domain/roles.ts';

it('are a ladder', () => {
  expect(ROLES.map((held) => ROLES.filter((wanted) => roleAllows(held, wanted)).length)).toEqual([
    1, 2, 3, 4,
  ]);
});

it('are a closed set', () => {
  expect(ROLES.every(isRole)).toBe(true);
  for (const other of ['', 'user', 'Admin', 'admin,player', null, 1]) expect(isRole(other)).toBe(false);
});
