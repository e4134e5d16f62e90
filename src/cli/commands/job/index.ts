import type { Command } from '../../command.ts';
import { history, show } from './history.ts';
import { list } from './list.ts';
import { resume } from './resume.ts';
import { runDueCommand } from './run-due.ts';
import { run } from './run.ts';

export const commands: readonly Command[] = [list, run, runDueCommand, history, show, resume];
