/** The memory of principals: short, bounded, emptied at once, and never the reason why somebody gets in. */
import { describe, expect, it } from 'vitest';
import type { SessionFacts } from '../../src/auth/accounts.ts';
import { CachedPrincipals } from '../../src/auth/principals.ts';
import { keptLog } from '../audit/support.ts';

const FACTS: SessionFacts = {
  userId: 'u',
  email: 'p@example.org',
  name: 'P',
  role: 'player',
  banned: false,
  expiresAtWallMs: 1_000_000,
};
const PRINCIPAL = { userId: 'u', email: 'p@example.org', name: 'P', role: 'player' };

function makePrincipals(options: { entriesMax?: number; lifeMs?: number } = {}) {
  const time = { monotonicMs: 0, wallMs: 0 };
  const asked: string[] = [];
  const timers = new Set<() => void>();
  const state: { facts: SessionFacts | null; answer: () => Promise<SessionFacts | null> } = {
    facts: FACTS,
    answer: async () => state.facts,
  };
  const log = keptLog();
  const principals = new CachedPrincipals({
    findSession(headers) {
      asked.push(headers.get('authorization') ?? headers.get('cookie') ?? '');
      return state.answer();
    },
    clock: {
      monotonicMs: () => time.monotonicMs,
      wallMs: () => time.wallMs,
      after(_delayMs, action) {
        timers.add(action);
        return () => void timers.delete(action);
      },
    },
    log,
    ...options,
  });
  const ask = (token = 'Bearer a') => principals.identify({ authorization: token });
  const askForStop = (token = 'Bearer a') => principals.identifyForStop({ authorization: token });
  return { principals, ask, askForStop, asked, state, time, timers, log };
}

describe('identify', () => {
  it('asks once, remembers for its life, then asks again', async () => {
    const { ask, asked, time } = makePrincipals({ lifeMs: 100 });
    expect(await ask()).toEqual(PRINCIPAL);
    time.monotonicMs = 99;
    time.wallMs = -1e12;
    expect(await ask()).toEqual(PRINCIPAL);
    expect(asked).toHaveLength(1);
    time.monotonicMs = 100;
    await ask();
    expect(asked).toHaveLength(2);
  });

  it('does not remember beyond the end of the session', async () => {
    const { ask, asked, state, time } = makePrincipals({ lifeMs: 100 });
    state.facts = { ...FACTS, expiresAtWallMs: 30 };
    await ask();
    time.monotonicMs = 30;
    await ask();
    expect(asked).toHaveLength(2);
  });

  it('asks nobody when there is no credential, and passes on nothing but credentials', async () => {
    const { principals, asked, state } = makePrincipals();
    const seen: string[][] = [];
    state.answer = async () => null;
    expect(await principals.identify({ host: 'x', cookie: '' })).toBeNull();
    expect(asked).toEqual([]);
    const spying = new CachedPrincipals({
      findSession: async (headers) => {
        seen.push([...headers.keys()]);
        return null;
      },
      clock: { monotonicMs: () => 0, wallMs: () => 0, after: () => () => {} },
      log: keptLog(),
    });
    await spying.identify({
      host: 'x',
      cookie: 'a=b',
      authorization: 'Bearer c',
      'x-forwarded-for': '1.2.3.4',
    });
    expect(seen).toEqual([['authorization', 'cookie']]);
  });

  it('tells cookies and tokens apart even where they read the same', async () => {
    const { principals, asked } = makePrincipals();
    await principals.identify({ authorization: 'x' });
    await principals.identify({ cookie: 'x' });
    expect(asked).toHaveLength(2);
  });

  it('remembers nobody who is not there', async () => {
    const { ask, asked, state } = makePrincipals();
    state.facts = null;
    expect(await ask()).toBeNull();
    state.facts = FACTS;
    expect(await ask()).toEqual(PRINCIPAL);
    expect(asked).toHaveLength(2);
  });

  it.each([
    ['banned', { banned: true }],
    ['of no role', { role: null }],
    ['of a role that is none', { role: 'player,admin' }],
  ])('knows nobody who is %s', async (_, changed) => {
    const { ask, state } = makePrincipals();
    state.facts = { ...FACTS, ...changed };
    expect(await ask()).toBeNull();
  });

  it('asks once for many who ask at the same time', async () => {
    const { ask, asked } = makePrincipals();
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers).toEqual([PRINCIPAL, PRINCIPAL, PRINCIPAL]);
    expect(asked).toHaveLength(1);
  });

  it('says unavailable when nobody can say, logs no message, and asks again', async () => {
    const { ask, state, log } = makePrincipals();
    state.answer = () => Promise.reject(new Error('Failed query … params: secret-token'));
    expect(await ask()).toBe('unavailable');
    expect(log.lines.join()).not.toContain('secret-token');
    state.answer = async () => FACTS;
    expect(await ask()).toEqual(PRINCIPAL);
  });

  it('keeps a bounded number of people, the newest', async () => {
    const { ask, asked } = makePrincipals({ entriesMax: 2 });
    for (const token of ['a', 'b', 'c']) await ask(token);
    await ask('c');
    await ask('b');
    expect(asked).toEqual(['a', 'b', 'c']);
    await ask('a');
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });

  it('has a bounded number of look-ups under way', async () => {
    const { ask, state } = makePrincipals();
    const gate = Promise.withResolvers<SessionFacts | null>();
    state.answer = () => gate.promise;
    const waiting = Array.from({ length: 256 }, (_, n) => ask(`token ${n}`));
    expect(await ask('one more')).toBe('unavailable');
    gate.resolve(FACTS);
    expect(await Promise.all(waiting)).toEqual(waiting.map(() => PRINCIPAL));
    expect(await ask('one more')).toEqual(PRINCIPAL);
  });
});

