/** A monitor that does not answer by then is not waited for. */
const PATIENCE_MS = 10_000;

/**
 * Calls a monitor's URL, by GET, which every one of them understands: a dead man's switch, which rings when it is not called.
 * Returns why it could not be called, or null; it is no reason to fail. Of the URL, which is a secret, nothing is said.
 */
export async function ping(url: string): Promise<string | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS), redirect: 'follow' });
    await answer.body?.cancel();
    return answer.ok ? null : `the monitor at ping_url answered ${answer.status}`;
  } catch (error) {
    const { name, cause } = error as Error;
    const code = (cause as { code?: unknown } | undefined)?.code;
    return `the monitor at ping_url did not answer (${typeof code === 'string' ? code : name})`;
  }
}
