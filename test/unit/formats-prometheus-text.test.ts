import { expect, it } from 'vitest';
import { prometheusText } from '../../src/formats/prometheus-text.ts';

it('writes families with their samples, labels quoted, and leaves out what has none', () => {
  const text = prometheusText([
    { name: 'a_seconds', help: 'Of a \\ and\nb.', samples: [{ labels: { job: 'x "y"\\\n' }, value: 1.5 }] },
    { name: 'nothing', help: 'None.', samples: [] },
    { name: 'bare', help: 'Bare.', samples: [{ labels: {}, value: 0 }] },
  ]);
  expect(text).toBe(
    [
      String.raw`# HELP a_seconds Of a \\ and\nb.`,
      '# TYPE a_seconds gauge',
      String.raw`a_seconds{job="x \"y\"\\\n"} 1.5`,
      '# HELP bare Bare.',
      '# TYPE bare gauge',
      'bare 0',
      '',
    ].join('\n'),
  );
});
