/**
 * Where a request comes from, as the audit log keeps it. The address is the socket's own: no forwarding header is
 * believed, because anybody on the LAN can write one.
 */
import type { Request } from 'express';
import type { Actor } from '../domain/audit-event.ts';
import type { Principal } from '../domain/ports.ts';

const USER_AGENT_CHARS_MAX = 256;

/** An address in its one form: IPv4 inside IPv6 as IPv4, without the zone of a link-local address. */
export function normalAddress(address: string): string {
  const bare = address.split('%', 1)[0] ?? address;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bare)?.[1] ?? bare.toLowerCase();
}

/** The peer's address; null when the socket is already gone. */
export function clientAddress(req: Pick<Request, 'socket'>): string | null {
  const address = req.socket.remoteAddress;
  return address === undefined ? null : normalAddress(address);
}

/** Whether the address is this machine's own. */
export function isLoopback(address: string | null): boolean {
  return address !== null && (address === '::1' || /^127\.\d+\.\d+\.\d+$/.test(address));
}

/** Who asks, and from where; `principal` is null where nobody is signed in yet. */
export function actorOf(req: Request, principal: Principal | null): Actor {
  return {
    userId: principal?.userId ?? null,
    userEmail: principal?.email ?? null,
    ipAddress: clientAddress(req),
    userAgent: req.headers['user-agent']?.slice(0, USER_AGENT_CHARS_MAX) ?? null,
  };
}
