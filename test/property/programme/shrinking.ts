import type { Programme, Step } from './words.ts';

const LISTS = ['steps', 'rules', 'slots', 'parents', 'shareCaps', 'tiers', 'sales', 'agreements', 'accounts'] as const;

/** The smallest programme found that still fails: takes away whatever may go, in halves, then one by one. */
export function shrunk(programme: Programme, fails: (smaller: Programme) => boolean): Programme {
  let smallest = programme;
  for (let before = -1; before !== sizeOf(smallest);) {
    before = sizeOf(smallest);
    for (const list of LISTS) {
      for (let size = Math.ceil(smallest[list].length / 2); size >= 1; size = Math.floor(size / 2)) {
        for (let at = 0; at < smallest[list].length;) {
          const rest = [...smallest[list].slice(0, at), ...smallest[list].slice(at + size)];
          const smaller = withoutLooseEnds({ ...smallest, [list]: rest });
          if (stillFails(smaller, fails)) smallest = smaller;
          else at += size;
        }
      }
    }
  }
  return smallest;
}

function sizeOf(programme: Programme): number {
  return LISTS.reduce((size, list) => size + programme[list].length, 0);
}

/** One that cannot even be decided is no smaller example. */
function stillFails(smaller: Programme, fails: (smaller: Programme) => boolean): boolean {
  try {
    return fails(smaller);
  } catch {
    return false;
  }
}

/** Acts upon events that are no more go with them. */
function withoutLooseEnds(programme: Programme): Programme {
  const ids = programme.steps.map(({ id }) => id);
  const steps = programme.steps.filter((step): boolean => {
    if (step.kind === 'void') return ids.includes(step.voids);
    return !('event' in step) || step.event === null || ids.includes(step.event);
  });
  return { ...programme, steps };
}

/** A programme to read: one line for each thing it holds, without what is null. */
export function written({ seed, ...lists }: Programme): string {
  const oneLine = (value: unknown): string =>
    JSON.stringify(value, (_key, one: unknown) => {
      if (typeof one === 'bigint') return Number(one);
      return one === null || one === false ? undefined : one;
    }).replaceAll('"', '');
  const blocks = Object.entries(lists)
    .filter(([name, list]) => name !== 'rates' && list.length > 0)
    .map(([name, list]) => [name, ...(list as readonly (Step | object | string)[]).map((one) => `  ${oneLine(one)}`)]);
  return [`seed ${seed}`, ...blocks.flat()].join('\n');
}
