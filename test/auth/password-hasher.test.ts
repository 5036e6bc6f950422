/** Password hashes: argon2id with the parameters of the house, one at a time, and few that wait. */
import { describe, expect, it } from 'vitest';
import { HasherOverloaded, PasswordHasher } from '../../src/auth/password-hasher.ts';

describe('a hash', () => {
  it('is argon2id with 19 MiB, two passes and one lane, and differs each time', async () => {
    const hasher = new PasswordHasher();
    const first = await hasher.hash('a password');
    expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
    expect(await hasher.hash('a password')).not.toBe(first);
  });

  it('is the hash of its password only', async () => {
    const hasher = new PasswordHasher();
    const made = await hasher.hash('a pässword ✓');
    expect(await hasher.verify(made, 'a pässword ✓')).toBe(true);
    expect(await hasher.verify(made, 'a password ✓')).toBe(false);
    expect(await hasher.verify(made, '')).toBe(false);
  });
});

describe('a crowd', () => {
  it('is refused beyond the bound, and the rest is served', async () => {
    const hasher = new PasswordHasher();
    const results = await Promise.allSettled(Array.from({ length: 40 }, () => hasher.hash('a password')));
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused).toHaveLength(8);
    for (const { reason } of refused) expect(reason).toBeInstanceOf(HasherOverloaded);
    expect(await hasher.hash('afterwards')).toMatch(/^\$argon2id/);
  });

  it('is not stopped by one that fails', async () => {
    const hasher = new PasswordHasher();
    const failing = hasher.verify('no hash at all', 'a password');
    const next = hasher.hash('a password');
    await expect(failing).rejects.toThrow();
    expect(await next).toMatch(/^\$argon2id/);
  });
});
