/** How a worker of a test and the test talk: an order on stdin, a line of JSON on stdout for whatever happens. */
export const say = (word: string, rest: object = {}): boolean =>
  process.stdout.write(`${JSON.stringify({ word, ...rest })}\n`);

/** The one order; nothing keeps the process alive for more. */
export async function readOrder<Order>(): Promise<Order> {
  return await new Promise((resolve) => {
    let text = '';
    process.stdin.on('data', (data: Buffer) => {
      text += data.toString('utf8');
      if (text.endsWith('\n')) {
        process.stdin.pause();
        process.stdin.unref?.();
        resolve(JSON.parse(text) as Order);
      }
    });
  });
}
