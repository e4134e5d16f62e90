import { UsageError } from '../domain/errors.ts';
import type { Command } from './command.ts';
import { flag, option, readText } from './parameters.ts';

/** For a change of rules that may touch decided sales. */
export const retroactiveParameters = {
  retroactive: flag('--retroactive', 'for decided sales too: a second person approves, then the differences post'),
  reason: option('--reason <text>', 'with --retroactive: why, for whoever approves'),
};

/** Makes a command ask a second person for what it does at once otherwise, where it is typed with --retroactive. */
export function orRetroactive(says: Command, asks: Command): Command {
  return {
    ...says,
    async run(invocation, input) {
      const { retroactive, reason } = input;
      if (retroactive !== true) {
        if (reason === undefined) return await says.run(invocation, input);
        throw new UsageError('reason_unasked', '--reason is for whoever approves, and nobody has to', {
          hint: 'with --retroactive a second person does; --note of `rule set` is for the record',
        });
      }
      if (reason !== undefined) return await asks.run(invocation, input);
      if (invocation.asker === null) {
        throw new UsageError('missing_input', 'missing: --reason <text>', {
          hint: 'whoever approves wants to know why',
          details: { missing: ['--reason'] },
        });
      }
      const told = await invocation.asker.text({ message: 'Why, for whoever approves?', check: isBlank });
      return await asks.run(invocation, { ...input, reason: readText(told, '--reason') });
    },
  };
}

function isBlank(text: string): string | null {
  return text.trim() === '' ? 'a reason, please' : null;
}
