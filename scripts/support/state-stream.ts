/** Follows the gateway's stream of states (server-sent events) as its own objects; for the demo and the tests. */

/** As much of a state as is looked at here. */
export interface StreamedState {
  readonly state: string;
  readonly link: string;
  readonly linkReason: string | null;
  readonly simulated: boolean | null;
  readonly homed: boolean;
  readonly commandId: string | null;
  readonly position: { readonly x: number; readonly y: number; readonly z: number } | null;
  readonly meters: { readonly coins: number; readonly prizes: number } | null;
}

const DATA = 'data: ';

/** States as they come, the newest known at once. Ends with the stream; throws what `fetch` throws, also on abort. */
export async function* streamedStates(
  url: string,
  token: string | null,
  signal?: AbortSignal,
): AsyncGenerator<StreamedState> {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/claws/claw-1/events`, { headers, signal: signal ?? null });
  let text = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk;
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) {
      if (line.startsWith(DATA)) yield JSON.parse(line.slice(DATA.length)) as StreamedState;
    }
  }
}
