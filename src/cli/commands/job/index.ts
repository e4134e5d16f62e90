import type { Command } from '../../command.ts';
import { history, show } from './history.ts';
import { install } from './install.ts';
import { list } from './list.ts';
import { resume } from './resume.ts';
import { runDueCommand } from './run-due.ts';
import { run } from './run.ts';
import { start } from './start.ts';

export const commands: readonly Command[] = [list, run, runDueCommand, start, history, show, resume, install];
