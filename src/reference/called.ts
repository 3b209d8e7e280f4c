/** How a call ended, for those that make calls for somebody else: the MCP server and the command line. */

export type Called = { ok: true; answer: Record<string, unknown> } | { ok: false; code: string; text: string };

/** Reads the body of an answer. */
export function readAnswer(body: string): Called {
  const answer = parse(body);
  if (!answer) return { ok: false, code: 'NO_ANSWER', text: 'The answer is not JSON: is this the address of a portal?' };
  if (answer['error'] === undefined) return { ok: true, answer };
  return { ok: false, code: String(answer['error']), text: String(answer['error_description'] ?? '') };
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body) as unknown;
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const TIMEOUT_MS = 60_000;

/** Calls a method over HTTP. Never follows a redirect, which would hand the webhook to somebody else. */
export async function callOverHttp(address: string, params: Readonly<Record<string, unknown>>): Promise<Called> {
  try {
    const response = await fetch(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(params),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return readAnswer(await response.text());
  } catch (failure) {
    const cause = Error.isError(failure) ? (Error.isError(failure.cause) ? failure.cause : failure) : new Error(String(failure));
    return { ok: false, code: 'NO_ANSWER', text: `${new URL(address).origin} does not answer: ${cause.message || String((cause as NodeJS.ErrnoException).code)}` };
  }
}
