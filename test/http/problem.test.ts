/** The shape of errors, and that nothing of the inside gets out with one. */
import { describe, expect, it } from 'vitest';
import { PROBLEMS, type ProblemCode, problemDetails } from '../../src/domain/problems.ts';
import { problemOf, start } from './support.ts';

const CODES = Object.keys(PROBLEMS) as ProblemCode[];

describe('problem details', () => {
  it.each(CODES)('has one status and sentence for %s', (code) => {
    expect(problemDetails(code, '/claws')).toEqual({
      type: `urn:problem:claw-gateway:${code}`,
      title: PROBLEMS[code].title,
      status: PROBLEMS[code].status,
      detail: PROBLEMS[code].title,
      instance: '/claws',
      code,
      mayRetry: PROBLEMS[code].mayRetry,
    });
  });

  it('does not echo very long paths', () => {
    expect(problemDetails('not_found', `/${'x'.repeat(300)}`)).not.toHaveProperty('instance');
  });

  it('leaves the query out of the instance', async () => {
    const world = await start();
    const details = await problemOf(await world.ask('/nowhere?token=secret'));
    expect(details).toMatchObject({ code: 'not_found', instance: '/nowhere' });
  });

  it('carries Retry-After on 503 and WWW-Authenticate on 401', async () => {
    const world = await start();
    const nobody = await world.ask('/me', {}, null);
    expect(nobody.status).toBe(401);
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer');
    world.principals.down = true;
    const down = await world.ask('/me');
    expect(down.status).toBe(503);
    expect(down.headers.get('retry-after')).toMatch(/^\d+$/);
  });
});

describe('an error inside', () => {
  it('is told as a code to the caller and in full to the log', async () => {
    const world = await start();
    world.commands.answer = async () => {
      throw new Error('the password is hunter2');
    };
    const response = await world.post('/claws/claw-1/strike');
    const text = await response.clone().text();
    expect(await problemOf(response)).toMatchObject({ code: 'internal', status: 500 });
    expect(text).not.toMatch(/hunter2|node_modules|\.ts:|\bat /);
    expect(world.log.lines).toHaveLength(1);
    expect(world.log.lines[0]).toMatchObject({
      level: 'error',
      fields: { reason: 'the password is hunter2' },
    });
  });

  it('is told alike when what was thrown is no error', async () => {
    const world = await start({
      health: () => {
        throw 'a string';
      },
    });
    expect(await problemOf(await world.ask('/health'))).toMatchObject({ code: 'internal' });
    expect(world.log.lines[0]).toMatchObject({ fields: { reason: 'a string' } });
  });

  it('cuts an answer that had begun, so that half of it does not look whole', async () => {
    const world = await start({
      authHandler: async (_req, res) => {
        res.writeHead(200, { 'Content-Length': '100' });
        res.write('half');
        throw new Error('broken');
      },
    });
    await expect(world.ask('/auth/x').then((response) => response.text())).rejects.toThrow();
    expect(world.log.lines).toHaveLength(1);
  });
});
