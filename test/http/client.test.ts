/** Where a request comes from: the forms of an address, and what is kept of the user agent. */
import { describe, expect, it } from 'vitest';
import { clientAddress, isLoopback, normalAddress } from '../../src/http/client.ts';
import { start } from './support.ts';

describe('the client address', () => {
  it.each([
    ['192.168.1.7', '192.168.1.7'],
    ['::ffff:192.168.1.7', '192.168.1.7'],
    ['::FFFF:10.0.0.1', '10.0.0.1'],
    ['FE80::1%eth0', 'fe80::1'],
    ['::1', '::1'],
    ['::ffff:7f00:1', '::ffff:7f00:1'],
  ])('writes %s as %s', (address, normal) => {
    expect(normalAddress(address)).toBe(normal);
    expect(normal.length).toBeLessThanOrEqual(45);
  });

  it('is null once the socket is gone', () => {
    const req = { socket: { remoteAddress: undefined } } as unknown as Parameters<typeof clientAddress>[0];
    expect(clientAddress(req)).toBeNull();
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.9.10', true],
    ['::1', true],
    ['128.0.0.1', false],
    ['10.127.0.0', false],
    ['fe80::1', false],
    [null, false],
  ])('knows whether %s is this machine', (address, local) => {
    expect(isLoopback(address)).toBe(local);
  });
});

describe('the actor of a command', () => {
  it('is the signed-in person at the address of the socket, whatever the headers say', async () => {
    const world = await start();
    const headers = {
      'user-agent': 'u'.repeat(1000),
      'x-forwarded-for': '6.6.6.6',
      forwarded: 'for=6.6.6.6',
    };
    await world.post('/claws/claw-1/strike', undefined, { headers });
    expect(world.commands.requests[0]?.actor).toEqual({
      userId: 'player-1',
      userEmail: 'player-1@example.test',
      ipAddress: '127.0.0.1',
      userAgent: 'u'.repeat(256),
    });
  });
});
