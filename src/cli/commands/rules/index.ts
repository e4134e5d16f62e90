import type { Command } from '../../command.ts';
import { apply } from './apply.ts';
import { blame } from './blame.ts';
import { exportFiles } from './export.ts';
import { lint } from './lint.ts';
import { plan } from './plan.ts';

export const commands: readonly Command[] = [exportFiles, lint, plan, apply, blame];