describe('clear', () => {
  it('forgets at once', async () => {
    const { principals, ask, state } = makePrincipals();
    await ask();
    state.facts = { ...FACTS, role: 'operator' };
    principals.clear();
    expect(await ask()).toMatchObject({ role: 'operator' });
  });

  it('keeps what was looked up before it from being remembered, and from being joined', async () => {
    const { principals, ask, asked, state } = makePrincipals();
    const old = Promise.withResolvers<SessionFacts | null>();
    state.answer = () => old.promise;
    const early = ask();
    principals.clear();
    state.answer = async () => null;
    expect(await ask()).toBeNull();
    old.resolve(FACTS);
    expect(await early).toEqual(PRINCIPAL);
    expect(await ask()).toBeNull();
    expect(asked).toHaveLength(3);
  });
});

describe('identifyForStop', () => {
  it('believes the last known while the database is away, and nobody else', async () => {
    const { principals, ask, askForStop, state, time } = makePrincipals({ lifeMs: 100 });
    await ask();
    time.monotonicMs = 1_000_000;
    // Any stranger can have the memory emptied by asking for an account route.
    principals.clear();
    state.answer = () => Promise.reject(new Error('disk full'));
    expect(await ask()).toBe('unavailable');
    expect(await askForStop()).toEqual(PRINCIPAL);
    expect(await askForStop('Bearer b')).toBe('unavailable');
  });

  it('does not wait for a disk that hangs', async () => {
    const { ask, askForStop, state, time, timers } = makePrincipals({ lifeMs: 100 });
    await ask();
    time.monotonicMs = 1_000_000;
    state.answer = () => new Promise(() => {});
    const answer = askForStop();
    for (const action of timers) action();
    expect(await answer).toEqual(PRINCIPAL);
  });

  it('knows nobody any more whose session has ended', async () => {
    const { ask, askForStop, state, time, timers } = makePrincipals({ lifeMs: 100 });
    await ask();
    time.monotonicMs = 1_000_000;
    state.facts = null;
    expect(await askForStop()).toBeNull();
    expect(timers.size).toBe(0);
    state.answer = () => Promise.reject(new Error('disk full'));
    expect(await askForStop()).toBe('unavailable');
  });
});
