/** Somebody who uses the gateway over HTTP: requests with a bearer token, the stream of states, waiting by it. */

import { type StreamedState, streamedStates } from '../../scripts/support/state-stream.ts';

/** Fields of an answer, read loosely: a missing one is undefined and fails the assertion that wants it. */
export type Json = { readonly [name: string]: Json } & string;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Whatever JSON came; the assertions say what it must be. */
  readonly body: Json;
}

export class Client {
  readonly url: string;
  readonly token: string | null;

  constructor(url: string, token: string | null) {
    this.url = url;
    this.token = token;
  }

  static async signIn(url: string, email: string, password: string): Promise<Client> {
    const answer = await new Client(url, null).post('/auth/sign-in/email', { email, password });
    const token = answer.headers.get('set-auth-token');
    if (token === null) throw new Error(`no token: ${answer.status} ${JSON.stringify(answer.body)}`);
    return new Client(url, token);
  }

  get(path: string): Promise<Answer> {
    return this.#call('GET', path, undefined, {});
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#call('POST', path, body, headers);
  }

  /** A command whose outcome is waited for. */
  command(verb: string, body: unknown = {}, headers: Record<string, string> = {}): Promise<Answer> {
    return this.post(`/claws/claw-1/${verb}`, body, { prefer: 'wait=15', ...headers });
  }

  /** The first state, now or later, that fits; from the gateway's own stream. */
  async whenState(fits: (state: StreamedState) => boolean): Promise<StreamedState> {
    const leave = new AbortController();
    try {
      for await (const state of streamedStates(this.url, this.token, leave.signal))
        if (fits(state)) return state;
    } finally {
      leave.abort();
    }
    throw new Error('the stream of states ended');
  }

  /** The command once its outcome is known. */
  async whenSettled(path: string): Promise<Answer> {
    for (;;) {
      const answer = await this.get(path);
      if (answer.status !== 200 || answer.body.status !== 'pending') return answer;
      // The outcome comes with a change of state or soon after one; each look at the stream is one round trip.
      await this.whenState(() => true);
    }
  }

  #auth(): Record<string, string> {
    return this.token === null ? {} : { authorization: `Bearer ${this.token}` };
  }

  async #call(method: string, path: string, body: unknown, extra: Record<string, string>): Promise<Answer> {
    const json = body === undefined ? {} : { 'content-type': 'application/json' };
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: { ...this.#auth(), ...json, ...extra },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }
}
